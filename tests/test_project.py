"""What can drift: two lists of dependencies, the map, the layers, the notebooks, the locks."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import sonla_analysis
from sonla_analysis import cli

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TOP = ROOT / "sonla_analysis"
DOCUMENTS = sorted(
    str(path.relative_to(ROOT)) for folder in (ROOT, ROOT / "docs") for path in folder.glob("*.md")
)


def bounds(requirements) -> dict[str, str]:
    """Return the lower bound of each requirement, by name."""
    parsed = map(Requirement, requirements)
    return {one.name.lower(): str(one.specifier).removeprefix(">=") for one in parsed}


# --- dependencies ------------------------------------------------------------------------


def conda_requirements() -> list[str]:
    """Return the entries of environment.yml, those of pip included (a list of plain lines)."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    entries = [
        line.strip().removeprefix("- ") for line in text.partition("dependencies:")[2].splitlines()
    ]
    return [entry for entry in entries if entry and not entry.startswith(("#", "pip:", "--"))]


def test_conda_users_get_the_same_dependencies_with_the_same_bounds():
    conda = bounds(conda_requirements())
    assert conda.pop("python") == PROJECT["requires-python"].removeprefix(">=")
    conda.pop("pip")
    extras = [one for group in PROJECT["optional-dependencies"].values() for one in group]
    needed, allowed = bounds(PROJECT["dependencies"]), bounds(PROJECT["dependencies"] + extras)
    assert {name: conda.get(name) for name in needed} == needed
    assert {name: allowed.get(name) for name in conda} == conda


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_holds_every_dependency_with_its_hashes(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)[^\\]*\\\n +--hash=sha256:", text, re.M)
    versions = {}
    for name, version in pins:
        versions.setdefault(name.replace("_", "-"), []).append(Version(version))
    for name, lowest in bounds(PROJECT["dependencies"]).items():
        assert min(versions[name]) >= Version(lowest), name
    unpinned = [line for line in text.splitlines() if re.match("[a-z]", line) and "==" not in line]
    assert unpinned == []


def test_the_version_is_told_once():
    assert sonla_analysis.__version__ == PROJECT["version"]
    assert PROJECT["version"] in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {PROJECT['version']}\n" in cited


# --- files that are kept -----------------------------------------------------------------


def kept_files() -> list[Path]:
    """Return the files under version control, and those that would be added."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run([*command, "-z"], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("not a git repository")
    files = [ROOT / name for name in done.stdout.decode().split("\0") if name]
    return [file for file in files if file.is_file()]


def test_no_file_names_a_package_registry_or_a_place_on_somebodys_machine():
    hosts = ("pypi", "files.pythonhosted", "registry.npmjs", "conda.anaconda", "registry.yarnpkg")
    pattern = "|".join(rf"{host}\.(?:org|com)" for host in hosts)
    pattern += r"|--(?:extra-)?index-" + "url|(?<![\\w.}])/(?:root|home|work)/[a-z]|[A-Z]:\\\\Users"
    told = []
    for file in kept_files():
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        told += [(file.name, found) for found in re.findall(pattern, text)]
    assert told == []


def test_python_files_start_with_what_they_are():
    for file in TOP.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert not text or ast.get_docstring(ast.parse(text)), file


# --- the map -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def readme():
    return (ROOT / "README.md").read_text(encoding="utf-8")


def mapped(text: str) -> set[str]:
    """Return the paths that the README's map names, folders with a slash."""
    block = text[text.index("```\nsonla_analysis/\n") :].split("```")[1]
    paths, folder = set(), ""
    for line in block.strip().splitlines():
        names = re.findall(r"^ *((?:\S+(?:\.py|/) ?)+)", line)
        for name in names[0].split() if names else ():
            folder = name if not line.startswith(" ") else folder
            paths.add(name if not line.startswith(" ") else folder + name)
    return paths


def test_everything_on_the_map_is_there(readme):
    for name in mapped(readme):
        assert (ROOT / name).exists(), name


