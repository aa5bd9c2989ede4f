"""Text typed with TCVN3 and VNI fonts, as Unicode."""


def decode_legacy(text: str) -> str:
    return text
