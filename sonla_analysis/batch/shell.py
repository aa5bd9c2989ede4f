"""An IPython shell that records what a cell shows, as a Jupyter kernel would send it."""

import base64
import io
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from traitlets import Type
from traitlets.config import Config


class Outputs(DisplayPublisher):
    """The outputs of the running cell, in the order in which they were shown."""

    def __init__(self, *given, **settings):
        super().__init__(*given, **settings)
        self.cell: list = []
        self._displayed: dict[str, list] = {}  # display_id → outputs that show it
        self._clear_before_next = False

    def start(self) -> None:
        self.cell, self._clear_before_next = [], False

    def clear_output(self, wait=False):
        self._clear_before_next = wait
        if not wait:
            self.cell.clear()

    def add(self, kind: str, **content) -> dict:
        if self._clear_before_next:
            self.clear_output()
        self.cell.append(NotebookNode(output_type=kind, **content))
        return self.cell[-1]

    def add_text(self, name: str, text: str) -> None:
        last = self.cell[-1] if self.cell and not self._clear_before_next else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self.add("stream", name=name, text=text)

    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **_):
        content = {"data": as_text(data), "metadata": metadata or {}}
        display_id = (transient or {}).get("display_id")
        if update:
            for shown in self._displayed.get(display_id, []):
                shown.update(content)
            return
        shown = self.add("display_data", **content)
        if display_id:
            self._displayed.setdefault(display_id, []).append(shown)


def as_text(data: dict) -> dict:
    """Return a bundle as a notebook holds it: pictures as base64 text.

    >>> as_text({"image/png": b"abc", "text/plain": "alt"})
    {'image/png': 'YWJj', 'text/plain': 'alt'}
    """
    return {
        kind: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for kind, value in data.items()
    }


class _Stream(io.TextIOBase):
    encoding = "utf-8"

    def __init__(self, outputs: Outputs, name: str):
        self.outputs, self.name = outputs, name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if text:
            self.outputs.add_text(self.name, text)
        return len(text)


class _ResultHook(DisplayHook):
    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        content = {"data": as_text(format_dict), "metadata": md_dict or {}}
        count = self.prompt_count
        self.shell.display_pub.add("execute_result", execution_count=count, **content)

    def finish_displayhook(self):
        self._is_active = False


class PageShell(InteractiveShell):
    """A shell without history, profile or terminal: nothing is read from or left at home."""

    display_pub_class = Type(Outputs)
    displayhook_class = Type(_ResultHook)

    def __init__(self):
        config = Config()
        config.HistoryManager.enabled = False
        config.HistoryManager.hist_file = ":memory:"
        config.InteractiveShell.colors = "nocolor"
        super().__init__(config=config)

    def init_profile_dir(self, profile_dir):
        self.profile_dir = None

    def init_virtualenv(self):
        pass

    def enable_gui(self, gui=None):
        pass  # there is no window to serve

    def ask_exit(self):
        raise SystemExit("0")  # exit() and quit()

    def _showtraceback(self, etype, evalue, stb):
        self.display_pub.add("error", ename=etype.__name__, evalue=str(evalue), traceback=list(stb))

    def run(self, source: str) -> tuple[list, BaseException | None]:
        """Run one cell; return its outputs, and what stopped it (None when nothing did)."""
        outputs = self.display_pub
        outputs.start()
        streams = _Stream(outputs, "stdout"), _Stream(outputs, "stderr")
        with redirect_stdout(streams[0]), redirect_stderr(streams[1]):
            result = self.run_cell(source, store_history=True)
        return outputs.cell, result.error_before_exec or result.error_in_exec


@contextmanager
def page_shell():
    """Give a fresh shell as the process's own, and the process back as it was."""
    main, hook = sys.modules["__main__"], sys.displayhook
    if InteractiveShell.initialized():
        raise RuntimeError("this process already runs an IPython shell; start a new process")
    shell = PageShell.instance()
    try:
        yield shell
    finally:
        shell.restore_sys_module_state()
        PageShell.clear_instance()
        sys.modules["__main__"], sys.displayhook = main, hook
