"""Executed notebooks made by hand, after the contract between `page.py` and the exporters."""

import nbformat

SVG = (
    '<?xml version="1.0" encoding="utf-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="72pt" '
    'height="36pt" viewBox="0 0 72 36"><rect width="72" height="36" fill="{colour}"/></svg>'
)
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror="alert(1)">',
    "</style><script>alert(1)</script>",
    "{{7*7}}${7*7}#{7*7}",
    "$x$ & $y^2$",
    "[bấm](javascript:alert(1))",
    "![x](https://example.invalid/x.png)",
    "' onmouseover='alert(1)",
]


def plain(text: str) -> str:
    """Return the text as `page.say` writes it: markup taken literally."""
    return "".join("\\" + letter if letter in r"\`*_{}[]<>#|$!" else letter for letter in text)


def notebook(
    *outputs, language: str = "vi", unit: str = "Phường Chiềng Lề", synthetic: bool = True
):
    """Return an executed notebook: the record of a document, then one cell per output."""
    cells = [nbformat.v4.new_markdown_cell("Dành cho người soạn", metadata={"tags": ["guide"]})]
    begin = document(language, unit, synthetic)
    cells += [cell(output) for output in (begin, *outputs)]
    for number, one in enumerate(cells):
        one["id"] = f"cell-{number}"
    return nbformat.v4.new_notebook(cells=cells)


def cell(output):
    return nbformat.v4.new_code_cell("1 / 0  # mã lệnh không in ra", outputs=[output])


def display(data: dict, record: dict | None = None):
    metadata = {"sonla": record} if record else {}
    return nbformat.v4.new_output("display_data", data=data, metadata=metadata)


def document(language: str = "vi", unit: str = "Phường Chiềng Lề", synthetic: bool = True):
    title = f"Báo cáo tiến độ của {unit}"
    record = {
        "kind": "document", "unit": "03646", "unit_name": unit, "unit_title": unit,
        "as_of": "2020-12-31", "date_text": "ngày 31 tháng 12 năm 2020", "language": language,
        "plan": "kh159_2020", "plan_number": "159/KH-UBND", "title": title, "synthetic": synthetic,
        "issuer": "Ủy ban nhân dân thành phố Sơn La", "progress": [],
    }  # fmt: skip
    lines = [f"# {plain(title)}", f"Tình hình đến 31/12/2020, {plain(unit)}.", "**Giả lập.**"]
    return display({"text/markdown": "\n\n".join(lines)}, record)


def text(markdown: str):
    return display({"text/markdown": markdown})


def chart(subtitle: str = "Số hộ nghèo, 31/12/2020", alt: str = "Biểu đồ cột", colour="#1d5c88"):
    record = {
        "kind": "chart", "slug": "path", "title": "Còn 12 hộ nghèo", "subtitle": subtitle,
        "source": "Kế hoạch 159/KH-UBND", "alt": alt,
        "numbers": {"columns": ["Năm", "Hộ"], "rows": [["2019", "14"], ["2020", "12"]]},
        "frame": {"columns": ["year", alt], "rows": [[2019, 14], [2020, subtitle]]},
    }  # fmt: skip
    return display({"image/svg+xml": SVG.format(colour=colour), "text/plain": alt}, record)


def table(
    rows=(("03646", "met"),), columns=(("unit", "Đơn vị"), ("status", "Đánh giá")), **options
):
    """Return a table's output; a row's cells are its texts, a status prints as in the words."""
    printed = {"met": "Đạt", "missed": "Chưa đạt", "on_track": "Đúng tiến độ"}
    record = {
        "kind": "table", "slug": "progress", "title": "Tiến độ", "annex": False, "notes": [],
        "columns": [{"key": key, "label": label, "align": "left"} for key, label in columns],
        "rows": [list(row) for row in rows],
        "texts": [[printed.get(value, str(value)) for value in row] for row in rows],
        **options,
    }  # fmt: skip
    return display(
        {"text/html": "<table><script>alert(2)</script></table>", "text/plain": ""}, record
    )


def table_of(content):
    """Return the output of a table of the page."""
    return display({"text/plain": content.title}, {"kind": "table", **content.record()})
