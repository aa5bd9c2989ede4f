"""The command line: exit codes, plain sentences in the reader's language, quick help."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import said

from sonla_analysis import cli
from sonla_analysis.cli import main

HERE = Path(__file__).parent
TWO_WARDS = str(HERE / "data/two_wards")


# --- help --------------------------------------------------------------------------------


def test_without_arguments_the_help_is_shown_and_it_is_wrong_usage(capsys):
    code, out, err = said(capsys)
    assert code == 2 and err == ""
    assert all(f"\n  {name}" in out for name in ("report", "check", "plan", "units", "dates"))


@pytest.mark.parametrize(
    ("language", "first"), [("vi", "cách dùng: sonla"), ("en", "usage: sonla")]
)
def test_help_is_in_the_readers_language(capsys, language, first):
    code, out, _ = said(capsys, "--help", "--language", language)
    assert code == 0 and out.startswith(first)


@pytest.mark.parametrize("command", cli.COMMANDS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_command_explains_its_arguments(capsys, command, language):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help", "--language", language])
    out = capsys.readouterr().out
    assert ended.value.code == 0
    assert ("tùy chọn:" in out) == (language == "vi")
    assert "--language" in out and "usage:" not in out.replace("usage: sonla", "")


def test_help_takes_at_most_half_the_work_of_importing_pandas():
    """Measured in processor time: other work on the machine is not the help's."""

    def seconds(*arguments) -> float:
        times = []
        for _ in range(3):
            before = os.times()
            subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
            after = os.times()
            used = after.children_user - before.children_user
            times.append(used + after.children_system - before.children_system)
        return min(times)

    helped = seconds("-m", "sonla_analysis.cli", "report", "--help")
    assert helped <= seconds("-c", "import pandas") / 2


def test_help_imports_nothing_heavy():
    code = "import sys; from sonla_analysis.cli import main; main(['--help'])\n"
    code += "print([n for n in ('pandas', 'numpy', 'babel', 'matplotlib') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode().rstrip().endswith("[]")


