"""The same batch on a Dask cluster: the same files, and a dead worker loses nothing."""

import os
import signal

import batch
import pytest

distributed = pytest.importorskip("distributed")
pytestmark = [pytest.mark.faults, pytest.mark.timeout(200)]

ONCE = """\
import os, pathlib, time
told = pathlib.Path("{folder}") / "told"
if unit == "03658" and not told.exists():
    told.write_text(f"{{os.getpid()}} {{os.getppid()}}")
    time.sleep(100)"""


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
    said, told = process.communicate(timeout=120)
    assert process.returncode == 0, said + told
    assert set(batch.states(out).values()) == {"done"}
    batch.nothing_half(out)


def test_a_scheduler_that_is_not_there_is_refused(city, tmp_path):
    made = batch.pages(tmp_path / "pages", batch.BEGIN)
    out = tmp_path / "out"
    code, said, _ = batch.run(data=city, pages=made, out=out, scheduler="tcp://127.0.0.1:9")
    assert code == batch.REFUSED + 1
    assert "tcp://127.0.0.1:9 cannot be reached" in said
