"""Who has sent, what is open or late; what is closed, and that nothing is lost without a word."""

import csv
import io
import json
import os
from datetime import datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from sonla_analysis import cli
from sonla_analysis.definitions.units import units_on
from sonla_analysis.intake.sendings import Intake, Question, Sending
from sonla_analysis.intake.status import (
    read_record,
    status_csv,
    status_page,
    status_table,
    status_text,
    write_record,
    write_status,
)
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.tables.findings import Finding

DATE, DUE, TODAY = "2020-12-31", "2021-01-10", "2021-01-08"
UNITS = units_on(DATE).loc[["03646", "03649", "03676"]]
NOWHERE = Path("no/such/inbox")


def found(cell="D3", text="x", rule="not_flag", severity="error", **more):
    words = {"file": "a.xlsx", "sheet": "Hộ", "unit": "03646", "column": "health_card"} | more
    return Finding(rule, "members", found=text, cell=cell, severity=severity, **words)


def sending(file="a.xlsx", unit="03646", received="2021-01-05T08:00:00", number=1, **more):
    return Sending(file, unit, (DATE,), number, received, **{"rows": {"members": 4}} | more)


def intake(*sendings, findings=(), questions=()):
    return Intake({}, {}, {}, list(sendings), list(findings), list(questions))


def recorded(tmp_path, *intakes):
    for one in intakes:
        write_record(one, tmp_path)
    return read_record(tmp_path)


def rows(record, due=DUE, today=TODAY, inbox=NOWHERE):
    table = status_table(record, UNITS, DATE, due, today, inbox)
    return {one["unit"] or one["name"]: one for one in table.to_dict("records")}


# --- the state of a unit -----------------------------------------------------------------


def test_a_unit_has_sent_all_or_has_points_open_or_has_not_sent(tmp_path):
    sendings = sending(), sending("b.xlsx", "03649", rows={"members": 3, "schools": 2})
    asked = found("A1", "P. Lề", "not_unit")
    findings = [found(), found("D4", severity="warning")]
    made = intake(*sendings, findings=findings, questions=[Question("unit", "x", (), asked)])
    table = rows(recorded(tmp_path, made))
    assert [one["state"] for one in table.values()] == ["open", "done", "missing"]
    assert [table["03646"][kind] for kind in ("error", "question", "warning")] == [1, 1, 1]
    assert table["03649"]["rows"] == 3 + 2 and table["03649"]["file"] == "b.xlsx"
    assert table["03676"]["file"] == "" and table["03676"]["name"] == "Xã Hua La"


def test_a_unit_with_nothing_but_something_to_look_at_is_done(tmp_path):
    made = intake(sending(), findings=[found(severity="warning")])
    assert rows(recorded(tmp_path, made))["03646"]["state"] == "done"


def test_late_is_who_came_first_after_the_due_day_or_has_not_come_by_now(tmp_path):
    late = sending("b.xlsx", "03649", "2021-01-11T07:00:00")
    record = recorded(tmp_path, intake(sending(received="2021-01-10T23:59:00"), late))
    table = rows(record, today="2021-01-12")
    assert [table[code]["late"] for code in UNITS.index] == [False, True, True]
    assert table["03676"]["state"] == "late"
    assert rows(record, today=DUE)["03676"]["state"] == "missing"
    assert not any(one["late"] for one in rows(record, due="", today="2021-01-12").values())


def test_a_correction_after_the_due_day_does_not_make_a_unit_late(tmp_path):
    again = sending(received="2021-01-20T08:00:00", number=2)
    record = recorded(tmp_path, intake(sending()), intake(again))
    assert not rows(record)["03646"]["late"]
    assert rows(record)["03646"]["number"] == 2
    assert [one["received"] for one in record["earlier"]] == ["2021-01-05T08:00:00"]


def test_a_workbook_that_nobody_has_filled_in_is_not_sent(tmp_path):
    assert rows(recorded(tmp_path, intake(sending(rows={}))))["03646"]["state"] == "missing"
    wrong = intake(sending(rows={}), findings=[found("", "", "broken_workbook")])
    assert rows(recorded(tmp_path / "b", wrong))["03646"]["state"] == "open"


def test_what_was_sent_for_another_day_is_not_sent_for_this_one(tmp_path):
    other = Sending("a.xlsx", "03646", ("2021-06-30",), 1, "2021-01-05", {"members": 4})
    assert rows(recorded(tmp_path, intake(other)))["03646"]["state"] == "missing"


def test_a_replaced_file_counts_as_sent_but_the_later_one_is_named(tmp_path):
    first = sending("z.xlsx", received="2021-01-09", replaced_by="a.xlsx", rows={})
    table = rows(recorded(tmp_path, intake(first, sending(number=2))))
    assert table["03646"]["file"] == "a.xlsx" and table["03646"]["rows"] == 4