# --- wrong usage -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "vietnamese", "english"),
    [
        (
            ["reprot"],
            "; đã nhận 'reprot' (có phải là 'report'?)",
            "; found 'reprot' (did you mean 'report'?)",
        ),
        (
            ["report", "--untis", "03646"],
            "không có tham số '--untis' (có phải là '--unit'?); xem: sonla report --help",
            "there is no argument '--untis' (did you mean '--unit'?); see: sonla report --help",
        ),
        (
            ["check", "a", "b"],
            "không có tham số 'b'; xem: sonla check --help",
            "there is no argument 'b'; see: sonla check --help",
        ),
        (
            ["report", "--as-of"],
            "tham số --as-of cần một giá trị; xem: sonla report --help",
            "argument --as-of needs a value; see: sonla report --help",
        ),
        (
            ["report", "--jobs", "0"],
            "--jobs phải là số nguyên từ 1 trở lên; đã nhận '0'",
            "--jobs must be a whole number of 1 or more; found '0'",
        ),
        (
            ["report", "--timeout", "9" * 400],
            "--timeout: số quá lớn; đã nhận 999999999999999999…",
            "--timeout: the number is too large; found 999999999999999999…",
        ),
        (
            ["report", "--timeout", "9" * 9],
            "timeout phải là số > 0, <= 1000000; đã nhận 999999999",
            "timeout must be > 0, <= 1000000; found 999999999",
        ),
        (
            ["report", "--scheduler", "garbage"],
            "địa chỉ bộ điều phối phải ghi dạng tcp://10.0.0.5:8786; đã nhận 'garbage'",
            "the scheduler's address must be written like tcp://10.0.0.5:8786; found 'garbage'",
        ),
        (
            ["report", "--out", ""],
            "--out phải là tên một thư mục hoặc tệp; đã nhận ''",
            "--out must name a folder or file; found ''",
        ),
        (
            ["check", "x" * 5000],
            "data phải là tên một thư mục hoặc tệp; đã nhận 'xxxxxxxxxxxxxxxxxxx…",
            "data must name a folder or file; found 'xxxxxxxxxxxxxxxxxxx…",
        ),
        (
            ["sample", "--out", "  "],
            "--out phải là tên một thư mục hoặc tệp; đã nhận '  '",
            "--out must name a folder or file; found '  '",
        ),
        (
            ["sample", "--out", "nowhere", "--units", "60000"],
            "số đơn vị phải từ 1 đến 50.000; đã nhận 60000",
            "units must be between 1 and 50000; found 60000",
        ),
        (
            ["sample"],
            "thiếu tham số --out; xem: sonla sample --help",
            "argument --out is required; see: sonla sample --help",
        ),
        (
            ["plan", "kh195_2020"],
            "kế hoạch (mã, hoặc đường dẫn tới tệp .toml) phải là một trong: kh159_2020; đã nhận "
            "'kh195_2020' (có phải là 'kh159_2020'?)",
            "plan (an id, or the path of a .toml file) must be one of kh159_2020; found "
            "'kh195_2020' (did you mean 'kh159_2020'?)",
        ),
        (
            ["check", TWO_WARDS, "--plan", "kh15"],
            "phải là một trong: kh159_2020; đã nhận 'kh15'",
            "must be one of kh159_2020; found 'kh15'",
        ),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_sentence_and_exit_code_2(capsys, arguments, vietnamese, english):
    for language, sentence in (("vi", vietnamese), ("en", english)):
        code, out, err = said(capsys, *arguments, "--language", language)
        assert (code, out) == (2, "")
        assert sentence in err and err.count("\n") == 1


@pytest.mark.parametrize("given", ["fr", "VI", ""])
def test_another_language_is_refused_in_vietnamese(capsys, given):
    code, _, err = said(capsys, "plan", "--language", given)
    assert code == 2
    assert err.startswith("ngôn ngữ phải là một trong: vi, en")


def test_an_abbreviated_argument_is_not_guessed(capsys):
    code, _, err = said(capsys, "report", "--forc")
    assert code == 2 and "có phải là '--force'?" in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--unit", "3646"], "đã nhận '3646' (có phải là '03646'?)"),
        (["--unit", "99999"], "đã nhận '99999'"),
        (["--as-of", "2020-12-13"], "đã nhận '2020-12-13' (có phải là '2020-12-31'?)"),
        (["--as-of", "31/13/2020"], "ngày báo cáo phải ghi dạng năm-tháng-ngày"),
        (["--as-of", "5/3/2020"], "'5/3/2020' có thể là 2020-03-05 hoặc 2020-05-03"),
        (["--unit", "Phường Chiềng Cọ"], "gần nhất: 03658 xã Chiềng Cọ"),
        (["--to", "html,dox"], "đã nhận 'dox' (có phải là 'docx'?)"),
        (["--word-template", "nowhere.docx"], "không có tệp nowhere.docx"),
    ],
)
def test_report_refuses_before_anything_runs(capsys, tmp_path, arguments, sentence):
    code, out, err = said(capsys, "report", TWO_WARDS, "--out", tmp_path / "out", *arguments)
    assert (code, out) == (2, "")
    assert sentence in err
    assert not (tmp_path / "out").exists()


def word_form(path: Path, *paragraphs: str) -> Path:
    import docx

    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(path)
    return path


def report_in_word(capsys, folder: Path, template: Path, *more) -> tuple[int, str, str]:
    words = ("report", TWO_WARDS, "--to", "docx", "--out", folder / "out")
    return said(capsys, *words, "--word-template", template, *more)


def test_an_office_s_form_with_one_figure_only_is_filled_in(capsys, tmp_path):
    import docx

    form = word_form(tmp_path / "mau.docx", "{{ ward }}: {{ poor_household_rate.value }}")
    code, out, err = report_in_word(capsys, tmp_path, form, "--unit", "03646")
    assert (code, out[:26]) == (0, "Xong: 1 báo cáo mới lập, 0"), err
    (report,) = tmp_path.glob("out/*/report.docx")
    texts = [one.text for one in docx.Document(report).paragraphs]
    assert texts[-1] == "phường Chiềng Lề: 0%"


@pytest.mark.parametrize(
    ("text", "vietnamese", "english"),
    [
        ("{{ wrad }}", "không có trường 'wrad' (có phải là 'ward'?)", "no placeholder 'wrad' (did"),
        ("{{ ward", "trường viết sai", "written wrongly"),
        ("Đây: {{ body }}", "phải đứng một mình", "must stand alone"),
        ("{{ charts.spien }}", "không có trường 'charts.spien'", "no placeholder 'charts.spien'"),
        ("{{ tables.form_6 }}", "không có trường 'tables.form_6'", "placeholder 'tables.form_6'"),
    ],
)
def test_a_wrong_form_is_refused_before_the_first_page(capsys, tmp_path, text, vietnamese, english):
    form = word_form(tmp_path / "mau.docx", "đầu", text)
    for language, sentence in (("vi", vietnamese), ("en", english)):
        code, out, err = report_in_word(capsys, tmp_path, form, "--language", language)
        assert (code, out) == (2, "") and sentence in err.splitlines()[-1]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"", b"PK no", "half"], ids=repr)