def test_everything_that_is_there_is_on_the_map(readme):
    found = {f"sonla_analysis/{file.name}" for file in TOP.glob("*.py")}
    found |= {f"sonla_analysis/{one.name}/" for one in TOP.iterdir() if one.is_dir()}
    found -= {"sonla_analysis/__init__.py", "sonla_analysis/__pycache__/"}
    assert found - mapped(readme) == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_in_the_documents_exist_with_their_options(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    commands = re.findall(r"`?sonla (report|check|plan|sample|[a-z]+)\b([^`\n|]*)", text)
    if name.startswith("README"):
        assert {command for command, _ in commands} >= {"report", "check", "plan"}
    for command, arguments in commands:
        if command not in cli.COMMANDS:
            assert "--" not in arguments, command  # a word of a sentence
            continue
        known = set(cli._Parser(command, "en").names)
        assert set(re.findall(r"--[a-z-]+", arguments)) <= known, (command, arguments)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_targets_of_make_in_the_documents_exist(name):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    slow = re.search(r"^SLOW := (.+)", makefile, re.M)[1].split()
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.M)).difference(slow):
        assert re.search(rf"^[a-z ]*\b{target}\b[a-z ]*:", makefile, re.M), target


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_that_the_documents_name_are_there(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        assert link.startswith("https://") or (ROOT / name).parent.joinpath(link).exists(), link
    for file in re.findall(r"`((?:[a-z_]+/)+\w+\.(?:py|toml)|test_\w+\.py)`", text):
        if not re.search("[A-Z]", file):  # NAME: to be filled in
            places = (ROOT, ROOT / "tests", TOP, TOP / "language")
            assert any((one / file).is_file() for one in places), file


def test_the_limits_say_how_sure_each_figure_is():
    text = (ROOT / "docs/limits.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| ([a-z][a-z ,']+) \| ((?:\d+[ab]?(?:, )?)+) \|$", text, re.M))
    marks = ("official", "recalled", "plan_wording")
    for mark, figures in zip(marks, listed.values(), strict=True):
        plan = sonla_analysis.load_plan().indicators
        assert figures.split(", ") == [one.number for one in plan if one.certainty == mark]


def test_the_container_is_given_what_the_package_is_built_from():
    text = (ROOT / "docs/examples/Containerfile").read_text(encoding="utf-8")
    copied = {one for line in re.findall(r"^COPY (.+) \S+$", text, re.M) for one in line.split()}
    assert all((ROOT / one).exists() for one in copied)
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    wheel = wheel["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], *PROJECT["license-files"]}
    assert copied >= {*needed, PROJECT["readme"], "pyproject.toml", "requirements.txt"}


def test_imports_point_one_way():
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0 and b" 0 broken." in done.stdout, done.stdout.decode()[-2000:]


# --- notebooks are thin pages ------------------------------------------------------------


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def cells(request):
    return json.loads(request.param.read_text(encoding="utf-8"))["cells"]


def source(cell) -> str:
    return "".join(cell["source"])


def test_a_page_has_nine_to_twenty_cells(cells):
    assert 9 <= len(cells) <= 20


def test_a_page_is_stored_without_outputs(cells):
    for cell in cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None
        assert set(cell["metadata"]) <= {"tags"}


def test_a_page_has_one_cell_of_plain_parameters(cells):
    (parameters,) = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
    for line in source(parameters).splitlines():
        found = re.fullmatch(r"[a-z_]+: (str|int|float|bool) = (.+?)  # \S.*", line)
        assert found, line
        assert type(ast.literal_eval(found.group(2))).__name__ == found.group(1), line


def test_a_page_calls_and_does_not_compute(cells):
    forbidden = (
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.If, ast.IfExp),
        *(ast.For, ast.While, ast.With, ast.Try, ast.comprehension, ast.BinOp, ast.Compare),
    )
    for cell in cells:
        if cell["cell_type"] == "code":
            nodes = ast.walk(ast.parse(source(cell)))
            assert not [type(node).__name__ for node in nodes if isinstance(node, forbidden)]


def test_no_number_is_typed_in_prose(cells):
    for cell in cells:
        if cell["cell_type"] == "markdown":
            assert not re.search(r"\d", source(cell)), source(cell)


def test_the_pages_of_the_batch_say_the_same_parameters():
    pages = [path for path in NOTEBOOKS if path.stem in ("commune_report", "city_report")]
    texts = [json.loads(path.read_text(encoding="utf-8"))["cells"] for path in pages]
    names = [re.findall(r"^([a-z_]+):", source(cells[1]), re.M) for cells in texts]
    expected = ["data", "unit", "as_of", "plan", "language", "edition"]
    assert len(pages) == 2 and names[0] == names[1] == expected