def test_a_file_of_no_known_unit_has_a_row_of_its_own(tmp_path):
    record = recorded(tmp_path, intake(sending("truong.csv", "", number=None)))
    table = rows(record)
    assert table["truong.csv"]["rows"] == 4 and table["truong.csv"]["unit"] == ""
    assert "0/3 đơn vị đã gửi" in status_text(
        status_table(record, UNITS, DATE, DUE, TODAY, NOWHERE), DATE
    )


# --- not yet taken in --------------------------------------------------------------------


def test_a_file_that_is_new_or_newer_waits(tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in ("a.xlsx", "b.xlsx", "03676-xa.xlsx", "la.ods", "~$a.xlsx", "readme.txt"):
        (inbox / name).touch()
        os.utime(inbox / name, (1609833600, 1609833600))
    moment = datetime.fromtimestamp(1609833600).isoformat(timespec="seconds")
    former = datetime.fromtimestamp(1609833599).isoformat(timespec="seconds")
    made = intake(sending(received=moment), sending("b.xlsx", "03649", former))
    table = rows(recorded(tmp_path, made), inbox=inbox)
    waiting = {unit: one["waiting"] for unit, one in table.items() if one["waiting"]}
    assert waiting == {"03649": "b.xlsx", "03676": "03676-xa.xlsx", "la.ods": "la.ods"}
    assert {table[unit]["state"] for unit in waiting} == {"waiting"}


# --- what is closed ----------------------------------------------------------------------


def test_a_resent_file_closes_its_points_and_no_others(tmp_path):
    findings = [found("D3"), found("D4", "?"), found("D5", "y", unit="03649", file="b.xlsx")]
    sendings = sending(), sending("b.xlsx", "03649")
    first = intake(*sendings, findings=findings)
    again = sending(received="2021-01-09T08:00:00", number=2)
    moved = found("D14", "?")  # the same fault, ten rows further down
    record = recorded(tmp_path, first, intake(again, sendings[1], findings=[moved, findings[2]]))
    assert [(one["found"], one["by"]) for one in record["closed"]] == [("x", "a.xlsx")]
    assert [one["cell"] for one in record["points"]] == ["D14", "D5"]
    assert [rows(record)[code]["closed"] for code in UNITS.index] == [1, 0, 0]


def test_of_two_like_points_one_corrected_leaves_one(tmp_path):
    first = intake(sending(), findings=[found("D3"), found("D4")])
    again = intake(sending(received="2021-01-09T08:00:00"), findings=[found("D4")])
    record = recorded(tmp_path, first, again)
    assert len(record["points"]) == len(record["closed"]) == 1


def test_an_answer_closes_a_question_without_a_new_file(tmp_path):
    question = Question("unit", "P. Lề", ("03646",), found("A1", "P. Lề", "not_unit", unit=""))
    unknown = sending(unit="")
    record = recorded(tmp_path, intake(unknown, questions=[question]), intake(sending()))
    assert [(one["sender"], one["by"]) for one in record["closed"]] == [("03646", "")]
    assert rows(record)["03646"]["state"] == "done"


def test_a_file_gone_from_the_inbox_closes_nothing(tmp_path):
    first = intake(sending(), findings=[found()])
    record = recorded(tmp_path, first, intake(), intake())
    assert record["closed"] == [] and [one["found"] for one in record["points"]] == ["x"]
    assert rows(record)["03646"]["state"] == "gone"
    again = recorded(tmp_path, intake(sending(received="2021-01-09T08:00:00")))
    assert len(again["closed"]) == 1 and again["points"] == []


def test_taking_in_the_same_again_changes_nothing(tmp_path):
    made = intake(sending(), findings=[found(doubts=(("members", "sex"),))])
    assert recorded(tmp_path, made) == recorded(tmp_path, made)


@pytest.mark.parametrize("content", ["{", "[]", '{"points": [{}]}', '{"sendings": [1]}', "\xff"])
def test_a_damaged_record_is_refused_in_words_and_kept(tmp_path, content):
    path = tmp_path / "intake.json"
    path.write_bytes(content.encode("latin-1"))
    for attempt in (lambda: read_record(tmp_path), lambda: write_record(intake(), tmp_path)):
        with pytest.raises(UsageError) as refused:
            attempt()
        assert "Không đọc được sổ tiếp nhận" in refused.value.text("vi")
    assert path.read_bytes() == content.encode("latin-1")


# --- the page, the table, the command ----------------------------------------------------


@pytest.fixture
def office(tmp_path):
    """A working folder: one ward with points, two files that nobody has sent."""
    (tmp_path / "office.toml").write_text(f'as_of = "{DATE}"\ndue = "{DUE}"\n', encoding="utf-8")
    hostile = found("B2", "<script>alert(1)</script>"), found("B3", "…", file="=1.xlsx")
    sendings = sending(), sending("=1.xlsx", "", number=None)
    write_record(intake(*sendings, findings=hostile), tmp_path / "data")
    return tmp_path


def test_the_page_asks_for_nothing_runs_nothing_and_says_all(office):
    said = write_status(office, today="2021-02-01")
    text = (office / "status.html").read_text(encoding="utf-8")
    page = BeautifulSoup(text, "html.parser")
    assert not page.find_all(["script", "img", "iframe", "form"])
    addresses = [one.get("href") for one in page.find_all(href=True)]
    assert all(one.startswith(("#", "data:")) for one in addresses)
    names = [row.th.get_text() for row in page.select("table.units tbody tr")]
    assert len(names) == 12 + 1 and "Phường Chiềng Lề" in names
    assert page.select("details li")[0].get_text().startswith("Phải sửa. Tệp “a.xlsx”, trang tính")
    assert "<script>alert(1)</script>" in page.select("details li")[0].get_text()
    assert "1/12 đơn vị đã gửi số liệu" in said and "Quá hạn, chưa gửi" in said


def test_synthetic_data_are_said_to_be_so(office):
    banners = []
    for about in ("synthetic = false", "synthetic = true"):
        (office / "data" / "about.toml").write_text(about)
        write_status(office)
        page = BeautifulSoup((office / "status.html").read_text("utf-8"), "html.parser")
        banners.append([one.get_text() for one in page.select(".banner")])
    assert banners == [[], ["Số liệu giả lập, không phải số liệu thật"]]


def test_the_csv_has_plain_numbers_and_no_formula(tmp_path):
    sendings = sending(rows={"members": 1304}), sending("=1.xlsx", "", number=None)
    table = status_table(recorded(tmp_path, intake(*sendings)), UNITS, DATE, "", TODAY, NOWHERE)
    content = status_csv(table)
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert lines[0]["Mã"] == "03646" and lines[0]["Số dòng nhận"] == "1304"
    assert lines[0]["Lần gửi"] == "1" and lines[1]["Lần gửi"] == ""
    assert lines[3]["Đơn vị"] == lines[3]["Tệp"] == "'=1.xlsx"


def test_columns_of_the_printed_table_stand_below_each_other(tmp_path):
    record = recorded(tmp_path, intake(sending(), findings=[found()]))
    table = status_table(record, UNITS, DATE, DUE, TODAY, NOWHERE)
    head, first = status_text(table, DATE).splitlines()[3:5]
    assert head.index("Nhận lúc") == first.index("05/01/2021 08:00")
    assert head.index("Phải sửa") + len("Phải sửa") == len(first[: first.rindex("1") + 1])


def test_an_office_before_its_first_intake_has_a_status(tmp_path):
    (tmp_path / "office.toml").write_text('as_of = "2020-12-31"\n', encoding="utf-8")
    assert "0/12 đơn vị đã gửi số liệu" in write_status(tmp_path)
    assert "Chưa ghi hạn gửi" in (tmp_path / "status.html").read_text(encoding="utf-8")


def test_the_page_is_english_when_asked():
    table = status_table(read_record(NOWHERE), UNITS, DATE, DUE, TODAY, NOWHERE)
    page = status_page(table, read_record(NOWHERE), DATE, DUE, TODAY, "en")
    assert "0 of 3 units have sent" in page and "Chưa gửi" not in page


def test_the_command_prints_the_table_and_ends_well_though_somebody_is_late(office, capsys):
    assert cli.main(["status", str(office)]) == 0
    printed = capsys.readouterr().out
    assert "Phường Chiềng Lề" in printed and "Còn điểm mở" in printed
    assert {"status.html", "status.csv"} <= set(os.listdir(office))


@pytest.mark.parametrize("arguments", [["no/such"], ["--as-of", "31.12.2020"]])
def test_the_command_refuses_in_words(office, capsys, monkeypatch, arguments):
    monkeypatch.chdir(office)
    assert cli.main(["status", *arguments]) == 2
    told = capsys.readouterr()
    assert "thư mục làm việc" in told.err or "năm-tháng-ngày" in told.err


def test_no_name_is_in_the_record(office):
    record = json.loads((office / "data" / "intake.json").read_text(encoding="utf-8"))
    assert set(record) == {"sendings", "earlier", "points", "closed"}
    assert {"found", "cell", "kind", "sender"} <= set(record["points"][0])
