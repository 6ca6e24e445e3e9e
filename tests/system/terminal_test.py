"""The shell at a user's terminal: line editing, keys, job control, its size."""

import os
import pty
import re
import select
import sys
import termios
import time
import unittest

from tests.system import system

_LONG = 60
_PROMPT = b"tine# "
# A job that the shell starts has its group and the terminal by then.
_START_SECONDS = 2


class TerminalTest(system.SystemTestCase):
    """One run of the guest; the test types and reads as a user would."""

    def setUp(self) -> None:
        super().setUp()
        pid, self.master = pty.fork()
        if pid == 0:
            termios.tcsetwinsize(0, (24, 80))
            words = self.driver(
                "--log", os.path.join(self.directory, "log"),
                "--exec", "/bin/busybox sh",
            )
            os.execve(words[0], words, self.environment())
        self.pid = pid
        self.seen = b""
        self.addCleanup(os.close, self.master)
        self.until(rb"[#$] ")
        # A prompt that nothing else prints, and that no command line holds.
        self.type("PS1='ti''ne# '\r")
        self.until(re.escape(_PROMPT))

    def tearDown(self) -> None:
        os.write(self.master, b"\x01x")
        os.waitpid(self.pid, 0)

    def type(self, keys: str) -> None:
        """Presses keys."""
        os.write(self.master, keys.encode())

    def until(self, pattern: bytes) -> bytes:
        """Reads until the pattern has come; what came up to its end."""
        limit = time.monotonic() + _LONG
        while not (match := re.search(pattern, self.seen)):
            left = limit - time.monotonic()
            ready = select.select([self.master], [], [], max(0.0, left))[0]
            if not ready:
                self.fail(f"no {pattern!r} in {self.seen!r}\n{self._log()}")
            try:
                self.seen += os.read(self.master, 4096)
            except OSError:
                self.fail(f"ended without {pattern!r}: {self.seen!r}")
        found, self.seen = self.seen[:match.end()], self.seen[match.end():]
        return found

    def run_line(self, line: str) -> str:
        """What a command line prints, without its echo and the next prompt."""
        self.type(line + "\r")
        shown = self.until(re.escape(_PROMPT)).decode()
        # The shell redraws what is typed; its last line end is Enter's.
        _, _, printed = shown.partition("\r\n")
        return printed.removesuffix(_PROMPT.decode()).replace("\r\n", "\n")

    def start(self, line: str) -> None:
        """Has a command line run that does not end by itself."""
        self.type(f"echo st''arted; {line}\r")
        self.until(rb"started\r\n")
        time.sleep(_START_SECONDS)

    def _log(self) -> str:
        with open(os.path.join(self.directory, "log")) as file:
            return "".join(file.readlines()[-20:])

    def test_lines(self) -> None:
        """Commands, pipes, substitution, editing and the end of the input."""
        self.assertEqual(self.run_line("echo one two"), "one two\n")
        self.assertEqual(self.run_line("echo a b c | wc -w"), "3\n")
        self.assertEqual(self.run_line("echo $(echo deep | tr e i)"), "diip\n")
        self.assertEqual(self.run_line("echo wronx\x7fg"), "wrong\n")
        # Left twice, then a letter in between.
        self.assertEqual(self.run_line("echo ad\x1b[D\x1b[Dbc"), "bcad\n")
        self.assertEqual(self.run_line("tty"), "/dev/console\n")
        self.assertEqual(self.run_line("stty size"), "24 80\n")
        self.start("cat")
        self.type("hello\r")
        self.until(rb"hello\r\nhello\r\n")
        self.type("\x04")
        self.until(re.escape(_PROMPT))

    def test_interrupt(self) -> None:
        """Ctrl-C ends the foreground job and nothing else."""
        self.run_line("sleep 1000 &")
        self.start("sleep 1000")
        self.type("\x03")
        self.until(re.escape(_PROMPT))
        self.assertEqual(self.run_line("echo $?"), "130\n")
        self.assertIn("Running", self.run_line("jobs"))
        self.assertIn("alive\n", self.run_line("kill %1; echo alive"))
        # A line that was begun is forgotten.
        self.type("echo lost\x03")
        self.until(re.escape(_PROMPT))
        self.assertEqual(self.run_line("echo kept"), "kept\n")

    def test_jobs(self) -> None:
        """Ctrl-Z stops; fg and bg let a job go on."""
        self.start("cat > /dev/null")
        self.type("\x1a")
        self.until(rb"Stopped[^\n]*cat")
        self.until(re.escape(_PROMPT))
        self.assertIn("Stopped", self.run_line("jobs"))
        # In the background it may not read the terminal, and stops again.
        self.run_line("bg")
        time.sleep(_START_SECONDS)
        self.assertIn("Stopped", self.run_line("jobs"))
        self.type("fg\r")
        time.sleep(_START_SECONDS)
        self.type("\x04")
        self.until(re.escape(_PROMPT))
        self.assertEqual(self.run_line("jobs; echo none"), "none\n")
        self.start("sleep 5")
        self.type("\x1a")
        self.until(re.escape(_PROMPT))
        self.run_line("bg")
        self.assertIn("waited\n", self.run_line("wait; echo waited"))

    def test_window(self) -> None:
        """The guest learns of a new size at once."""
        termios.tcsetwinsize(self.master, (33, 101))
        time.sleep(_START_SECONDS)
        self.type("stty size\r")
        self.until(rb"\n33 101\r\n")


if __name__ == "__main__":
    system.main()
