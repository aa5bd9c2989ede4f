"""Zip packages with the same bytes for the same parts."""

import io
import zipfile

_BEGINNING = (1980, 1, 1, 0, 0, 0)
_PACKED = (".png", ".jpg", ".jpeg", ".gif")  # packing them again costs time and gains nothing


def repacked(content: bytes) -> bytes:
    """Return a package with fixed times and order, the content types first, its parts unchanged."""
    return packed(parts_of(content))


def parts_of(content: bytes) -> dict[str, bytes]:
    """Return the parts of a package by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    """Return the package of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted(parts, key=lambda name: (name[0] != "[", name)):
            entry = zipfile.ZipInfo(name, _BEGINNING)
            entry.external_attr = 0o600 << 16
            is_packed = name.lower().endswith(_PACKED)
            entry.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            made.writestr(entry, parts[name])
    return file.getvalue()
