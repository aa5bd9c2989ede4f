"""Vietnamese text, for anyone's own work: `sonla.text.sort_key("Đăk Lăk")`."""

from sonla_analysis.language.vietnamese import nearest, nfc, slug, sort_key

__all__ = ["nearest", "nfc", "slug", "sort_key"]
