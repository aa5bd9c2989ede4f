"""The papermill engine `sonla`: runs a page in this very process and keeps a true record.

    papermill --engine sonla commune_report.ipynb out.ipynb -p unit 03646

papermill's own engine starts a kernel for every notebook (seconds), calls cells of a killed kernel
completed, and truncates the last good file when the disk is full. This one runs the cells in an
IPython shell of the process it is called in, leaves what did not run `pending`, and saves by
writing beside and renaming. It isolates nothing by itself: `isolation.py` gives every page its own
process.
"""

import os
import sys

from papermill.engines import Engine, NotebookExecutionManager
from papermill.exceptions import PapermillExecutionError

from sonla_analysis.batch.folders import write_whole
from sonla_analysis.batch.notebooks import nbformat
from sonla_analysis.batch.parameters import checked, declared
from sonla_analysis.batch.shell import page_shell

INLINE_FIGURES = "module://matplotlib_inline.backend_inline"  # as in every Jupyter kernel


class TrueRecord(NotebookExecutionManager):
    """papermill's record of a run, in which only what ran to its end is `completed`."""

    def save(self, **kwargs):
        """Save the notebook whole or not at all; the last good file survives a full disk."""
        path = self.output_path
        if path and "://" in str(path):
            return super().save(**kwargs)
        if path:
            write_whole(path, nbformat.writes(kwargs.get("nb") or self.nb))
        self.last_save_time = self.now()

    def cell_ended(self, cell, cell_index=None):
        cell.metadata.papermill["status"] = self.COMPLETED
        self.cell_complete(cell, cell_index)

    def notebook_complete(self, **kwargs):
        pending = [
            cell for cell in self.nb.cells if cell.metadata.papermill["status"] == self.PENDING
        ]
        super().notebook_complete(**kwargs)
        for cell in pending:
            cell.metadata.papermill["status"] = self.PENDING
        if pending:
            self.save()


class WarmEngine(Engine):
    """Runs the cells one after another in this process; stops at the first that fails."""

    @classmethod
    def execute_notebook(
        cls,
        nb,
        kernel_name,
        output_path=None,
        progress_bar=True,
        log_output=False,
        autosave_cell_every=0,
        **kwargs,
    ):
        """Run the notebook and return it; refuse parameters that its page does not declare."""
        given = nb.metadata.get("papermill", {})
        # papermill only warns of a name it does not know, and turns the code 03646 into 3646
        checked(declared(nb), given.get("parameters", {}), given.get("input_path") or "")
        record = TrueRecord(nb, output_path, log_output, progress_bar, autosave_cell_every)
        record.notebook_start()
        try:
            cls.execute_managed_notebook(record, kernel_name, **kwargs)
        finally:
            record.cleanup_pbar()
            record.notebook_complete()
        return record.nb

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, on_cell=None, **kwargs):
        """Run the notebook; `on_cell(number)` is called before each cell of the page as stored."""
        number = 0
        with page_shell() as shell:
            _show_figures_as_a_kernel_does(shell)
            for index, cell in enumerate(nb_man.nb.cells):
                number += "injected-parameters" not in cell.metadata.get("tags", [])
                if on_cell:
                    on_cell(number)
                nb_man.cell_start(cell, index)
                if error := _run(shell, cell, nb_man):
                    nb_man.cell_exception(cell, index)
                    nb_man.cell_complete(cell, index)
                    _refuse_early_exit(cell, index, error)
                    return
                nb_man.cell_ended(cell, index)


def _show_figures_as_a_kernel_does(shell) -> None:
    """A figure of pyplot that a cell leaves open becomes an output of the cell."""
    chosen = "MPLBACKEND" in os.environ
    os.environ.setdefault("MPLBACKEND", INLINE_FIGURES)  # for a matplotlib that is imported later
    if "matplotlib" in sys.modules and not chosen:
        shell.enable_matplotlib("inline")


def _run(shell, cell, record) -> BaseException | None:
    """Run a cell into its outputs; return what stopped it."""
    if cell.cell_type != "code" or not cell.source.strip():
        return None
    if "skip-execution" in cell.metadata.get("tags", []):
        return None
    try:
        cell.outputs, error = shell.run(cell.source)
    except BaseException:  # the shell itself broke down
        record.cell_exception(cell)
        raise
    cell.execution_count = shell.execution_count - 1
    return error


def _refuse_early_exit(cell, index: int, error: BaseException) -> None:
    """papermill takes `sys.exit()` for a page that is complete; it is not."""
    if isinstance(error, SystemExit):
        name, source, count = type(error).__name__, cell.source, cell.execution_count
        raise PapermillExecutionError(index, count, source, name, str(error), [])
