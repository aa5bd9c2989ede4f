"""The exporters under their names of version 0.1: they warn, and JupyterLab's menu has none."""

import sys
import warnings

from traitlets import default

from sonla_analysis.office.docx import WordExporter
from sonla_analysis.office.html import PageExporter
from sonla_analysis.office.pdf import PdfExporter
from sonla_analysis.office.xlsx import AnnexExporter


class _Renamed:
    @default("enabled")
    def _enabled(self) -> bool:
        """A server lists in its menu whatever is enabled."""
        server = sys.modules.get("jupyter_server.serverapp")
        return not (server and server.ServerApp.initialized())

    def from_notebook_node(self, nb, resources=None, **settings):
        """Warn, then do what the exporter does."""
        said = f"this name of the exporter goes in version 0.3; it is now {self.now}"
        warnings.warn(said, FutureWarning, stacklevel=2)
        return super().from_notebook_node(nb, resources, **settings)


class Page(_Renamed, PageExporter):
    """`sonla_html`."""

    now = "Bao_cao_HTML"


class Word(_Renamed, WordExporter):
    """`sonla_docx`."""

    now = "Bao_cao_Word"


class Pdf(_Renamed, PdfExporter):
    """`sonla_pdf`."""

    now = "Bao_cao_PDF"


class Annex(_Renamed, AnnexExporter):
    """`sonla_xlsx`."""

    now = "Bang_so_lieu_Excel"
