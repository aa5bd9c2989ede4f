"""Who has sent, what was accepted, what is open or late: the record of the sendings, and its page.

The record `intake.json` in the data folder keeps all sendings, also those that a later file has
taken the place of, the open points, and those closed: an open point is closed when its sender has
sent (or the office answered) and it is found no more. What is gone from the inbox closes nothing.
"""

import json
from collections import Counter
from dataclasses import asdict, fields
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from sonla_analysis.definitions.folders import OFFICE
from sonla_analysis.definitions.office import load_office
from sonla_analysis.definitions.toml_files import parsed
from sonla_analysis.definitions.units import units_on
from sonla_analysis.intake.inbox import as_sent_out, digest, sent_files
from sonla_analysis.intake.points import KINDS, Point, joined, points_of, sender_of
from sonla_analysis.intake.sendings import Intake, Sending
from sonla_analysis.intake.sheets import KINDS as FILES
from sonla_analysis.language.phrases import label, message, phrase
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import is_date
from sonla_analysis.office.csv_text import as_csv
from sonla_analysis.sentences import day, number, unit_name
from sonla_analysis.tables.findings import Finding, finding_sentence
from sonla_analysis.tables.units_table import load_units

RECORD, PAGE, TABLE = "intake.json", "status.html", "status.csv"
_EMPTY = {"sendings": [], "earlier": [], "points": [], "closed": []}
_SAME = ("rule", "table", "column", "found", "allowed", "as_of")  # of one point in two sendings
_KEPT = tuple(one.name for one in fields(Sending) if one.name not in ("findings", "forms"))
_MARKS = {"done": "met", "open": "behind", "waiting": "incomplete", "missing": "no_data"}
_MARKS |= {"late": "missed", "gone": "withheld"}
_COUNTS = ("rows", *KINDS, "closed")
_PRINTED = ("name", "state", "late", "received", "number", "rows", "error", "question", "closed")


# --- the record --------------------------------------------------------------------------


def write_record(intake: Intake, data_folder: Path) -> Path:
    """Write the record of an intake over the former one, of which nothing is lost; return it."""
    former = read_record(data_folder)
    sendings = [_sending(one) for one in intake.sendings]
    there = {(one["file"], one["received"]) for one in sendings}
    known = former["sendings"] + former["earlier"]
    earlier = [one for one in known if (one["file"], one["received"]) not in there]
    points = [_point(one) for one in points_of(intake)]
    kept, closed = _former_points(former, sendings, points)
    record = {"sendings": sendings, "earlier": earlier, "points": points + kept}
    record["closed"] = former["closed"] + closed
    data_folder.mkdir(parents=True, exist_ok=True)
    path = data_folder / RECORD
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
    beside.replace(path)
    return path


def read_record(data_folder: Path) -> dict:
    """Return the record of the sendings (sendings, earlier, points, closed), or an empty one.

    >>> read_record(Path("no/such/folder"))["sendings"]
    []
    """
    path = Path(data_folder) / RECORD
    if not path.is_file():
        return dict(_EMPTY)
    try:
        record = _EMPTY | json.loads(path.read_text(encoding="utf-8"))
        for one in record["points"] + record["closed"]:
            Finding(**_words(one))
        for one in record["sendings"] + record["earlier"]:
            _ = Sending(**{name: one[name] for name in _KEPT}), one["sender"]
        return record
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        words = {"file": path, "found": type(error).__name__}
        raise UsageError(message("sent.unreadable", **words)) from None


def _sending(sending: Sending) -> dict:
    """Return a sending as the record keeps it; its findings are among the points."""
    return {name: getattr(sending, name) for name in _KEPT} | {"sender": sender_of(sending)}


def _point(point: Point) -> dict:
    return {"sender": point.sender, "kind": point.kind, **asdict(point.finding)}


def _words(point: dict) -> dict:
    """Return what a point of the record says as a finding."""
    words = {one.name: point[one.name] for one in fields(Finding)}
    return words | {"doubts": tuple(map(tuple, point["doubts"]))}


def _former_points(former: dict, sendings: list[dict], points: list[dict]) -> tuple[list, list]:
    """Return the former points still open though nothing says so now, and those closed.

    A point is the same when rule, column and content are, wherever it stands now: rows move.
    """
    owners = {one["file"]: one["sender"] for one in sendings}
    came = {(one["file"], one["received"]) for one in former["sendings"]}
    new = {one["sender"]: one["file"] for one in sendings
           if (one["file"], one["received"]) not in came}  # fmt: skip
    still, kept, closed = Counter(map(_same, points)), [], []
    vanished = {one["sender"] for one in former["sendings"] + former["earlier"] if one["unit"]}
    vanished -= set(owners.values())
    for one in former["points"]:
        one = one | {"sender": owners.get(one["file"], one["sender"])}
        if still[_same(one)]:
            still[_same(one)] -= 1
        elif one["sender"] in vanished:
            kept.append(one)
        else:
            closed.append(one | {"by": new.get(one["sender"], "")})
    return kept, closed


def _same(point: dict) -> tuple:
    return (point["sender"], *(point[name] for name in _SAME))


