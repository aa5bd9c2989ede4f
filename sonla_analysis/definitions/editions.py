"""The two editions of a report: one to be published, one for the office's own eyes.

The internal edition hides nothing, so it never lies where the public one does: its folders and
files bear a mark in their name.
"""

from pathlib import Path, PurePath

from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import refuse

PUBLIC, INTERNAL = EDITIONS = ("public", "internal")
SUFFIX = "-noi-bo"  # "lưu hành nội bộ"


def checked_edition(edition) -> str:
    """Return an edition; refuse one that there is not.

    >>> checked_edition("intern")
    Traceback (most recent call last):
    sonla_analysis.language.refusals.UsageError: edition must be one of public, internal; found \
'intern' (did you mean 'internal'?)
    """
    if edition not in EDITIONS:
        raise UsageError(refuse("edition", edition, EDITIONS))
    return edition


def name_in(edition: str, name: str) -> str:
    """Return the name of a file or folder in an edition.

    >>> name_in("internal", "report.html"), name_in("public", "report.html")
    ('report-noi-bo.html', 'report.html')
    """
    path = PurePath(name)
    if edition == PUBLIC or path.stem.endswith(SUFFIX):
        return name
    return str(path.with_name(f"{path.stem}{SUFFIX}{path.suffix}"))


def is_internal_folder(folder: str | Path) -> bool:
    """Tell whether a folder's name says that it holds the internal edition.

    >>> is_internal_folder("reports/2020-12-31-noi-bo"), is_internal_folder("reports/2020-12-31")
    (True, False)
    """
    return Path(folder).name.endswith(SUFFIX)


def folder_in(edition: str, folder: str | Path) -> Path:
    """Return the folder of an edition: the internal one has its own beside the public one's.

    >>> folder_in("internal", "out").name, folder_in("internal", "out-noi-bo").name
    ('out-noi-bo', 'out-noi-bo')
    """
    folder = Path(folder)
    if edition == PUBLIC or is_internal_folder(folder):
        return folder
    return folder.absolute().with_name(f"{folder.absolute().name}{SUFFIX}")
