"""`sonla …`: reads the arguments, calls one function, prints; nothing else.

Only the standard library and the words are imported here, so that `sonla --help` is quick.
Exit codes: 0 all done; 1 something failed or must be corrected; 2 wrong usage. Results go to
standard output, progress and refusals to standard error.
"""

import argparse
import re
import sys
from functools import partial
from itertools import pairwise
from pathlib import Path

from sonla_analysis.language.phrases import has, message, phrase
from sonla_analysis.language.refusals import SonlaError, UsageError
from sonla_analysis.language.vietnamese import nearest, refuse

LANGUAGES = ("vi", "en")
_DIGITS = 18  # of a whole number; no seed, count or limit needs more


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    language = _language(arguments)
    _speak_utf8()
    try:
        return _run(arguments, language)
    except SonlaError as error:
        print(error.text(language), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(phrase("usage.stopped", language), file=sys.stderr)
        return 130
    except BrokenPipeError:  # `sonla plan | head`
        sys.stdout = None
        return 0


def _run(arguments: list[str], language: str) -> int:
    name = arguments[0] if arguments else "--help"
    if name in ("-h", "--help", "--language"):
        print(_help(language))
        return 0 if arguments else 2
    if name == "--version":
        from sonla_analysis import __version__

        print(__version__)
        return 0
    if name not in COMMANDS:
        raise UsageError(refuse("command", name, COMMANDS))
    options = _Parser(name, language).read(arguments[1:])
    if options.language not in LANGUAGES:
        raise UsageError(refuse("language", options.language, LANGUAGES))
    return COMMANDS[name][0](options)


# --- the commands ------------------------------------------------------------------------

# of the one report of a run: who signs it, when, under which number
_LETTERHEAD = ("number", "date", "place", "signer", "position", "recipients")


def _report(options) -> int:
    from sonla_analysis.batch.run import report
    from sonla_analysis.definitions.folders import working_folder

    options.office = working_folder()
    _in_working_folder(options)
    given = _given(options)
    if letterhead := {name: given.pop(name) for name in _LETTERHEAD if name in given}:
        given["letterhead"] = letterhead
    outcome = report(given.pop("data", None), **given, progress=sys.stderr)
    _say_if_sample(options)
    try:
        print(outcome.sentence, flush=True)
    except OSError:  # nobody is there to read it: the terminal was closed
        sys.stdout = None
    return outcome.exit_code


def _given(options) -> dict:
    """Return what was asked for, by name."""
    return {name: value for name, value in vars(options).items() if value is not None}


def _in_working_folder(options, **places: str) -> None:
    """Take what is not given, data and plan, from the office's working folder one stands in."""
    from sonla_analysis.definitions.folders import working_folder

    folder = working_folder()
    for name, own in (places or {"data": "data", "plan": "plan.toml"}).items():
        if folder and getattr(options, name, "") is None:
            setattr(options, name, str(folder / own))
            if name == "data" and not any((folder / own).glob("unit_counts*")):
                raise UsageError(message("start.no_data"))


def _say_if_sample(options) -> None:
    """Say that the data looked at are those of the package: somebody may stand one folder off."""
    if options.data is None:
        print(phrase("usage.sample_used", options.language), file=sys.stderr)


def _check(options) -> int:
    from sonla_analysis.definitions.folders import locate
    from sonla_analysis.definitions.units import shipped_units
    from sonla_analysis.indicators.checks import check_data
    from sonla_analysis.intake.form_arithmetic import check_forms, holds_forms
    from sonla_analysis.sentences.listing import findings_listing

    _in_working_folder(options)
    data = options.data or locate(None)
    _say_if_sample(options)
    if holds_forms(data):
        findings, units = check_forms(data), shipped_units().set_index("code")
    else:
        findings, units = check_data(data, options.plan or "kh159_2020")
    print(findings_listing(findings, units, data, options.language))
    return int(any(one.severity == "error" for one in findings))


def _worklist(options) -> int:
    from sonla_analysis.batch.worklists import write_worklists

    _in_working_folder(options)
    outcome = write_worklists(**_given(options))
    _say_if_sample(options)
    print(outcome.sentence)
    return outcome.exit_code


def _intake(options) -> int:
    from sonla_analysis.definitions.folders import working_folder
    from sonla_analysis.intake.run import intake_listing, run_intake
    from sonla_analysis.sentences.listing import findings_listing

    folder = working_folder()
    _in_working_folder(options, inbox="inbox", out="data", plan="plan.toml")
    if folder and options.units is None and (folder / "units.csv").is_file():
        options.units = str(folder / "units.csv")
    if options.inbox is None or options.out is None:
        raise UsageError(message("intake.where"))
    inbox, plan = Path(options.inbox), options.plan or "kh159_2020"
    done = run_intake(inbox, Path(options.out), plan, options.units, folder)
    taken = done.taken
    print(findings_listing(taken.findings, taken.in_force, inbox, options.language))
    print("", intake_listing(done, inbox, options.language), sep="\n")
    return int(bool(taken.questions) or any(one.severity == "error" for one in taken.findings))


def _why(options) -> int:
    from sonla_analysis.batch.published import earlier_figures, publish
    from sonla_analysis.batch.request import asked_review
    from sonla_analysis.definitions.folders import locate
    from sonla_analysis.sentences.why import figure_named, why_listing

    _in_working_folder(options)
    review = asked_review(options)
    reports = Path("reports") / review.as_of
    publish(review.data, earlier_figures(reports, review.as_of, str(locate(options.data))))
    figure = figure_named(review.plan, options.figure)
    _say_if_sample(options)
    print(why_listing(review, figure))
    return 0


def _plan(options) -> int:
    from sonla_analysis.definitions.plan import load_plan
    from sonla_analysis.sentences.listing import plan_listing, plan_page

    _in_working_folder(options)
    plan = load_plan(options.plan or "kh159_2020")
    print(plan_page(plan) if options.markdown else plan_listing(plan, options.language))
    return 0


def _sample(options) -> int:
    from sonla_analysis.sample import write_sample

    _check_may_overwrite(Path(options.out))
    given = _given(options)
    language, out = given.pop("language"), given.pop("out")
    folder = write_sample(out, **given)
    print(phrase("usage.written", language, folder=folder))
    return 0


def _check_may_overwrite(folder: Path) -> None:
    """Refuse a folder with data that nobody has marked as synthetic."""
    notice = folder / "README.md"
    marked = notice.is_file() and "SYNTHETIC DATA" in notice.read_text(encoding="utf-8")
    holds_data = any(folder.glob("*.csv")) or any(folder.rglob("*.parquet"))
    if holds_data and not marked:
        raise UsageError(message("usage.not_a_sample", folder=folder))


def _start(options) -> int:
    from sonla_analysis.batch.request import checked_day
    from sonla_analysis.intake.start import start

    options.date = options.date and checked_day(options.date)
    given = _given(options)
    language = given.pop("language")
    folder = start(**given)
    count = len(list((folder / "inbox").iterdir()))
    print(phrase("usage.started", language, folder=folder, n=count))
    return 0


def _units(options) -> int:
    from datetime import date

    from sonla_analysis.batch.request import checked_day
    from sonla_analysis.definitions.folders import working_folder
    from sonla_analysis.definitions.office import load_office
    from sonla_analysis.intake.start import listed_units
    from sonla_analysis.sentences.listing import units_listing

    folder = working_folder()
    day = checked_day(options.as_of or load_office(folder)["as_of"] or date.today())
    units = listed_units(folder and folder / "units.csv")
    print(units_listing(units, day, options.area, options.language))
    return 0


def _dates(options) -> int:
    from sonla_analysis.definitions.folders import locate
    from sonla_analysis.sentences.listing import dates_listing
    from sonla_analysis.tables.input_tables import read_tables

    _in_working_folder(options)
    data = locate(options.data)
    print(dates_listing(read_tables(data, options.plan)[0]["unit_counts"], data, options.language))
    return 0


def _status(options) -> int:
    from sonla_analysis.intake.status import write_status

    print(write_status(options.folder or "", options.as_of or "", language=options.language))
    return 0  # who is late is no failure of the command


def _refresh(options) -> int:
    from sonla_analysis.batch.refresh import refresh, refresh_listing

    _in_working_folder(options)
    done, former = refresh(options.file, options.data, options.as_of, options.plan)
    print(refresh_listing(done, options.file, former, options.language))
    return 0


# --- what each command takes ---------------------------------------------------------------

# command → what it runs, and its arguments as a manual writes them: in brackets what may be left
# out, behind an option what stands for its value, … where it may be repeated
COMMANDS = {
    "start": (
        _start,
        "folder --area=CODE --units=FILE --plan=ID --standard=ID --year=YEAR --date=DATE "
        "--last=DATA",
    ),
    "report": (
        _report,
        "[data] --unit=CODE… --as-of=DATE --plan=ID --page=NAME --to=FORMATS --jobs=N "
        "--scheduler=ADDRESS --out=DIR --force --timeout=S --word-template=FILE --internal "
        "--number=NO --date=DATE --place=PLACE --signer=NAME --position=TITLE --recipients=NAME…",
    ),
    "worklist": (_worklist, "[data] --unit=CODE… --as-of=DATE --plan=ID --out=DIR"),
    "refresh": (_refresh, "file --data=DATA --as-of=DATE --plan=ID"),
    "check": (_check, "[data] --plan=ID"),
    "intake": (_intake, "[inbox] --out=DATA --plan=ID --units=FILE"),
    "status": (_status, "[folder] --as-of=DATE"),
    "why": (_why, "figure [data] --unit=CODE --as-of=DATE --plan=ID"),
    "plan": (_plan, "[plan] --markdown"),
    "units": (_units, "--area=AREA --as-of=DATE"),
    "dates": (_dates, "[data] --plan=ID"),
    "sample": (_sample, "--out=DIR --units=N --seed=S --standard=ID"),
}


def _whole(name: str, text: str) -> int:
    """Return a whole number of 1 or more."""
    digits = text.isascii() and text.isdigit()
    if digits and len(text) > _DIGITS:
        raise UsageError(message("usage.too_large", name=name, found=f"{text[:_DIGITS]}…"))
    if not digits or int(text) < 1:
        raise UsageError(message("usage.whole_number", name=name, found=text))
    return int(text)


def _path(name: str, text: str) -> str:
    """Return a path that the system can look for."""
    from sonla_analysis.batch.request import checked_path

    return checked_path(name, text)


# how a value is read, by what stands for it; as it is written, where nothing is said
_READ = dict.fromkeys(("N", "S", "YEAR"), _whole)
_READ |= dict.fromkeys(("DATA", "DIR", "FILE", "FOLDER", "INBOX", "PLAN"), _path)
# what else argparse is told of an argument
_SETTINGS = {
    "--plan": {"type": _path},
    "--page": {"type": _path},
    "--unit": {"dest": "units"},
    "--to": {"dest": "formats"},
    "--force": {"action": "store_true", "default": None},
    "--markdown": {"action": "store_true"},
    "--internal": {"action": "store_const", "const": "internal", "dest": "edition"},
    "--language": {"default": "vi"},
    "sample --out": {"required": True},
}


# --- reading arguments, in the reader's language -----------------------------------------


class _Parser(argparse.ArgumentParser):
    """The arguments of one command; what is wrong with them is a `UsageError`."""

    def __init__(self, command: str, language: str):
        super().__init__(
            prog=f"sonla {command}",
            description=phrase(f"help.{command}", language),
            formatter_class=lambda prog: _Formatter(prog, language),
            add_help=False,
            allow_abbrev=False,
        )
        self.command, self.language, self.names = command, language, ["-h", "--help"]
        self.arguments = self.add_argument_group(phrase("help.arguments", language))
        self.options = self.add_argument_group(phrase("help.options", language))
        self.options.add_argument(*self.names, action="help", help=phrase("help.help", language))
        for written in ("--language=vi|en", *COMMANDS[command][1].split()):
            self.add(written)

    def add(self, written: str) -> None:
        """Add an argument as `COMMANDS` writes it."""
        name, _, metavar = written.strip("[]").removesuffix("…").partition("=")
        settings = dict(_SETTINGS.get(f"{self.command} {name}") or _SETTINGS.get(name, {}))
        settings["help"] = self.help_of(name.strip("-").replace("-", "_"))
        if "action" not in settings:
            settings["metavar"] = metavar or name.upper()
            if read := settings.get("type") or _READ.get(settings["metavar"]):
                settings["type"] = partial(read, name)
        if written.startswith("["):
            settings["nargs"] = "?"
        if written.endswith("…"):
            settings["action"] = "append"
        if name.startswith("-"):
            self.names.append(name)
            self.options.add_argument(name, **settings)
        else:
            self.arguments.add_argument(name, **settings)

    def help_of(self, name: str) -> str:
        """Return the words for an argument: those of this command, or of all that have it."""
        own, common = f"{self.command}_{name}", f"{name}_id" if name in COMMANDS else name
        return phrase(f"help.{own if has('help', own) else common}", self.language)

    def read(self, arguments: list[str]) -> argparse.Namespace:
        options, others = self.parse_known_args(arguments)
        if others:
            near = nearest(others[0], self.names)
            hint = message("refused.hint", near=near) if near else ""
            words = {"found": others[0], "hint": hint, "command": self.command}
            raise UsageError(message("usage.unknown_argument", **words))
        return options

    def error(self, text: str):
        """Say what argparse found wrong; it calls this with an English sentence."""
        name = re.search(r"^argument (\S+): expected|required: (.+)", text)
        words = {"command": self.command, "detail": text}
        if given := re.search(r"^argument (\S+): ignored explicit argument (.+)", text):
            words |= {"name": given[1], "found": given[2]}
            raise UsageError(message("usage.no_value", **words))
        if name:
            words["name"] = name.group(1) or name.group(2)
        key = "other" if not name else "value_needed" if name.group(1) else "required"
        raise UsageError(message(f"usage.{key}", **words))


class _Formatter(argparse.HelpFormatter):
    """Help whose first word, too, is in the reader's language."""

    def __init__(self, prog: str, language: str):
        super().__init__(prog, max_help_position=26, width=100)
        self.language = language

    def add_usage(self, usage, actions, groups, prefix=None):
        super().add_usage(usage, actions, groups, phrase("help.usage", self.language))


def _help(language: str) -> str:
    commands = [f"  {name:<8} {phrase(f'help.{name}', language)}" for name in COMMANDS]
    return "\n".join(
        [
            phrase("help.usage", language) + "sonla " + " | ".join(COMMANDS) + " …",
            "",
            phrase("help.sonla", language),
            "",
            phrase("help.commands", language) + ":",
            *commands,
            "",
            phrase("help.more", language),
        ]
    )


def _language(arguments: list[str]) -> str:
    """Return the language asked for, also when the arguments are wrong."""
    for option, value in pairwise([*arguments, ""]):
        asked = value if option == "--language" else option.removeprefix("--language=")
        if asked in LANGUAGES and (option == "--language" or option != asked):
            return asked
    return "vi"


def _speak_utf8() -> None:
    """Windows consoles and pipes may have another encoding, without Vietnamese letters."""
    for stream in (sys.stdout, sys.stderr):
        if (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "") != "utf8":
            stream.reconfigure(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
