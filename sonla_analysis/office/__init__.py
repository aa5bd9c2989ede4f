"""Exporters: an executed notebook becomes a page, a document, a workbook.

Each is an nbconvert exporter with an entry point, so that the command line, `jupyter nbconvert`
and JupyterLab's export menu all make the same file.
"""

from importlib.resources import files

TEMPLATES = files("sonla_analysis") / "office/templates"
