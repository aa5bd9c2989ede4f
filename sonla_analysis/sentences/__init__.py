"""Findings in words, in Vietnamese and English: `sentences.headline(review)`.

Numbers and names (`figures`), what is true of a unit (`statements`), a table as it is printed
(`table`), what the command line lists (`listing`).
"""

from sonla_analysis.sentences import quality  # noqa: F401
from sonla_analysis.sentences.bring_findings import to_bring  # noqa: F401
from sonla_analysis.sentences.changes import revised  # noqa: F401
from sonla_analysis.sentences.comparison_findings import spread  # noqa: F401
from sonla_analysis.sentences.figures import (  # noqa: F401
    count_and_share,
    counted,
    day,
    figure,
    figure_texts,
    group_name,
    half_up,
    has_value,
    is_open,
    left,
    name_of,
    number,
    percent,
    status_key,
    status_text,
    target,
    unit_kind,
    unit_name,
    value_text,
    verdict,
)
from sonla_analysis.sentences.glance import course_text, glance  # noqa: F401
from sonla_analysis.sentences.opening import poverty  # noqa: F401
from sonla_analysis.sentences.outlook_findings import outlook, outlook_heading  # noqa: F401
from sonla_analysis.sentences.profile_findings import (  # noqa: F401
    lacking_much,
    profile_changed,
    profile_methods,
    profile_section,
)
from sonla_analysis.sentences.prompts import prompts  # noqa: F401
from sonla_analysis.sentences.statements import (  # noqa: F401
    JUDGED,
    area_words,
    change,
    change_texts,
    headline,
    largest_gaps,
    methods,
    other_reading,
    page_subtitle,
    page_title,
    partial_note,
    progress,
    reported_units,
    reporting,
    section,
    sentence,
)


def __getattr__(name):
    if name == "sentences":  # its name in version 0.1
        import warnings

        said = "sentences is now sentences.progress; the old name goes in version 0.3"
        warnings.warn(said, FutureWarning, stacklevel=2)
        return progress
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
