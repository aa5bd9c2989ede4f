"""nbformat and papermill, imported without two and a half wasted seconds.

nbformat imports jsonschema, which builds a grammar of international web addresses (package
`rfc3987_syntax`, which comes with JupyterLab) each time a process starts. No notebook schema holds
such an address, and jsonschema goes without it on a machine that has it not. Whoever needs
nbformat or papermill in this package imports them from here.
"""

import sys

_SLOW = "rfc3987_syntax"
_hidden = _SLOW not in sys.modules and "jsonschema" not in sys.modules
if _hidden:
    sys.modules[_SLOW] = None  # "not installed", for the length of these imports
try:
    import nbformat
    import papermill
finally:
    if _hidden:
        del sys.modules[_SLOW]

__all__ = ["nbformat", "papermill"]
