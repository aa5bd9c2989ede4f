"""Does a written file open? The one check of a batch; that it says what its record says is tested.

Every figure of every format against its record: tests/test_office.py.
"""

import zipfile
from pathlib import Path
from xml.etree import ElementTree

from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import Message

_MAIN = {".docx": "word/document.xml", ".xlsx": "xl/workbook.xml"}


def unopened(folder: str | Path) -> list[Message]:
    """Return what is wrong with the files of a report, one sentence each; empty when all open."""
    found = []
    for path in sorted(Path(folder).iterdir()):
        try:
            opens = _opens(path)
        except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, UnicodeDecodeError) as error:
            found.append(message("opens.unreadable", file=path.name, error=type(error).__name__))
        else:
            if not opens:
                found.append(message("opens.unreadable", file=path.name, error=path.suffix))
    return found


def _opens(path: Path) -> bool:
    """Tell whether a file is whole, as its ending promises; other files are not looked into."""
    if path.suffix in _MAIN:
        with zipfile.ZipFile(path) as archive:  # finds its end only in a whole file
            ElementTree.fromstring(archive.read(_MAIN[path.suffix]))
        return True
    if path.suffix == ".pdf":
        content = path.read_bytes()
        return content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
    if path.suffix == ".html":
        text = path.read_text(encoding="utf-8")
        return text.startswith("<!DOCTYPE html>") and text.rstrip().endswith("</html>")
    return True
