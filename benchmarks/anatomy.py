"""Where a ward's html report spends its time, each step in a forked process of its own."""

import contextlib
import io
import json
import time

from batches import planned, scratch
from machine import median
from single import run_cells

from sonla_analysis.batch import build, processes, rehearsal


def anatomy(data, sizes) -> dict:
    """Return the median seconds of the steps, each one holding those before it."""
    with scratch() as folder:
        jobs = planned(folder)[2][1:]  # the wards and communes
        rehearsal.make_ready(jobs, rehearse=True)
        seconds = {name: [] for name in STEPS}
        for job in jobs * sizes["runs"]:
            for name, step in STEPS.items():  # side by side: an hour's noise meets all of them
                seconds[name].append(_alone(_timed(step), job))
        many, _ = _alone(_in_one_process([jobs[-1], *jobs * sizes["runs"]]), jobs[-1])
    found = {name: median(inside for inside, _ in both) for name, both in seconds.items()}
    for name in ("nothing", "built"):
        found[f"{name}_whole"] = median(whole for _, whole in seconds[name])
    return {"warm": median(many[1:]), **found}  # the first warms up and does not count


def _alone(work, job) -> tuple:
    """Return what a forked process says of itself, and its seconds with its begin and end."""
    started = time.perf_counter()
    ((_, ended),) = processes.run_pages([job], 1, lambda: False, work)
    return ended["building"]["seconds"], time.perf_counter() - started


def _timed(step):
    def work(job, say):
        started = time.perf_counter()
        step(job)
        say({"end": {"building": {"seconds": time.perf_counter() - started}}})

    return work


def _in_one_process(jobs):
    """Return the work of running the cells of many jobs in the process of one."""

    def work(job, say):
        seconds = []
        for one in jobs:
            started = time.perf_counter()
            _cells(one)
            seconds.append(time.perf_counter() - started)
        say({"end": {"building": {"seconds": seconds}}})

    return work


def _nothing(job) -> None:
    pass


def _cells(job) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        run_cells(json.loads(job.page), job.parameters)


def _page(job) -> None:
    build.run_page(build.read(job.page), job.parameters)


def _built(job) -> None:
    build._built(job, lambda message: None)


STEPS = {"nothing": _nothing, "cells": _cells, "page": _page, "built": _built}
