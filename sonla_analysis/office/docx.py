"""The report as a Word document under Decree 30/2020/NĐ-CP, in the office's template or ours."""

from pathlib import Path

from traitlets import Unicode

from sonla_analysis.definitions.outline import DEFAULT, load_outline
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.office import shipped_template
from sonla_analysis.office.document import Document
from sonla_analysis.office.exporter import OfficeExporter
from sonla_analysis.office.outline import outlined
from sonla_analysis.office.paper import on_paper


class WordExporter(OfficeExporter):
    """An executed notebook → a Word document, the same bytes for the same notebook."""

    output_mimetype = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    extension = ".docx"
    format = "docx"  # what `sonla report --to` calls it, remembered in the document
    outline = Unicode(help="Parts of the report: an id or a .toml file.").tag(config=True)
    word_template = Unicode(help="The office's own template (.docx).").tag(config=True)

    def written(self, document: Document) -> bytes:
        """Return the document in this exporter's format."""
        from sonla_analysis.office.word import word_document

        template, name = self._template(document.language)
        about = {"format": self.format, "settings": self.settings()}
        if not self.outline.endswith(".toml"):  # an office's own file is in its folder
            about["outline"] = self.outline
        paper = self.arranged(document)
        return word_document(paper, self.letterhead(paper), template, name, document, about)

    def arranged(self, document: Document) -> Document:
        """Return what of a page this format shows; `sonla refresh` asks it too."""
        missed = ["missed"] if document.prompts else []  # stands in the part on shortcomings
        return outlined(on_paper(document, *missed), load_outline(self.outline or DEFAULT))

    def _template(self, language: str) -> tuple[bytes, str]:
        if not self.word_template:
            return shipped_template(language), f"report_{language}.docx"
        path = Path(self.word_template).expanduser()
        if not path.is_file():
            raise UsageError(message("template.not_word", file=str(path)))
        return path.read_bytes(), path.name
