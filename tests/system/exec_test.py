"""--exec: output, input, status and arguments, exactly; --add: files."""

import hashlib
import os
import signal
import subprocess
import time

from tests.system import system
from tests.system.system import SystemTestCase, every_byte


class OutputTest(SystemTestCase):
    def test_every_byte_of_300_kilobytes(self):
        data = every_byte(300_000)
        self.file("data", data)
        run = self.run_program(
            system.probe(), "show", "/data", options=("--add", "data")
        )
        self.assertEnds(run, 0, data)

    def test_nothing(self):
        self.assertEnds(self.run_program(system.probe(), "exit", "0"), 0)


class InputTest(SystemTestCase):
    def test_every_byte_arrives_and_then_the_end(self):
        data = every_byte(100_000, seed=2)
        run = self.run_program(system.probe(), "copy", input=data)
        self.assertEnds(run, 0, data)

    def test_what_is_sent_at_once_and_little(self):
        for data in (b"", b"x", b"\x10", b"hello\n"):
            run = self.run_program(system.probe(), "copy", input=data)
            self.assertEnds(run, 0, data)

    def test_counted_instructions(self):
        run = self.run_program(
            system.probe(), "copy", options=("--icount",), input=b"word\r\n"
        )
        self.assertEnds(run, 0, b"word\r\n")

    def test_a_dialogue(self):
        words = self.driver(
            "--timeout", "30", "--add", system.probe(), "--exec", "probe copy"
        )
        with subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
            env=self.environment(),
        ) as run:
            for text in (b"one\n", b"two\n", b"three"):
                run.stdin.write(text)
                answer = b""
                while len(answer) < len(text):
                    got = run.stdout.read(100)
                    self.assertTrue(got, "the run ended early")
                    answer += got
                self.assertEqual(answer, text)
            run.stdin.close()
            self.assertEqual((run.stdout.read(), run.wait()), (b"", 0))


class StatusTest(SystemTestCase):
    def test_the_programs_own(self):
        for status in (0, 1, 2, 42, 124, 126, 127, 128, 200, 255):
            run = self.run_program(system.probe(), "exit", str(status))
            self.assertEnds(run, status)
            self.assertEqual(run.err, "")

    def test_125_is_explained(self):
        run = self.run_program(system.probe(), "exit", "125")
        self.assertEnds(run, 125)
        self.assertIn("else the program's own status", run.err)

    def test_signals(self):
        for number in (signal.SIGHUP, signal.SIGABRT, signal.SIGKILL,
                       signal.SIGTERM, signal.SIGRTMAX):
            run = self.run_program(system.probe(), "raise", str(int(number)))
            self.assertEnds(run, 128 + number)
        run = self.run_program(system.probe(), "raise", str(signal.SIGCHLD))
        self.assertEnds(run, 0)
        run = self.run_program(system.probe(), "fault")
        self.assertEnds(run, 128 + signal.SIGSEGV)

    def test_timeout(self):
        for deed in ("spin", "copy"):
            started = time.monotonic()
            with subprocess.Popen(
                self.driver("--timeout", "2", "--add", system.probe(),
                            "--exec", "probe " + deed),
                stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                env=self.environment(),
            ) as run:
                self.assertEqual(run.wait(), 124, deed)
                self.assertIn(b"no end after 2 s", run.stderr.read())
            self.assertLess(time.monotonic() - started, 10)

    def test_no_such_program(self):
        for name in ("no-such-program", "/bin/no-such-program"):
            run = self.boot("--exec", name)
            self.assertEqual(run.status, 127)
            self.assertIn(b"No such file or directory", run.out)
            self.assertIn("is not in the root file system", run.err)

    def test_not_executable(self):
        data = self.file("data", b"no program", 0o644)
        noise = self.file("noise", b"\x00\x01\x02\x03", 0o755)
        for path, problem in (("/data", b"Permission denied"),
                              ("/etc", b"Permission denied"),
                              ("/noise", b"Exec format error")):
            run = self.boot("--add", data, "--add", noise, "--exec", path)
            self.assertEqual(run.status, 126, path)
            self.assertIn(problem, run.out)


class CommandTest(SystemTestCase):
    def test_words_are_split_as_a_shell_does(self):
        self.assertEnds(
            self.boot(
                "--add", system.probe(), "--exec",
                r"""probe arguments 'a  b' "c\"d" '' e\ f $HOME '*' é""",
            ),
            0,
            '[a  b]\n[c"d]\n[]\n[e f]\n[$HOME]\n[*]\n[é]\n'.encode(),
        )

    def test_many_words(self):
        words = ["w" * 50] * 1000
        run = self.run_program(system.probe(), "arguments", *words)
        self.assertEnds(run, 0, b"".join(b"[%s]\n" % w.encode() for w in words))


class AddTest(SystemTestCase):
    def test_mode_bits_and_places(self):
        data = every_byte(5000)
        self.file("odd name: x", data, 0o640)
        self.file("tool", b"#!/bin/probe arguments\n", 0o751)
        options = ("--add", "odd name: x:/data/deep/", "--add", "tool")
        run = self.run_program(
            system.probe(), "mode", "/data/deep/odd name: x", options=options
        )
        self.assertEnds(run, 0, b"100640 5000\n")
        run = self.run_program(
            system.probe(), "mode", "/bin/tool", options=options
        )
        self.assertEnds(run, 0, b"100751 23\n")
        run = self.boot("--add", system.probe(), *options, "--exec", "tool a")
        self.assertEnds(run, 0, b"[/bin/tool]\n[a]\n")

    def test_a_script_of_the_shell(self):
        self.file("script", b"#!/bin/busybox sh\necho $0 $1; exit 5\n", 0o755)
        run = self.boot("--add", system.busybox(), "--add", "script",
                        "--exec", "script word")
        self.assertEnds(run, 5, b"/bin/script word\n")

    def test_a_large_file_is_whole(self):
        data = os.urandom(3 << 20)
        self.file("large", data)
        run = self.boot("--add", system.busybox(), "--add", "large",
                        "--exec", "busybox sha256sum /large")
        digest = hashlib.sha256(data).hexdigest().encode()
        self.assertEnds(run, 0, digest + b"  /large\n")


if __name__ == "__main__":
    system.main()
