"""The batch: jobs in, finished folders and a true record out.

    report("data/sample")  # every unit and the city, into reports/<latest date>

Nothing is touched before the request, the pages and the data have been checked. Then every report
is built beside and renamed, the manifest is rewritten after every job, and the run ends with one
sentence that says what happened and where the results are. Ctrl-C, SIGTERM and a closed terminal
are wishes, granted between two jobs, so nothing is left half.
"""

import contextlib
import signal
import sys
import threading

from sonla_analysis.batch import fingerprint, folders
from sonla_analysis.batch.jobs import inputs, plan_jobs
from sonla_analysis.batch.published import earlier_figures, publish
from sonla_analysis.batch.record import Outcome, RunRecord, holder, nothing_to_do, outcome_of, read
from sonla_analysis.batch.request import Request, checked, opened
from sonla_analysis.language.phrases import message, phrase
from sonla_analysis.language.refusals import SonlaError, UsageError

# Windows has no SIGHUP; what a closed terminal sends
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in dir(signal)]


def report(data=None, *, progress=sys.stderr, **asked) -> Outcome:
    """Build the reports of the units (all and the area by default) into a report folder.

    What can be `asked` is listed in `Request`: units, as_of, plan, formats, language, out, …  A
    report whose data, page and program are unchanged is kept; `force` builds it anew. A format
    that a folder already has is kept up to date with it (`force` builds exactly `formats`).

    Exit code 0: all done; 1: some report failed, its cause is in the manifest; 129, 130 or 143:
    stopped by a closed terminal, Ctrl-C or SIGTERM, the next run goes on. Raises `UsageError` for a
    wrong call and `DataError` for data that cannot be used at all, before anything is written.

    What a person wrote into a finished report is never lost: a file that is not as it was built is
    kept beside the new one (`report.da-sua-….docx`), whatever the options.
    """
    request = checked(Request(data, **asked))
    if (request.out / folders.LISTS).exists():
        raise UsageError(message("refused.reports_in_lists", folder=str(request.out)))
    _check_page(request)
    mark = inputs(request)
    if (same := nothing_to_do(request, mark)) is not None:
        return same
    with stop_signals() as stop:
        try:
            return _run(request, mark, progress, stop)
        except KeyboardInterrupt:
            if not stop.signal:
                raise
            return outcome_of(request, stop.signal)


def _check_page(request: Request) -> None:
    """Refuse a folder that holds another page, or the reports where a page is asked for."""
    found = read(request.out)[0]
    if found["jobs"] and (there := found.get("page", "")) != request.page_name:
        names = {"found": page_label(there), "asked": page_label(request.page_name)}
        raise UsageError(message("pages.other_folder", folder=request.out, **names))


def page_label(name: str):
    return message("pages.page", name=name) if name else message("pages.reports")


def _run(request: Request, mark: str, progress, stop) -> Outcome:
    from sonla_analysis.batch.template import check_template

    tell = _teller(progress)
    tell(phrase("batch.opening", request.language, data=request.data))
    stamps = fingerprint.data_stamps(request.data)
    request, situation = opened(request)
    situation = situation.seen_on(request.as_of)
    _compare_with_earlier(request, situation)
    jobs = plan_jobs(request, situation, stamps)
    check_template(request, jobs, situation.plan)
    with _open_folder(request):
        stop.raises = False  # from here on, only between two jobs
        record = RunRecord(request, jobs, mark, tell)
        record.open(situation)
        try:
            _build_all(record, progress, stop)
        finally:
            folders.tidy(request.out)
            record.finish(situation, stopped=bool(stop.signal))
    return record.outcome(stop.signal)


def _teller(progress):
    def tell(text: str) -> None:
        if progress is not None:
            from tqdm import tqdm

            with contextlib.suppress(OSError):  # the terminal was closed
                tqdm.write(text, file=progress)
                progress.flush()

    return tell


def _compare_with_earlier(request: Request, situation) -> None:
    """Let the pages know what the report before this one published; split it once for all."""
    from sonla_analysis.indicators.measure import area_of
    from sonla_analysis.review import review_of

    publish(situation, earlier_figures(request.out, request.as_of, request.data))
    _ = review_of(situation, area_of(situation.tables, request.as_of), request.as_of).changes


@contextlib.contextmanager
def _open_folder(request: Request):
    """Make the report folder ours for this run; put right what a dead run left."""
    from filelock import Timeout

    with contextlib.ExitStack() as stack:
        try:
            request.out.mkdir(parents=True, exist_ok=True)
            stack.enter_context(folders.locked(request.out))
            folders.tidy(request.out)
        except Timeout:
            words = holder(read(request.out)[0])
            raise SonlaError(message("batch.locked", folder=request.out, **words)) from None
        except OSError as error:
            words = {"folder": request.out, "reason": error.strerror or type(error).__name__}
            raise SonlaError(message("batch.no_folder", **words)) from None
        yield


def _build_all(record: RunRecord, progress, stop) -> None:
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # its thread would make forking unsafe
    counted = phrase("batch.bar", record.request.language)
    looks = f"{{n_fmt}}/{{total_fmt}} {counted} |{{bar}}| {{elapsed}}"  # what the bar counts
    words = {"bar_format": looks, "file": progress, "disable": progress is None}
    with tqdm(total=len(record.jobs), **words) as bar:
        bar.update(len(record.kept) + len(record.failed))
        if not record.to_build:
            return
        with contextlib.closing(_results(record, lambda: bool(stop.signal))) as results:
            for job, result in results:
                record.settle(job, result)
                bar.update()


def _results(record: RunRecord, stop):
    """Return what becomes of each job, on this machine or on the workers of a cluster."""
    from sonla_analysis.batch.cluster import run_on_cluster
    from sonla_analysis.batch.processes import run_pages
    from sonla_analysis.batch.rehearsal import make_ready

    request, jobs = record.request, record.to_build
    if request.scheduler:
        return run_on_cluster(jobs, request.scheduler, stop)
    make_ready(jobs)
    return run_pages(jobs, request.jobs, stop)


# --- a wish to stop ----------------------------------------------------------------------


class Stop:
    """The signal that asked the run to end (0: none yet).

    While data are read it interrupts at once; a second signal always does.
    """

    def __init__(self):
        self.signal, self.raises = 0, True

    def __call__(self, number, frame):
        again, self.signal = self.signal, number
        if self.raises or again:
            raise KeyboardInterrupt


@contextlib.contextmanager
def stop_signals():
    """Catch the signals that ask a run to end (possible in the main thread only)."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {one: signal.signal(one, stop) for one in SIGNALS if not _under_nohup(one)}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _under_nohup(number) -> bool:
    """Tell whether a closed terminal is meant to be outlived."""
    return number not in SIGNALS[:2] and signal.getsignal(number) is signal.SIG_IGN
