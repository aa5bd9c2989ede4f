"""What went wrong, said once: the rule, what was found, what is allowed."""

import sys


class Message(str):
    """An English sentence that also stands in Vietnamese, as `vi` (`words.message` makes one)."""

    vi: str


class SonlaError(Exception):
    """Input or usage that is refused; its text is one sentence for the reader.

    ``exit_code`` is what the command line ends with: 1 when data must be
    corrected or something failed, 2 when the call or a definition is wrong.
    """

    exit_code = 1

    def text(self, language: str = "en") -> str:
        """Return the sentence; in English where nobody has said it in Vietnamese.

        >>> SonlaError("no such file").text("vi")
        'no such file'
        """
        said = self.args[0] if self.args else type(self).__name__
        return str(getattr(said, "vi", said)) if language == "vi" else str(said)

    def __str__(self) -> str:
        return self.text("en")

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows instead of a traceback: the sentence, in its language."""
        language = getattr(sys.modules.get("__main__"), "language", "vi")
        return [self.text("en" if language == "en" else "vi")]


class UsageError(SonlaError):
    """A wrong call: an unknown unit, date, format or parameter."""

    exit_code = 2


class DefinitionError(SonlaError):
    """A plan, standard or unit file that breaks its rules."""

    exit_code = 2
