"""What every format's nbconvert exporter is: a notebook read as a document, then written."""

from nbconvert.exporters.exporter import Exporter

from sonla_analysis.exporters.document import Document, read_document


class DocumentExporter(Exporter):
    """An executed notebook → a file; subclasses say how a document is `written`."""

    def from_notebook_node(self, nb, resources=None, **kwargs):
        """Return the file's content and the resources.

        No preprocessor runs: the file is made from the outputs' records, and nbconvert's copies
        and checks of the notebook would take longer than some of the files.
        """
        resources = {**(resources or {}), "output_extension": self.file_extension}
        document = read_document(nb, resources.get("metadata", {}).get("name", ""))
        return self.written(document), resources

    def written(self, document: Document) -> str | bytes:
        """Return the document in this exporter's format."""
        raise NotImplementedError
