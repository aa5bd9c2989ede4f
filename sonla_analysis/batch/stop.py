"""Ctrl-C, SIGTERM, a closed terminal: a wish granted between two jobs, so nothing is left half."""

import contextlib
import signal
import threading

# Windows has no SIGHUP; what a closed terminal sends
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in dir(signal)]


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
