"""The road not taken: a Jupyter kernel started by forking a warm process."""

import os
import tempfile
import time
from pathlib import Path


def kernel_from_warm_process(sources: list[str]) -> float:
    """Return the seconds to fork a kernel, run the cells through its sockets and end it."""
    import ipykernel.kernelapp  # noqa: F401  (warm, as the rest is)
    from jupyter_client import BlockingKernelClient
    from jupyter_client.connect import write_connection_file

    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "kernel.json")
        write_connection_file(file, transport="ipc", ip=str(Path(folder) / "socket"))
        kernel = _fork_kernel(file)
        client = BlockingKernelClient(connection_file=file)
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=30)
        for source in sources:
            client.execute_interactive(source, output_hook=lambda message: None, timeout=30)
        client.shutdown()
        client.stop_channels()
        os.waitpid(kernel, 0)
    return time.perf_counter() - started


def _fork_kernel(connection_file: str) -> int:
    if pid := os.fork():
        return pid
    from ipykernel.kernelapp import IPKernelApp

    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    try:
        app = IPKernelApp.instance(connection_file=connection_file)
        app.initialize(["--HistoryManager.enabled=False"])
        app.start()
    finally:
        os._exit(0)