def test_a_damaged_form_is_refused_before_the_first_page(capsys, tmp_path, content):
    form = word_form(tmp_path / "mau.docx", "{{ ward }}")
    whole = form.read_bytes()
    form.write_bytes(whole[: len(whole) // 2] if content == "half" else content)
    code, out, err = report_in_word(capsys, tmp_path, form)
    assert (code, out) == (2, "") and "mau.docx không phải tệp Word" in err


def test_what_only_a_ward_s_page_shows_fails_the_city_alone(capsys, tmp_path):
    form = word_form(tmp_path / "mau.docx", "{{ charts.spine }}")
    code, out, _ = report_in_word(capsys, tmp_path, form)
    assert code == 1 and out.startswith("Không lập được 1 báo cáo: 116 ")
    cause = (tmp_path / "out/manifest.json").read_text(encoding="utf-8")
    assert "Mẫu mau.docx: không có trường 'charts.spine'" in cause


def test_a_command_that_is_stopped_says_so(capsys, monkeypatch):
    def stop(_):
        raise KeyboardInterrupt

    monkeypatch.setitem(cli.COMMANDS, "plan", (stop, ""))
    code, _, err = said(capsys, "plan")
    assert (code, err) == (130, "Đã dừng theo yêu cầu.\n")


# --- the commands ------------------------------------------------------------------------


def test_report_hands_its_arguments_on(monkeypatch, capsys):
    from sonla_analysis.batch import run
    from sonla_analysis.batch.record import Outcome

    handed = {}

    def report(data=None, **options):
        handed.update(options, data=data)
        return Outcome(Path("reports"), 1, "ba báo cáo")

    monkeypatch.setattr(run, "report", report)
    code, out, _ = said(
        capsys, "report", "data", "--unit", "03646", "--unit", "116", "--to", "html,pdf",
        "--as-of", "2020-12-31", "--jobs", "2", "--timeout", "60", "--force", "--out", "x",
    )  # fmt: skip
    assert (code, out) == (1, "ba báo cáo\n")
    handed.pop("progress")
    assert handed == {
        "data": "data", "units": ["03646", "116"], "formats": "html,pdf", "as_of": "2020-12-31",
        "jobs": 2, "timeout": 60, "force": True, "out": "x", "language": "vi",
    }  # fmt: skip


def test_report_leaves_to_the_batch_what_is_not_asked_for(monkeypatch, capsys):
    from sonla_analysis.batch import run
    from sonla_analysis.batch.record import Outcome

    handed = {}
    monkeypatch.setattr(
        run, "report", lambda data, **options: handed.update(options) or Outcome(Path("r"), 0, "")
    )
    assert said(capsys, "report")[0] == 0
    assert set(handed) == {"language", "progress"}


def test_check_of_good_data_says_that_nothing_must_be_corrected(capsys):
    for language, sentence in (("vi", "không có gì phải sửa"), ("en", "nothing must be corrected")):
        code, out, err = said(capsys, "check", TWO_WARDS, "--language", language)
        assert (code, err) == (0, "") and sentence in out


@pytest.fixture
def faulty(tmp_path):
    """Data with faults in both wards, a repeated one, and a warning."""
    import pandas as pd

    shutil.copy(Path(TWO_WARDS) / "about.toml", tmp_path)
    for file in Path(TWO_WARDS).glob("*.csv"):
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
        if file.stem == "households":
            table.loc[6, "hygienic_water"] = "false"
        if file.stem == "members":
            table.loc[table.index[table["unit"] == "03658"][:7], "birth_year"] = "1,2"
        if file.stem == "unit_counts":
            table.loc[2, "officers_trained"] = "4"
        table.to_csv(tmp_path / file.name, index=False)
    return tmp_path


def test_findings_are_grouped_by_unit_with_warnings_apart(capsys, faulty):
    code, out, _ = said(capsys, "check", faulty)
    lines = out.splitlines()
    places = [
        next(place for place, line in enumerate(lines) if line.startswith(start))
        for start in ("PHẢI SỬA (8)", "Phường Chiềng Lề (03646)", "Xã Chiềng Cọ (03658)",
                      "CẦN XEM LẠI (1)", "Tổng cộng: 8 chỗ phải sửa, 1 chỗ cần xem lại.")
    ]  # fmt: skip
    assert code == 1 and places == sorted(places)


def test_a_fault_repeated_down_a_column_is_told_five_times_and_counted(capsys, faulty):
    _, out, _ = said(capsys, "check", faulty)
    assert out.count("ghi là '1,2'") == 5
    assert "… và 2 dòng khác cùng lỗi ở cột này" in out


def test_only_warnings_do_not_fail_the_check(capsys, faulty):
    for file in ("households.csv", "members.csv", "unit_counts.csv"):
        (faulty / file).write_bytes(Path(TWO_WARDS, file).read_bytes())
    text = (faulty / "funding.csv").read_text(encoding="utf-8").replace("22,21.4", "22,25")
    (faulty / "funding.csv").write_text(text, encoding="utf-8")
    code, out, _ = said(capsys, "check", faulty)
    assert code == 0
    assert "không có gì phải sửa" in out and "CẦN XEM LẠI (1), không chặn việc lập báo cáo" in out


def test_plan_prints_the_seventeen_figures_as_an_aligned_table(capsys, plan):
    code, out, _ = said(capsys, "plan")
    assert code == 0
    lines = out.splitlines()
    head = next(line for line in lines if line.startswith("Số"))
    rows = [line for line in lines if line[:1].isdigit()]
    assert [row.split()[0].rstrip("*~") for row in rows] == [one.number for one in plan.indicators]
    for row, one in zip(rows, plan.indicators, strict=True):
        assert row[head.index("Chỉ tiêu") :].startswith(one.short["vi"])
    assert "≤ 0,77%" in rows[0] and "15% – 20%" in rows[1] and "> 95%" in rows[8]


def test_plan_marks_what_is_recalled_and_what_is_read_from_the_wording(capsys):
    _, out, _ = said(capsys, "plan")
    numbers = [line.split()[0] for line in out.splitlines() if line[:1].isdigit()]
    assert {"5*", "9*", "11*", "3~", "16~", "1a", "2"} <= set(numbers)
    assert "* định nghĩa nêu theo trí nhớ, chưa kiểm chứng; ~ đọc từ câu chữ" in out


def test_plan_says_what_is_counted_and_who_owns_it(capsys):
    _, out, _ = said(capsys, "plan", "--language", "en")
    assert "numerator: of the denominator: has hygienic water" in out
    assert "denominator: sum of children under 1\n" in out
    assert "owner: Bank for Social Policies, transaction office" in out
    assert "definition: Recalled, not verified" in out


def test_the_page_of_indicators_is_the_plans(capsys):
    _, out, _ = said(capsys, "plan", "--markdown")
    page = (HERE.parent / "docs/indicators.md").read_text(encoding="utf-8")
    assert page == out, "run: sonla plan --markdown > docs/indicators.md"


def test_the_page_of_indicators_has_every_fact_of_every_figure(capsys, plan):
    _, out, _ = said(capsys, "plan", "--markdown")
    for one in plan.indicators:
        section = (
            out[out.index(f"\n## {one.number}. ") :].partition("\n## ")[2].partition("\n## ")[0]
        )
        for fact in (
            one.name["vi"],
            one.definition["en"],
            one.source["en"],
            one.owner["vi"],
            one.frequency,
        ):
            assert fact in section
    assert out.count("; recalled |") == 15  # the new-rural criteria


def test_sample_writes_a_city_that_the_check_finds_good(capsys, tmp_path):
    code, out, _ = said(capsys, "sample", "--out", tmp_path / "city")
    assert code == 0 and str(tmp_path / "city") in out
    assert said(capsys, "check", tmp_path / "city")[0] == 0
    cli._check_may_overwrite(tmp_path / "city")  # its own may be written again


def test_sample_never_overwrites_data_that_nobody_marked_as_synthetic(capsys, tmp_path):
    (tmp_path / "households.csv").write_text("as_of\n", encoding="utf-8")
    code, _, err = said(capsys, "sample", "--out", tmp_path)
    assert code == 2 and "số liệu không phải giả lập" in err
    assert (tmp_path / "households.csv").read_text(encoding="utf-8") == "as_of\n"


# --- as a program ------------------------------------------------------------------------


def test_the_program_ends_with_the_exit_code_and_speaks_utf8_into_any_pipe():
    command = [sys.executable, "-m", "sonla_analysis.cli", "plan", "kh195_2020"]
    environment = os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, env=environment)
    assert done.returncode == 2
    assert "kế hoạch" in done.stderr.decode("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no head on Windows")
def test_a_reader_that_stops_reading_is_no_error():
    command = f"{sys.executable} -m sonla_analysis.cli plan | head -1"
    done = subprocess.run(command, shell=True, capture_output=True)
    assert done.stderr == b"" and done.stdout.startswith("Kế hoạch 159/KH-UBND".encode())
