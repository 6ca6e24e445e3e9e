"""Where log lines go, and which of them are kept for a report."""

import os
from collections import deque
from collections.abc import Callable
from typing import BinaryIO

from platforms.qemu import terminal
from platforms.qemu.errors import RunError

# Enough for a panic with the longest backtrace.
KEPT_LINES = 100


class Journal:
    """Collects log lines of the guest and what QEMU itself says."""

    def __init__(
        self,
        target: str | None,
        annotate: Callable[[bytes], bytes] = lambda line: line,
    ):
        """`target` is a file, "-" for stderr, None to keep lines only.

        `annotate` may add to a line what the guest cannot know.
        """
        self._annotate = annotate
        self.last: deque[bytes] = deque(maxlen=KEPT_LINES)
        self.dropped = 0
        self.shown = target == "-"
        self._file: BinaryIO | None = None
        self._qemu = b""
        if self.shown:
            self._file = open(2, "wb", closefd=False)
        elif target is not None:
            try:
                self._file = open(target, "wb")
            except OSError as error:
                raise RunError(
                    f"--log {target}: {error.strerror}"
                ) from error

    def line(self, text: bytes) -> None:
        """One log line, without its newline."""
        text = self._annotate(text)
        if len(self.last) == KEPT_LINES:
            self.dropped += 1
        self.last.append(text)
        if self._file is not None:
            try:
                self._file.write(terminal.lines(self._file.fileno(), text + b"\n"))
                self._file.flush()
            except OSError:
                self._file = None  # a full disk does not end the run

    def qemu(self, chunk: bytes) -> None:
        """Bytes of QEMU's stderr; an empty chunk ends it."""
        *lines, self._qemu = (self._qemu + chunk).split(b"\n")
        if not chunk and self._qemu:
            lines, self._qemu = [self._qemu], b""
        for text in lines:
            self.line(b"qemu: " + text)

    def report(self) -> str:
        """The last lines, for a user who has not seen them."""
        if not self.last:
            return "the system wrote no log line"
        text = [os.fsdecode(line) for line in self.last]
        if self.dropped:
            text.insert(0, f"({self.dropped} earlier lines: see --log FILE)")
        return "last log lines:\n" + "\n".join("  " + line for line in text)
