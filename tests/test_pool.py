"""What the pool does when workers die, with an executor made by hand."""

from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass

import pytest

from sonla_analysis.batch import pool


@dataclass(frozen=True)
class Job:
    folder: str
    language: str = "en"


class HandMade:
    """Ends each job at once as the script says: a result, or the death of the worker."""

    size, deadly = 2, (BrokenExecutor,)

    def __init__(self, script: dict):
        self.script, self.restarts, self.submitted = script, 0, []

    def submit(self, job):
        self.submitted.append(job.folder)
        future, what = Future(), self.script.get(job.folder, ["done"])
        what = what.pop(0) if what else "done"
        if what == "broken before":
            raise BrokenExecutor
        if what == "dies":
            future.set_exception(BrokenExecutor("killed"))
        elif what == "fails":
            future.set_exception(ValueError("bad"))
        else:
            future.set_result({"cause": None})
        return future

    def restart(self):
        self.restarts += 1


def run(**script):
    made = HandMade(script)
    jobs = [Job(name) for name in "abcd"]
    said = []
    results = {job.folder: one["cause"]
               for job, one in pool.finished(made, jobs, lambda: 0, said.append)}  # fmt: skip
    return made, results, said


def test_every_job_ends_once():
    made, results, said = run()
    assert results == dict.fromkeys("abcd")
    assert (made.submitted, made.restarts, said) == (list("abcd"), 0, [])


def test_a_job_whose_worker_died_is_built_again():
    made, results, said = run(b=["dies", "done"])
    assert results == dict.fromkeys("abcd")
    assert made.restarts == len(said) == 1


def test_one_that_kills_its_worker_twice_fails_and_the_others_do_not():
    _, results, _ = run(b=["dies", "dies"])
    assert results == {"a": None, "c": None, "d": None} | {
        "b": "its worker process died, tried 2 times"
    }


def test_a_worker_that_died_idle_is_replaced():
    made, results, _ = run(c=["broken before", "done"])
    assert results == dict.fromkeys("abcd")
    assert made.restarts == 1


def test_an_error_of_the_worker_itself_is_the_jobs_cause():
    _, results, _ = run(d=["fails"])
    assert results["d"] == "the report could not be written: ValueError: bad"


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_wish_to_stop_is_granted_between_jobs(after):
    made, ended = HandMade({}), []
    jobs = [Job(name) for name in "abcd"]
    for job, _ in pool.finished(made, jobs, lambda: len(ended) >= after, print):
        ended.append(job)
    assert len(ended) < 4
