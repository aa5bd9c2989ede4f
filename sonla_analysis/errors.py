"""What went wrong, said once: the rule, what was found, what is allowed."""


class SonlaError(Exception):
    """Input or usage that is refused; its text is one sentence for the reader.

    ``exit_code`` is what the command line ends with: 1 when data must be
    corrected or something failed, 2 when the call or a definition is wrong.
    """

    exit_code = 1


class UsageError(SonlaError):
    """A wrong call: an unknown unit, date, format or parameter."""

    exit_code = 2


class DefinitionError(SonlaError):
    """A plan, standard or unit file that breaks its rules."""

    exit_code = 2
