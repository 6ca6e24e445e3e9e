"""The user's terminal while the guest has it."""

import fcntl
import os
import signal
import struct
import termios
import tty
from types import FrameType, TracebackType

from platforms.qemu import framing

CTRL_A = 0x01
KEY_HELP = (
    "Ctrl-A x: quit, Ctrl-A d: end of file, Ctrl-A Ctrl-A: one Ctrl-A"
)


def is_interactive(stdin: int, stdout: int) -> bool:
    """Whether a user sits at both ends and this job is in the foreground."""
    if not (os.isatty(stdin) and os.isatty(stdout)):
        return False
    try:
        return os.tcgetpgrp(stdin) == os.getpgrp()
    except OSError:
        return False


def size(fd: int) -> tuple[int, int]:
    """Rows and columns; 24 and 80 if the terminal does not say."""
    packed = fcntl.ioctl(fd, termios.TIOCGWINSZ, bytes(8))
    rows, columns, _, _ = struct.unpack("HHHH", packed)
    return (rows, columns) if rows and columns else (24, 80)


def command_line_word(fd: int) -> str:
    """Tells the guest that its console is a terminal, and of what size."""
    return "tine.terminal=%dx%d" % size(fd)


def lines(fd: int, text: bytes) -> bytes:
    """Text as it must be written so that its lines start at the margin."""
    try:
        raw = not termios.tcgetattr(fd)[1] & termios.OPOST
    except termios.error:
        raw = False  # no terminal
    return text.replace(b"\n", b"\r\n") if raw else text


class RawTerminal:
    """Every byte passes as it is, both ways, until the block is left.

    The guest's terminal echoes, edits lines and adds carriage returns.
    """

    def __init__(self, fd: int):
        self._fd = fd
        self._saved = termios.tcgetattr(fd)

    def __enter__(self) -> None:
        tty.setraw(self._fd, termios.TCSADRAIN)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        termios.tcsetattr(self._fd, termios.TCSADRAIN, self._saved)


class Window:
    """The size of the user's terminal, told to the guest as it changes.

    To be polled for input: it is readable when there is a size to tell.
    """

    def __init__(self, fd: int):
        self._fd = fd
        self._bell, self._ring = os.pipe()
        os.set_blocking(self._ring, False)
        os.write(self._ring, b"W")
        signal.signal(signal.SIGWINCH, self._changed)

    def fileno(self) -> int:
        """What to poll."""
        return self._bell

    def take_record(self) -> bytes:
        """The record for the guest, once the file is readable."""
        os.read(self._bell, 4096)
        return framing.window_size(*size(self._fd))

    def _changed(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        try:
            os.write(self._ring, b"W")
        except BlockingIOError:
            pass  # enough of them are in it


class KeyFilter:
    """Takes the driver's own keys out of what the user types."""

    def __init__(self) -> None:
        self.quit = False
        self._help = False
        self._after_ctrl_a = False

    def feed(self, keys: bytes) -> bytes:
        """What goes over the line to the guest for these keys."""
        out = bytearray()
        for key in keys:
            if not self._after_ctrl_a:
                if key == CTRL_A:
                    self._after_ctrl_a = True
                else:
                    out += framing.escape(bytes((key,)))
                continue
            self._after_ctrl_a = False
            if key in b"xX":
                self.quit = True
                break
            if key in b"dD":
                out += framing.END_OF_FILE
            elif key in b"hH?":
                self._help = True
            elif key == CTRL_A:
                out.append(CTRL_A)
            else:
                out += framing.escape(bytes((CTRL_A, key)))
        return bytes(out)

    def take_help(self) -> bool:
        """Whether Ctrl-A h was pressed since this was last asked."""
        was, self._help = self._help, False
        return was
