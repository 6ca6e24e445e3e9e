"""Starts QEMU so that it cannot outlive this process."""

import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence

from platforms.qemu.errors import RunError

_PIPE_BYTES = 1 << 20
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@contextlib.contextmanager
def started(words: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """QEMU with pipes, away from the terminal's signals, dying with us."""
    parent = os.getpid()
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def die_with_parent() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    try:
        qemu = subprocess.Popen(
            words,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
    except OSError as error:
        raise RunError(f"cannot start {words[0]}: {error.strerror}") from error
    try:
        assert qemu.stdout
        # Room for a burst, so that the guest rarely waits for the host.
        with contextlib.suppress(OSError):
            fcntl.fcntl(qemu.stdout, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        yield qemu
    finally:
        if qemu.poll() is None:
            qemu.kill()
            qemu.wait()
        for pipe in (qemu.stdin, qemu.stdout, qemu.stderr):
            if pipe:
                pipe.close()
