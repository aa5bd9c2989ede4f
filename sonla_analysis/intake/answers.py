"""What only a person knows, asked once: `answers.toml` of an office's folder."""

import json
import re
from importlib.resources import files
from pathlib import Path

from sonla_analysis.definitions.toml_files import check_keys, parsed, shown
from sonla_analysis.intake.sendings import Question
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import DefinitionError
from sonla_analysis.language.vietnamese import nfc
from sonla_analysis.tables.findings import finding_sentence

ANSWERS = "answers.toml"
SECTIONS = ("unit", "date", "column", "value", "number", "file")


def read_answers(file: Path) -> dict[str, dict[str, str]]:
    """Return the answers given, by section and key; none where there is no file.

    An empty answer is none. Refused with a `DefinitionError` where it is no file of answers.
    """
    if not file.is_file():
        return {}
    content = parsed(file, file.name)
    check_keys(content, set(SECTIONS), file.name, optional=set(SECTIONS))
    answers = {}
    for section, given in content.items():
        for key, value in given.items() if isinstance(given, dict) else [("", [given])]:
            if not isinstance(value, str):
                words = {"where": f"{file.name}: [{section}] {key}", "found": shown(value)}
                raise DefinitionError(message("intake.answer_text", **words))
            if value.strip():
                answers.setdefault(section, {})[nfc(key)] = nfc(value)
    return answers


def _template() -> str:
    return (files("sonla_analysis.intake") / f"templates/{ANSWERS}").read_text(encoding="utf-8")


def add_questions(file: Path, questions: list[Question]) -> None:
    """Write the questions that stand open into the file, each once, below what stands there.

    Nothing that somebody wrote is changed: a question is a line `key = ""` to be filled in, under a
    comment that says what is asked.
    """
    text = file.read_text(encoding="utf-8-sig") if file.is_file() else _template()
    for one in questions:
        line = f'{json.dumps(one.key, ensure_ascii=False)} = ""'
        if not (section := _section(one.section, text)):
            text = f"{text.rstrip()}\n\n[{one.section}]\n"
            section = _section(one.section, text)
        if re.search(rf"^\s*{re.escape(line[:-3])}", section[1], re.MULTILINE):
            continue
        asked = f"# {finding_sentence(one.finding, 'vi')}".replace("\n", " ")
        allowed = "".join(f"\n#   {candidate}" for candidate in one.candidates)
        text = f"{text[: section.start(1)]}\n{asked}{allowed}\n{line}{text[section.start(1) :]}"
    file.write_text(text, encoding="utf-8")


def _section(name: str, text: str) -> re.Match | None:
    """Return where a section stands; its first group is what stands below its heading."""
    pattern = rf"^\[{name}\][^\n]*(.*?)(?=^\[|\Z)"
    return re.search(pattern, text, re.MULTILINE | re.DOTALL)
