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
    """Takes the driver's own keys out of what the user types, and edits lines.

    The guest's console is a plain byte channel: whoever is at the terminal sees
    and corrects what he types here, and the guest gets whole lines.
    """

    def __init__(self) -> None:
        self.quit = False
        self._help = False
        self._after_ctrl_a = False
        self._line = bytearray()
        self._echo = bytearray()

    def feed(self, keys: bytes) -> bytes:
        """What goes over the line to the guest for these keys."""
        out = bytearray()
        for key in keys:
            if not self._after_ctrl_a:
                if key == CTRL_A:
                    self._after_ctrl_a = True
                else:
                    out += self._edit(key)
                continue
            self._after_ctrl_a = False
            if key in b"xX":
                self.quit = True
                break
            if key in b"dD":
                out += self._take_line() + framing.END_OF_FILE
            elif key in b"hH?":
                self._help = True
            elif key == CTRL_A:
                self._line.append(CTRL_A)
            else:
                self._line += bytes((CTRL_A, key))
        return bytes(out)

    def _edit(self, key: int) -> bytes:
        if key in (0x7F, 0x08):
            if self._line:
                self._line.pop()
                self._echo += b"\b \b"
            return b""
        self._line.append(key)
        if key == 0x0A:
            self._echo.append(key)
            return self._take_line()
        self._echo += bytes((key,)) if key >= 0x20 else b"^" + bytes((key + 64,))
        return b""

    def _take_line(self) -> bytes:
        line, self._line = framing.escape(bytes(self._line)), bytearray()
        return line

    def take_echo(self) -> bytes:
        """What the terminal shows of the keys since this was last asked."""
        echo, self._echo = bytes(self._echo), bytearray()
        return echo

    def take_help(self) -> bool:
        """Whether Ctrl-A h was pressed since this was last asked."""
        was, self._help = self._help, False
        return was
