"""The batch: jobs in, finished folders and a true record out.

    report("data/sample")  # every unit and the city, into reports/<latest date>

Nothing is touched before the request, the pages and the data have been checked. Then every report
is built beside and renamed, the manifest is rewritten after every job, and the run ends with one
sentence that says what happened and where the results are.
"""

import contextlib
import sys

from sonla_analysis.batch import fingerprint, folders, manifest
from sonla_analysis.batch.jobs import inputs, plan_jobs
from sonla_analysis.batch.outcome import Outcome, nothing_to_do, outcome_of
from sonla_analysis.batch.request import (
    DEFAULT_FORMATS,
    MEMORY_MB,
    TIMEOUT,
    checked_address,
    checked_request,
    worker_count,
)
from sonla_analysis.batch.stop import stop_signals
from sonla_analysis.language.phrases import message, phrase
from sonla_analysis.language.refusals import SonlaError, UsageError
from sonla_analysis.language.vietnamese import refuse


def report(
    data=None,
    *,
    units=None,
    as_of=None,
    plan="kh159_2020",
    formats=DEFAULT_FORMATS,
    language="vi",
    jobs=None,
    scheduler=None,
    out=None,
    force=False,
    timeout=TIMEOUT,
    memory_mb=MEMORY_MB,
    word_template=None,
    pages=None,
    progress=sys.stderr,
) -> Outcome:
    """Build the reports of the units (all and the area by default) into a report folder.

    `jobs` pages run at once, on this machine or on the workers of a Dask `scheduler`; `pages` is a
    folder with other notebooks than the package's. `timeout` (seconds) and `memory_mb` limit each
    page. A report whose data, page and program are unchanged is kept; `force` builds it anew. A
    format that a folder already has is kept up to date with it (`force` builds exactly `formats`).

    Exit code 0: all done; 1: some report failed, its cause is in the manifest; 129, 130 or 143:
    stopped by a closed terminal, Ctrl-C or SIGTERM, the next run goes on. Raises `UsageError` for a
    wrong call and `DataError` for data that cannot be used at all, before anything is written.

    What a person wrote into a finished report is never lost: a file that is not as it was built is
    kept beside the new one (`report.da-sua-….docx`), whatever the options.
    """
    size, scheduler = worker_count(jobs), checked_address(scheduler)
    request = checked_request(
        data,
        units=units,
        as_of=as_of,
        plan=plan,
        formats=formats,
        language=language,
        out=out,
        force=force,
        timeout=timeout,
        memory_mb=memory_mb,
        word_template=word_template,
        pages=pages,
    )
    mark = inputs(request)
    if (same := nothing_to_do(request, mark)) is not None:
        return same
    with stop_signals() as stop:
        try:
            return _run(request, mark, size, scheduler, progress, stop)
        except KeyboardInterrupt:
            if not stop.signal:
                raise
            nothing = {"built": (), "kept": (), "failed": (), "not_run": ()}
            return outcome_of(request, nothing, [], stop.signal)


def _run(request, mark: str, size: int, scheduler, progress, stop) -> Outcome:
    from sonla_analysis.batch.book import Book
    from sonla_analysis.batch.template import check_template
    from sonla_analysis.review import open_situation

    tell = _teller(progress)
    tell(phrase("batch.opening", request.language, data=request.data))
    stamps = fingerprint.data_stamps(request.data)
    situation = open_situation(request.data, request.plan)
    _check_against_data(request, situation)
    jobs = plan_jobs(request, situation, stamps)
    check_template(request, jobs, situation.plan)
    with _open_folder(request, tell):
        stop.raises = False  # from here on, only between two jobs
        book = Book(request, jobs, mark, tell)
        book.open(situation)
        try:
            _build_all(book, size, scheduler, progress, stop)
        finally:
            folders.tidy(request.out)
            book.finish(situation, stopped=bool(stop.signal))
    return book.outcome(stop.signal)


def _teller(progress):
    def tell(text: str) -> None:
        if progress is not None:
            from tqdm import tqdm

            with contextlib.suppress(OSError):  # the terminal was closed
                tqdm.write(text, file=progress)
                progress.flush()

    return tell


def _check_against_data(request, situation) -> None:
    """Refuse a date or a unit that the data do not have, with the nearest that they have."""
    from sonla_analysis.indicators.measure import area_of, leaf_units, review_dates

    dates = review_dates(situation.tables)
    if request.as_of not in dates:
        raise UsageError(refuse("as_of", request.as_of, dates))
    area = area_of(situation.tables, request.as_of)
    known = [area, *leaf_units(situation.tables, request.as_of).index]
    for code in request.units or ():
        if code not in known:
            raise UsageError(refuse("unit", code, known))


@contextlib.contextmanager
def _open_folder(request, tell):
    """Make the report folder ours for this run; put right what a dead run left."""
    with contextlib.ExitStack() as stack:
        try:
            request.out.mkdir(parents=True, exist_ok=True)
            stack.enter_context(manifest.locked(request.out, request.language, tell))
            folders.tidy(request.out)
        except OSError as error:
            words = {"folder": request.out, "reason": error.strerror or type(error).__name__}
            raise SonlaError(message("batch.no_folder", **words)) from None
        yield


def _build_all(book, size: int, scheduler, progress, stop) -> None:
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # its thread would make forking unsafe
    words = {"desc": phrase("batch.bar", book.request.language), "unit": ""}
    with tqdm(total=len(book.jobs), file=progress, disable=progress is None, **words) as bar:
        bar.update(len(book.kept) + len(book.failed))
        if not book.to_build:
            return
        with _pool(scheduler, size, book) as (pool, finished):
            for job, result in finished(pool, book.to_build, lambda: stop.signal, book.tell):
                book.settle(job, result)
                bar.update()
            if stop.signal:
                pool.stop()


@contextlib.contextmanager
def _pool(scheduler, size: int, book):
    """Give the executor; end it in peace, or at once when something went wrong."""
    from sonla_analysis.batch.pool import DaskPool, LocalPool, finished

    size = min(size, len(book.to_build))
    pool = LocalPool(size, book.to_build) if scheduler is None else DaskPool(scheduler)
    try:
        yield pool, finished
    except BaseException:
        pool.stop()
        raise
    pool.close()