# --- the table ---------------------------------------------------------------------------


def status_table(
    record: dict, units: pd.DataFrame, as_of: str, due: str, today: str, inbox: Path
) -> pd.DataFrame:
    """Return one row a unit, then one for each file of no known unit (its code is "").

    `units` are those that must send, indexed by code. Columns: unit, name, state (done, open,
    waiting, missing, late, gone), late, file, received, number, rows, error, question, warning,
    closed, waiting (files of the inbox not yet taken in). Sent late or not is told by the first
    file that came; without a `due` date nobody is late.
    """
    waiting = _waiting(record, units, inbox)
    spoken = {one["sender"] for one in record["points"] if one["rule"] != "not_read"}
    senders = [
        one["sender"] for one in record["sendings"] if one["rows"] or one["sender"] in spoken
    ]
    others = dict.fromkeys([*senders, *waiting])
    senders = [*units.index, *(one for one in others if one not in units.index)]
    rows = []
    for one in senders:
        whose = {"unit": "", "name": one}
        if one in units.index:
            whose = {"unit": one, "name": unit_name(units.loc[one], start=True)}
        rows.append(whose | _row(one, record, as_of, due, today, waiting.get(one, [])))
    return pd.DataFrame(rows)


def _row(sender: str, record: dict, as_of: str, due: str, today: str, waiting: list[str]) -> dict:
    """Return a sender's row but for its name."""
    own, before = (
        [one for one in record[part] if one["sender"] == sender and _is_of(one, as_of)]
        for part in ("sendings", "earlier")
    )
    points = [one for one in record["points"] if one["sender"] == sender]
    wrong = any(one["file"] for one in points)  # a workbook nobody has filled in is not sent
    sent = [one for one in own if one["rows"] or one["replaced_by"] or wrong]
    moments = sorted(filter(None, (one["received"] for one in sent + before)))
    last = max(sent, key=lambda one: (not one["replaced_by"], one["received"]), default={})
    counts = Counter(one["kind"] for one in points)
    late = bool(due) and (moments[0][:10] if moments else today) > due
    return {
        "state": _state(sent, before, counts, late, waiting),
        "late": late,
        "file": last.get("file", ""),
        "received": last.get("received", ""),
        "number": last.get("number"),
        "rows": sum(sum(one["rows"].values()) for one in sent),
        **{kind: counts[kind] for kind in KINDS},
        "closed": sum(one["sender"] == sender for one in record["closed"]),
        "waiting": "; ".join(waiting),
    }


def _is_of(sending: dict, as_of: str) -> bool:
    return not sending["as_of"] or as_of in sending["as_of"]


def _state(sent: list, before: list, counts: Counter, late: bool, waiting: list) -> str:
    if waiting:
        return "waiting"
    if not sent:
        return "gone" if before else "late" if late else "missing"
    gave = any(one["rows"] or one["replaced_by"] or one["unit"] for one in sent)
    return "open" if counts["error"] or counts["question"] or not gave else "done"


def _waiting(record: dict, units: pd.DataFrame, inbox: Path) -> dict[str, list[str]]:
    """Return the files of the inbox that the record does not know, or not as they are, by sender.

    A workbook just as it was sent out is none of them. A new file is its unit's where its name
    begins with the unit's code; else it stands for itself.
    """
    known = {one["file"]: one for one in record["sendings"]}
    waiting, blank = {}, as_sent_out(inbox.parent / "data")
    for name, path in sent_files(inbox).items():
        if path.suffix.lower() not in FILES or digest(path) in blank:
            continue
        sending = known.get(name) or known.get(name.rpartition("/")[0])
        if sending is None or _is_newer(path, sending["received"]):
            codes = (code for code in units.index if name.rpartition("/")[2].startswith(code))
            sender = sending["sender"] if sending else next(codes, name)
            waiting.setdefault(sender, []).append(name)
    return waiting


def _is_newer(path: Path, received: str) -> bool:
    """Return whether a file was changed after it was received, as exactly as that is known."""
    if not received:
        return False
    zone = datetime.fromisoformat(received).tzinfo
    changed = datetime.fromtimestamp(path.stat().st_mtime, zone).isoformat(timespec="seconds")
    return changed[: len(received)] > received


# --- in words ----------------------------------------------------------------------------


def write_status(folder: Path, as_of: str = "", today: str = "", language: str = "vi") -> str:
    """Write `status.html` and `status.csv` of a working folder; return the table as text."""
    folder = Path(folder)
    if not (folder / OFFICE).is_file():
        raise UsageError(message("sent.no_office", folder=folder.resolve()))
    office, record = load_office(folder), read_record(folder / "data")
    today = today or date.today().isoformat()
    dates = [one for sending in record["sendings"] for one in sending["as_of"]]
    as_of = as_of or office["as_of"] or max(dates, default=today)
    due = office["due"]
    if not is_date(as_of):
        raise UsageError(message("sent.not_date", found=as_of))
    own = folder / "units.csv"
    units = units_on(as_of, load_units(own) if own.is_file() else None)
    units = units[~units.index.isin(units["parent"])]
    table = status_table(record, units, as_of, due, today, folder / "inbox")
    page = status_page(table, record, as_of, due, today, language, _is_synthetic(folder))
    (folder / PAGE).write_text(page, encoding="utf-8")
    (folder / TABLE).write_bytes(status_csv(table, language))
    written = phrase("sent.written", language, page=folder / PAGE, table=folder / TABLE)
    return f"{status_text(table, as_of, language)}\n\n{written}"


