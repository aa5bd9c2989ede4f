"""Where a ward's html report spends its time, each step in a forked process of its own."""

import contextlib
import io
import json
import time
from dataclasses import replace

from batches import planned, scratch
from machine import median
from single import plain_python, run_cells

from sonla_analysis.reports import build, isolation, shell, warm, worker


def anatomy(data, sizes) -> dict:
    """Return the median seconds of the steps, each one holding those before it."""
    with scratch() as folder:
        jobs = planned(folder)[2][1:]  # the wards and communes
        warm.warm(replace(jobs[-1], many=True))
        worker._is_pool_process = True  # as in the batch: the shell is made before the fork
        alone = {name: [_alone(step, job) for job in jobs] for name, step in STEPS.items()}
    inside = {name: median(one for one, _ in seconds) for name, seconds in alone.items()}
    whole = {name: median(both for _, both in seconds) for name, seconds in alone.items()}
    return {
        "warm": median(json.loads(plain_python("html", [job.unit for job in jobs]))),
        **inside,
        "nothing_whole": whole["nothing"],
        "whole": whole["built"],
    }


def _alone(step, job) -> tuple[float, float]:
    """Return the seconds of a step in its process, and with the process's begin and end."""

    def work(job, say):
        started = time.perf_counter()
        step(job)
        say({"end": {"seconds": time.perf_counter() - started}})

    shell.prepare()
    started = time.perf_counter()
    ended = isolation.run_alone(work, job, timeout=60, memory_mb=2048)
    return ended.said["seconds"], time.perf_counter() - started


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
