"""Exporters: an executed notebook becomes a page, a document, a workbook.

Each is an nbconvert exporter with an entry point, so that the command line, `jupyter nbconvert`
and JupyterLab's export menu all make the same file.
"""

from importlib.resources import files

TEMPLATES = files("sonla_analysis") / "office/templates"


def shipped_template(language: str) -> bytes:
    """Return the Word template that comes with the package: a document, changed in Word."""
    return (TEMPLATES / f"report_{language}.docx").read_bytes()
