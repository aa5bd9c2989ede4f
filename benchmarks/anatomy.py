"""Where a ward's html report spends its time, each step in a forked process of its own."""

import contextlib
import io
import json
import time
from dataclasses import replace

from batches import planned, scratch
from machine import median
from single import run_cells

from sonla_analysis.batch import build, isolation, shell, warm, worker


def anatomy(data, sizes) -> dict:
    """Return the median seconds of the steps, each one holding those before it."""
    with scratch() as folder:
        jobs = planned(folder)[2][1:]  # the wards and communes
        warm.warm(replace(jobs[-1], many=True))
        worker._is_pool_process = True  # as in the batch: the shell is made before the fork
        seconds = {name: [] for name in STEPS}
        for job in jobs * sizes["runs"]:
            for name, step in STEPS.items():  # side by side: an hour's noise meets all of them
                seconds[name].append(_alone(_timed(step), job))
        many, _ = _alone(_in_one_process, [jobs[-1], *jobs * sizes["runs"]])
    found = {name: median(inside for inside, _ in both) for name, both in seconds.items()}
    for name in ("nothing", "built"):
        found[f"{name}_whole"] = median(whole for _, whole in seconds[name])
    return {"warm": median(many[1:]), **found}  # the first warms up and does not count


def _alone(work, job) -> tuple:
    """Return what a forked process says of itself, and its seconds with its begin and end."""
    shell.prepare()
    started = time.perf_counter()
    ended = isolation.run_alone(work, job, timeout=600, memory_mb=2048)
    return ended.said["seconds"], time.perf_counter() - started


def _timed(step):
    def work(job, say):
        started = time.perf_counter()
        step(job)
        say({"end": {"seconds": time.perf_counter() - started}})

    return work


def _in_one_process(jobs, say) -> None:
    seconds = []
    for job in jobs:
        started = time.perf_counter()
        _cells(job)
        seconds.append(time.perf_counter() - started)
    say({"end": {"seconds": seconds}})


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
