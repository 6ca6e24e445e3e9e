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
        self.assertEqual(self.run_line("cat\rhello\r\x04"),
                         "hello\nhello\n")

    def test_interrupt(self) -> None:
        """Ctrl-C ends the foreground job and nothing else."""
        self.run_line("sleep 1000 &")
        self.type("sleep 1000\r")
        time.sleep(1)
        self.type("\x03")
        self.until(re.escape(_PROMPT))
        self.assertEqual(self.run_line("echo $?"), "130\n")
        self.assertIn("Running", self.run_line("jobs"))
        self.assertEqual(self.run_line("kill %1; echo alive"), "alive\n")
        # A line that was begun is forgotten.
        self.type("echo lost\x03")
        self.until(re.escape(_PROMPT))
        self.assertEqual(self.run_line("echo kept"), "kept\n")

    def test_jobs(self) -> None:
        """Ctrl-Z stops; fg and bg let a job go on."""
        self.type("cat > /dev/null\r")
        time.sleep(1)
        self.type("\x1a")
        self.until(rb"Stopped[^\n]*cat")
        self.until(re.escape(_PROMPT))
        self.assertIn("Stopped", self.run_line("jobs"))
        # In the background it may not read the terminal, and stops again.
        self.run_line("bg")
        time.sleep(1)
        self.assertIn("Stopped", self.run_line("jobs"))
        self.type("fg\r")
        time.sleep(1)
        self.type("\x04")
        self.until(re.escape(_PROMPT))
        self.assertEqual(self.run_line("jobs; echo none"), "none\n")
        self.type("sleep 2\r")
        time.sleep(0.5)
        self.type("\x1a")
        self.until(re.escape(_PROMPT))
        self.run_line("bg")
        self.assertEqual(self.run_line("wait; echo waited")[-7:], "waited\n")

    def test_window(self) -> None:
        """The guest learns of a new size at once."""
        self.type("trap 'echo ch''anged' WINCH\r")
        self.until(re.escape(_PROMPT))
        termios.tcsetwinsize(self.master, (33, 101))
        time.sleep(1)
        self.assertIn("33 101\n", self.run_line("stty size"))


if __name__ == "__main__":
    system.main()
