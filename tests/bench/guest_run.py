"""Runs the run driver in a process of its own and keeps what it said."""

import os
import sys
import tempfile
from collections.abc import Sequence

from platforms.qemu import run


def run_guest(arguments: Sequence[str]) -> tuple[int, str]:
    """The driver's status and what went to its standard output.

    The driver owns its process's standard files and signals, so it gets a
    process.
    """
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            status = 125
            try:
                null = os.open(os.devnull, os.O_RDONLY)
                os.dup2(null, 0)
                os.dup2(output.fileno(), 1)
                status = run.main(arguments)
                sys.stdout.flush()
            finally:
                os._exit(status)
        _, ended = os.waitpid(child, 0)
        output.seek(0)
        text = output.read().decode(errors="replace")
        return os.waitstatus_to_exitcode(ended), text
