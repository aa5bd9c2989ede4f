"""The same batch on a Dask cluster: the same files, and a dead worker loses nothing."""

import os
import signal

import batch
import pytest

distributed = pytest.importorskip("distributed")
pytestmark = [pytest.mark.faults, pytest.mark.timeout(2 * batch.PATIENCE)]

ONCE = """\
import os, pathlib, psutil, time
told = pathlib.Path("{folder}") / "told"
if unit == "03658" and not told.exists():
    told.write_text(f"{{os.getpid()}} {{psutil.Process(os.getppid()).ppid()}}")
    time.sleep(10_000)"""


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    return batch.small_city(tmp_path_factory.mktemp("city") / "data")


def test_a_cluster_gives_the_same_bytes_as_this_machine(cluster, city, tmp_path):
    alone = "import sys; assert 'distributed' not in sys.modules  # no fork of a threaded process"
    made = batch.pages(tmp_path / "pages", batch.BEGIN, batch.HEADLINE, alone)
    formats = "html,svg,png"
    here = batch.run(data=city, pages=made, out=tmp_path / "here", formats=formats)
    there = batch.run(
        data=city, pages=made, out=tmp_path / "there", formats=formats, scheduler=cluster
    )
    assert (here[0], there[0]) == (0, 0), there
    assert batch.contents(tmp_path / "there") == batch.contents(tmp_path / "here")


def test_a_killed_worker_of_a_cluster_loses_nothing(cluster, city, tmp_path):
    made = batch.pages(tmp_path / "pages", batch.BEGIN, ONCE.format(folder=tmp_path))
    out = tmp_path / "out"
    process = batch.start(data=city, pages=made, out=out, scheduler=cluster)
    _, worker = map(int, batch.wait_for(tmp_path / "told").split())
    os.kill(worker, signal.SIGKILL)
    said, told = process.communicate(timeout=batch.PATIENCE)
    assert process.returncode == 0, said + told
    assert set(batch.states(out).values()) == {"done"}
    batch.nothing_half(out)


def test_on_a_cluster_too_a_page_leaves_nothing_to_others_and_ends_in_time(cluster, city, tmp_path):
    spoil = f"""\
import os, pathlib, subprocess
assert "SPOILT" not in os.environ
os.environ["SPOILT"] = "yes"
child = subprocess.Popen(["sleep", "10000"])
pathlib.Path("{tmp_path}/child-" + unit).write_text(str(child.pid))
while unit == "03658": pass"""
    made, out = batch.pages(tmp_path / "pages", batch.BEGIN, spoil), tmp_path / "out"
    code, _, told = batch.run(data=city, pages=made, out=out, scheduler=cluster, timeout=20)
    causes = {unit: one["cause"] for unit, one in batch.records(out).items()}
    late = "took longer than the 20 seconds allowed, in cell 3"
    assert (code, causes) == (1, dict.fromkeys(causes) | {"03658": late}), told
    batch.gone(*(int((tmp_path / f"child-{unit}").read_text()) for unit in causes))


def test_a_scheduler_that_is_not_there_is_refused(city, tmp_path):
    made = batch.pages(tmp_path / "pages", batch.BEGIN)
    out = tmp_path / "out"
    code, said, _ = batch.run(data=city, pages=made, out=out, scheduler="tcp://127.0.0.1:9")
    assert code == batch.REFUSED + 1
    assert "tcp://127.0.0.1:9 cannot be reached" in said
