"""How a run ended: one sentence and an exit code."""

import os
from dataclasses import dataclass
from pathlib import Path

from sonla_analysis.batch import fingerprint, manifest
from sonla_analysis.language.phrases import phrase

SUMMARIES = ("index.html", "indicators.csv")


@dataclass(frozen=True)
class Outcome:
    """How a run ended: units by what became of them, one sentence, and the exit code."""

    folder: Path
    exit_code: int
    sentence: str
    built: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()


def outcome_of(
    request, units: dict, names, stop_signal=0, *, incomplete=False, edited=(), withheld=()
) -> Outcome:
    """Return the outcome; `units` holds the codes built, kept, failed and not run.

    `edited` are the files that a person changed, by the names under which they are kept;
    `withheld` the units some of whose figures are being corrected.
    """
    wrong = units["failed"] or incomplete or withheld
    code = 128 + stop_signal if stop_signal else 1 if wrong else 0
    key = "stopped" if stop_signal else "some_failed" if units["failed"] else "done"
    words = {
        "built": len(units["built"]),
        "kept": len(units["kept"]),
        "failed": len(units["failed"]),
        "left": len(units["not_run"]),
        "names": shortened(names, request.language, "and_more"),
        "start": request.out / SUMMARIES[0],
        "record": request.out / manifest.NAME,
        "folder": request.out,
    }
    sentences = [phrase(f"batch.{key}", request.language, **words)]
    for key, listed, more in (("withheld", withheld, "and_more"), ("edited", edited, "more_files")):
        if listed:
            words = {"names": shortened(listed, request.language, more), "n": len(listed)}
            sentences.append(phrase(f"batch.{key}", request.language, **words))
    return Outcome(request.out, code, "\n".join(sentences), **units)


def shortened(names, language: str, more: str, most: int = 5) -> str:
    """Return the first names, and how many more there are (`batch.more` says it)."""
    listed = ", ".join(names[:most])
    if len(names) <= most:
        return listed
    return phrase(f"batch.{more}", language, names=listed, n=len(names) - most)


def withheld_names(records) -> list[str]:
    """Return the units, by code and name, whose record counts cells that must be corrected."""
    return [f"{one['unit']} {one['name']}" for one in records if one.get("withheld")]


def nothing_to_do(request, inputs: str) -> Outcome | None:
    """Return the outcome when every report lies there, built from the very same files."""
    if request.force or os.path.exists(request.out / manifest.LOCK):
        return None
    found, damage = manifest.read(request.out)
    records = list(found["jobs"].values())
    if request.units is None:
        complete = found.get("complete") == inputs and bool(records)
    else:
        records = [one for one in records if one["unit"] in request.units]
        complete = len(records) == len(request.units)
    marks = summary_marks(request.out)
    if damage or not complete or not marks or found.get("summaries") != marks:
        return None
    if not all(_is_current(request, one, inputs) for one in records):
        return None
    kept = tuple(one["unit"] for one in records)
    units = {"built": (), "kept": kept, "failed": (), "not_run": ()}
    return outcome_of(request, units, [], withheld=withheld_names(records))


def _is_current(request, record: dict, inputs: str) -> bool:
    same = record.get("inputs") == inputs and record.get("fingerprint")
    return bool(same) and manifest.is_built(request.out, record, same, request.formats)


def summary_marks(out: Path) -> dict[str, str]:
    """Return the marks of the files that sum up all units."""
    files = [out / name for name in SUMMARIES]
    return {file.name: fingerprint.file_digest(file) for file in files if file.is_file()}
