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


def _renamed(name: str, exporter: type, now: str) -> type:
    """Return an exporter under its old name."""
    return type(name, (_Renamed, exporter), {"now": now, "__doc__": f"`sonla_{name}`"})


Page = _renamed("html", PageExporter, "Bao_cao_HTML")
Word = _renamed("docx", WordExporter, "Bao_cao_Word")
Pdf = _renamed("pdf", PdfExporter, "Bao_cao_PDF")
Annex = _renamed("xlsx", AnnexExporter, "Bang_so_lieu_Excel")
