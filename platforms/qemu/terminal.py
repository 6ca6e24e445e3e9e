"""The user's terminal while the guest has it."""

import os
import termios
from types import TracebackType

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


class RawTerminal:
    """Every key reaches the reader at once, until the block is left.

    Output processing stays on, as no one else adds the carriage returns, and
    so does the mapping of the Enter key to a newline.
    """

    def __init__(self, fd: int):
        self._fd = fd
        self._saved = termios.tcgetattr(fd)

    def __enter__(self) -> None:
        mode = termios.tcgetattr(self._fd)
        mode[0] &= ~(termios.IXON | termios.BRKINT | termios.ISTRIP)
        mode[3] &= ~(
            termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN
        )
        mode[6][termios.VMIN] = 1
        mode[6][termios.VTIME] = 0
        termios.tcsetattr(self._fd, termios.TCSADRAIN, mode)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        termios.tcsetattr(self._fd, termios.TCSADRAIN, self._saved)


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
            elif key in b"dD":
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