def _is_synthetic(folder: Path) -> bool:
    about = folder / "data" / "about.toml"
    return about.is_file() and parsed(about, "about.toml").get("synthetic") is True


def _texts(table: pd.DataFrame, language: str) -> list[dict[str, str]]:
    """Return the rows of the table as they are read; no 0 stands where nothing was sent."""
    rows = []
    for one in table.to_dict("records"):
        shown = {name: one[name] if one["file"] or one[name] else None for name in _COUNTS}
        texts = {name: "" if n is None else number(n, language) for name, n in shown.items()}
        texts |= {name: one[name] for name in ("unit", "name", "file", "waiting", "received")}
        if is_date(one["received"][:10]):
            date, time = day(one["received"][:10], language), one["received"][11:16]
            texts["received"] = f"{date} {time}".strip()
        texts["number"] = "" if pd.isna(one["number"]) else str(int(one["number"]))
        texts["state"] = label("sent_state", one["state"], language)
        late = one["late"] and one["file"]
        texts["late"] = phrase("sent_column.late", language) if late else ""
        rows.append(texts)
    return rows


def status_text(table: pd.DataFrame, as_of: str, language: str = "vi") -> str:
    """Return the table as aligned text, under what it comes to."""
    rows = [{name: phrase(f"sent_column.{name}", language) for name in _PRINTED}]
    rows += _texts(table, language)
    widths = {name: max(len(row[name]) for row in rows) for name in _PRINTED}
    sides = {name: str.rjust if name in ("number", *_COUNTS) else str.ljust for name in _PRINTED}
    lines = [
        "  ".join(sides[name](row[name], widths[name]) for name in _PRINTED).rstrip()
        for row in rows
    ]
    title = phrase("sent.title", language, date=day(as_of, language))
    return "\n".join([title, _headline(table, language), "", *lines])


def _headline(table: pd.DataFrame, language: str) -> str:
    own = table[table["unit"] != ""]
    words = {"sent": (own["file"] != "").sum(), "done": (own["state"] == "done").sum()}
    return phrase("sent.headline", language, units=len(own), **words)


def status_csv(table: pd.DataFrame, language: str = "vi") -> bytes:
    """Return the table as CSV in the form that Excel reads; no text becomes a formula."""
    texts = pd.DataFrame(_texts(table, language))
    frame = table.assign(state=texts["state"], late=texts["late"])
    frame["number"] = frame["number"].astype("Int64")
    frame.columns = [phrase(f"sent_column.{name}", language) for name in frame.columns]
    return as_csv(frame)


def status_page(
    table: pd.DataFrame,
    record: dict,
    as_of: str,
    due: str,
    today: str,
    language: str = "vi",
    synthetic: bool = False,
) -> str:
    """Return the table as a page of HTML that needs nothing else, with the points still open."""
    own, waiting = table[table["unit"] != ""], table["waiting"].str.split("; ").explode()
    sent = own["file"] != ""
    counted = {"sent": f"{sent.sum()}/{len(own)}", "late": (own["late"] & ~sent).sum()}
    counted |= {"error": table["error"].sum(), "question": table["question"].sum()}
    counted |= {"waiting": (waiting != "").sum()}
    due_said = phrase("sent.no_due", language)
    if due:
        due_said = phrase("sent.due", language, date=day(due, language))
    rows = [
        texts | {"mark": _MARKS[state]}
        for texts, state in zip(_texts(table, language), table["state"], strict=True)
    ]
    from sonla_analysis.office.html import render  # a second for what writes documents

    return render(
        "status.html.j2",
        language,
        title=phrase("sent.title", language, date=day(as_of, language)),
        synthetic=synthetic,
        facts=[phrase("sent.today", language, date=day(today, language)), due_said],
        headline=_headline(table, language),
        tiles=[(counted[name], phrase(f"sent.tile_{name}", language)) for name in counted],
        waiting=counted["waiting"],
        rows=rows,
        points=_open_points(table, record, language),
        closed=number(len(record["closed"]), language) if record["closed"] else "",
    )


def _open_points(table: pd.DataFrame, record: dict, language: str) -> list[dict]:
    """Return who has points to correct or answer, with their sentences."""
    names, groups = dict(zip(table["unit"], table["name"], strict=True)), {}
    for one in record["points"]:
        if one["kind"] != "warning":
            point = Point(one["sender"], one["kind"], Finding(**_words(one)))
            groups.setdefault(point.sender, []).append(point)
    return [
        {
            "name": names.get(sender, sender) if sender else phrase("listing.everywhere", language),
            "count": len(points),
            "points": [
                (label("point_kind", one.kind, language), finding_sentence(one.finding, language))
                for one in joined(points, language)
            ],
        }
        for sender, points in groups.items()
    ]
