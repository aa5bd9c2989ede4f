"""Vietnamese text, for anyone's own work: `sonla.text.sort_key("Đăk Lăk")`."""

from sonla_analysis.definitions.unit_names import match_unit
from sonla_analysis.language.legacy import decode_legacy
from sonla_analysis.language.vietnamese import nearest, nfc, slug, sort_key

__all__ = ["decode_legacy", "match_unit", "nearest", "nfc", "slug", "sort_key"]
