"""What every format's nbconvert exporter is: a notebook read as a document, then written."""

from nbconvert.exporters.exporter import Exporter
from traitlets import List, Unicode, default

from sonla_analysis.definitions.editions import PUBLIC, name_in
from sonla_analysis.language.refusals import SonlaError
from sonla_analysis.language.vietnamese import slug
from sonla_analysis.office.document import Document, read_document
from sonla_analysis.office.letterhead import SETTINGS, Letterhead, letterhead_of


class DocumentExporter(Exporter):
    """An executed notebook → a file; subclasses say how a document is `written`."""

    extension = ""

    @default("file_extension")
    def _file_extension_default(self):
        return self.extension

    def from_notebook_node(self, nb, resources=None, **kwargs):
        """Return the file's content and the resources.

        No preprocessor runs but the one of `--execute`: the file is made from the outputs' records,
        and nbconvert's copies and checks of the notebook would take longer than some of the files.
        """
        resources = {**(resources or {}), "output_extension": self.file_extension}
        if self.config.get("ExecutePreprocessor", {}).get("enabled"):
            nb, resources = self._executed(nb, resources)
        document = read_document(nb, resources.get("metadata", {}).get("name", ""))
        if not _is_command():  # JupyterLab names the download after the notebook and this ending
            resources["output_extension"] = f"{_about(document.record)}{self.file_extension}"
        return self.written(document), resources

    def _executed(self, nb, resources):
        from nbconvert.preprocessors import ExecutePreprocessor

        return ExecutePreprocessor(parent=self)(nb, {"metadata": {}, **resources})

    def from_file(self, file_stream, resources=None, **kwargs):
        """Return the file's content; under `jupyter nbconvert` a refusal is its one sentence."""
        try:
            return super().from_file(file_stream, resources, **kwargs)
        except SonlaError as error:
            if _is_command():
                raise SystemExit(error.text("vi")) from None
            raise

    def written(self, document: Document) -> str | bytes:
        """Return the document in this exporter's format."""
        raise NotImplementedError


def _about(record: dict) -> str:
    """Return what a file's name says of a page: which unit, as of when.

    >>> _about({"unit": "03646", "unit_name": "phường Chiềng Lề", "as_of": "2020-12-31"})
    '-03646-phuong-chieng-le-2020-12-31'
    """
    if not record:
        return ""
    name = f"-{slug(' '.join(record[key] for key in ('unit', 'unit_name', 'as_of')))}"
    return name_in(record.get("edition", PUBLIC), name)


def _is_command() -> bool:
    """Tell whether `jupyter nbconvert` runs, which prints a traceback of any error it meets.

    Not JupyterLab's server: it, too, is "the instance" of all classes above it.
    """
    from nbconvert.nbconvertapp import NbConvertApp

    return isinstance(NbConvertApp._instance, NbConvertApp)


class OfficeExporter(DocumentExporter):
    """Settings that Word and PDF share; an empty one is taken from the page or left blank."""

    number = Unicode(help="Number of the document, such as 05; left to be filled in.").tag(
        config=True
    )
    date = Unicode(help="Date of issue, such as 2021-01-05; left to be filled in.").tag(config=True)
    place = Unicode(help="Place of issue; by default the unit's name.").tag(config=True)
    superior = Unicode(help="The superior agency, above the issuing one.").tag(config=True)
    agency = Unicode(help="The issuing agency; a | begins a new line.").tag(config=True)
    addressee = Unicode(help="Whom the report is addressed to (Kính gửi).").tag(config=True)
    on_behalf = Unicode(help="TM., KT., TL. and for whom.").tag(config=True)
    position = Unicode(help="Position of the signer.").tag(config=True)
    signer = Unicode(help="Name of the signer.").tag(config=True)
    recipients = List(Unicode(), help="The list Nơi nhận, one entry each.").tag(config=True)

    def letterhead(self, document: Document) -> Letterhead:
        """Return the texts around a document."""
        return letterhead_of(document, {name: getattr(self, name) for name in SETTINGS})
