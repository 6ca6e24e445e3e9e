"""Tests of the whole driver against a stand-in for QEMU.

The stand-in runs the Python text of -append, with `say` to write raw bytes to
the line and `line` to read from it.
"""

import fcntl
import os
import pty
import re
import select
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

from platforms.qemu import framing, pump, verdict
from platforms.qemu.journal import Journal
from platforms.qemu.small_elf import elf
from tools.image import cpio, cpio_reader

_FAKE_QEMU = """\
#!{python}
import os, signal, sys, time
words = sys.argv
def option(name):
    return words[words.index(name) + 1]
def say(data):
    while data:
        data = data[os.write(1, data):]
def line(count=65536):
    return os.read(0, count)
exec(option("-append"))
"""
_ROOT = os.path.abspath(
    os.path.join(os.path.dirname(framing.__file__), "..", "..")
)
_LONG = 60


class DriverTestCase(unittest.TestCase):
    """Gives each test a directory with a kernel, a root and a fake QEMU."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.directory = scratch.name
        self.kernel = self.file("kernel.elf", b"kernel")
        root = cpio.write([cpio.regular_file("init", elf(62), 0o755)])
        self.initrd = self.file("root.cpio", root)
        self.qemu = self.file(
            "fake_qemu", _FAKE_QEMU.format(python=sys.executable).encode()
        )
        os.chmod(self.qemu, 0o755)

    def file(self, name, data):
        path = os.path.join(self.directory, name)
        with open(path, "wb") as out:
            out.write(data)
        return path

    def words(self, guest, *options):
        return [
            sys.executable, "-B", "-m", "platforms.qemu.run",
            "--arch=x86_64", "--kernel", self.kernel, "--initrd", self.initrd,
            "--qemu", self.qemu, "--append", guest, *options,
        ]

    def environment(self):
        return dict(
            os.environ,
            PYTHONPATH=_ROOT,
            BUILD_WORKING_DIRECTORY=self.directory,
        )

    def run_driver(self, guest, *options, input=b""):
        return subprocess.run(
            self.words(guest, *options), input=input, capture_output=True,
            env=self.environment(), cwd=_ROOT, timeout=_LONG,
        )

    def start_driver(self, guest, *options, **pipes):
        process = subprocess.Popen(
            self.words(guest, *options), env=self.environment(), cwd=_ROOT,
            **pipes,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process


class OutputTest(DriverTestCase):
    def test_stdout_is_exactly_what_the_program_wrote(self):
        data = bytes(range(256)) * 4000 + b"no newline at the end"
        self.file("data", framing.escape(data))
        path = os.path.join(self.directory, "data")
        result = self.run_driver(
            "say(b'\\x10Lbooting\\n');"
            f"say(open({path!r}, 'rb').read());"
            "say(b'\\x10Lending\\n\\x10X0\\n')"
        )
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stdout, data)
        self.assertEqual(result.stderr, b"")

    def test_all_of_it_even_if_the_reader_is_slow(self):
        process = self.start_driver(
            "say(bytes(3000000)); say(b'\\x10X3\\n')",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        )
        time.sleep(1)
        total = len(process.stdout.read())
        process.stdout.close()
        self.assertEqual((total, process.wait(_LONG)), (3000000, 3))

    def test_reader_that_leaves_ends_the_run(self):
        process = self.start_driver(
            "\nwhile True: say(b'y\\n' * 1000)",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        )
        process.stdout.read(10)
        process.stdout.close()
        self.assertEqual(process.wait(_LONG), 128 + signal.SIGPIPE)

    def test_log_goes_where_it_is_asked_to(self):
        guest = "say(b'\\x10Lone\\na\\x10Ltwo\\n\\x10X0\\n');os.write(2,b'moan')"
        result = self.run_driver(guest, "--log", "out.log")
        with open(os.path.join(self.directory, "out.log"), "rb") as log:
            self.assertEqual(sorted(log.read().split(b"\n")),
                             [b"", b"one", b"qemu: moan", b"two"])
        self.assertEqual((result.stdout, result.stderr), (b"a", b""))
        result = self.run_driver(guest, "--log", "-")
        self.assertEqual(result.stdout, b"a")
        self.assertIn(b"one\ntwo\n", result.stderr)
        result = self.run_driver(guest, "--log", "no/such/dir")
        self.assertEqual(result.returncode, 125)


def _is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # ends while it is read
        return False


class StatusTest(DriverTestCase):
    def test_every_status(self):
        for status in range(256):
            guest = ["sh", "-c", f"printf '\\020X{status}\\n'; exit 77"]
            with tempfile.TemporaryFile() as out, subprocess.Popen(
                guest, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, bufsize=0,
            ) as qemu:
                ends = pump.Ends(stdin=None, stdout=out.fileno())
                ending = pump.Pump(qemu, ends, Journal(None)).run()
            self.assertEqual(verdict.judge(ending, None, True).status, status)

    def test_statuses_of_the_process(self):
        for status in (0, 1, 2, 124, 127, 137, 255):
            result = self.run_driver(f"say(b'\\x10X{status}\\n'); os._exit(77)")
            self.assertEqual(result.returncode, status)
            self.assertEqual((result.stdout, result.stderr), (b"", b""))

    def test_timeout(self):
        began = time.monotonic()
        result = self.run_driver("say(b'seen'); time.sleep(99)",
                                 "--timeout", "0.5")
        self.assertEqual(result.returncode, 124)
        self.assertEqual(result.stdout, b"seen")
        self.assertIn(b"0.5 s", result.stderr)
        self.assertLess(time.monotonic() - began, 20)

    def test_timeout_while_the_guest_floods(self):
        result = self.run_driver("\nwhile True: say(b'x' * 4096)",
                                 "--timeout", "0.5")
        self.assertEqual(result.returncode, 124)

    def test_crash_of_qemu(self):
        result = self.run_driver(
            "say(b'out\\x10Lpage fault at 0x10\\n');"
            "os.write(2, b'qemu says\\n'); os._exit(1)"
        )
        self.assertEqual(result.returncode, 125)
        self.assertEqual(result.stdout, b"out")
        for part in (b"page fault at 0x10", b"qemu says", b"status 1",
                     b"what to do"):
            self.assertIn(part, result.stderr)
        result = self.run_driver("os.kill(os.getpid(), signal.SIGSEGV)")
        self.assertEqual(result.returncode, 125)
        self.assertIn(b"SIGSEGV", result.stderr)
        result = self.run_driver("say(b'\\x10Lcut o')")
        self.assertEqual(result.returncode, 125)
        self.assertIn(b"triple fault", result.stderr)
        self.assertIn(b"cut o", result.stderr)

    def test_panic(self):
        lines = "".join(f"say(b'\\x10Lline {n}\\n');" for n in range(160))
        result = self.run_driver(lines + "say(b'\\x10X125\\n')")
        self.assertEqual(result.returncode, 125)
        self.assertIn(b"line 159\n", result.stderr)
        self.assertNotIn(b"line 9\n", result.stderr)
        self.assertIn(b"60 earlier lines", result.stderr)

    def test_two_answers_and_nonsense_are_failures(self):
        result = self.run_driver("say(b'\\x10X0\\n\\x10X125\\n')")
        self.assertEqual(result.returncode, 125)
        result = self.run_driver("say(b'\\x10X300\\n')")
        self.assertEqual(result.returncode, 125)
        self.assertIn(b"'300'", result.stderr)

    def test_qemu_that_stays_is_killed(self):
        pid = os.path.join(self.directory, "pid")
        began = time.monotonic()
        result = self.run_driver(
            f"open({pid!r}, 'w').write(str(os.getpid()));"
            "say(b'\\x10X9\\n'); time.sleep(99)"
        )
        self.assertEqual(result.returncode, 9)
        self.assertLess(time.monotonic() - began, 20)
        with open(pid) as file:
            self.assertFalse(os.path.exists(f"/proc/{file.read()}"))

    def test_qemu_dies_with_the_driver(self):
        for number, status in ((signal.SIGTERM, 128 + signal.SIGTERM),
                               (signal.SIGINT, 128 + signal.SIGINT),
                               (signal.SIGKILL, -signal.SIGKILL)):
            process = self.start_driver(
                "say(b'%d\\n' % os.getpid()); time.sleep(99)",
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            )
            pid = int(process.stdout.readline())
            process.stdout.close()
            process.send_signal(number)
            self.assertEqual(process.wait(_LONG), status)
            limit = time.monotonic() + 10
            while _is_alive(pid) and time.monotonic() < limit:
                time.sleep(0.01)
            self.assertLess(time.monotonic(), limit)


class InputTest(DriverTestCase):
    _ECHO = """
say(b'\\x10Lready\\n')
while True:
    got = line()
    say(got.replace(b'\\x10', b'\\x10\\x10'))
    if got.endswith(b'\\x10E'): break
say(b'\\x10X0\\n')
"""

    def test_stdin_is_escaped_and_ended(self):
        data = bytes(range(256)) * 2000
        result = self.run_driver(self._ECHO, input=data)
        self.assertEqual(result.stdout, framing.escape(data) + b"\x10E")

    def test_input_waits_for_the_first_word_of_the_guest(self):
        result = self.run_driver(
            "import select;"
            "early = select.select([0], [], [], 0.5)[0];"
            "say(b'\\x10L\\n'); line();"
            "say(b'\\x10X%d\\n' % len(early))",
            input=b"x",
        )
        self.assertEqual(result.returncode, 0)

    def test_with_icount_input_waits_for_a_reader(self):
        result = self.run_driver(
            "import select; say(b'\\x10Lhere\\n');"
            "early = select.select([0], [], [], 0.5)[0];"
            "say(b'\\x10R'); line();"
            "say(b'\\x10X%d\\n' % len(early))",
            "--icount", input=b"x",
        )
        self.assertEqual((result.returncode, result.stdout), (0, b""))

    def test_guest_that_does_not_read_stops_the_reading(self):
        source, sink = os.pipe()
        os.set_blocking(sink, False)
        process = self.start_driver("say(b'\\x10L\\n'); time.sleep(99)",
                                    stdin=source)
        os.close(source)
        taken, quiet_since = 0, time.monotonic()
        while time.monotonic() - quiet_since < 1 and taken < (1 << 23):
            try:
                taken += os.write(sink, bytes(65536))
                quiet_since = time.monotonic()
            except BlockingIOError:
                time.sleep(0.01)
        os.close(sink)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(_LONG), 128 + signal.SIGTERM)
        self.assertLess(taken, 1 << 20)

    def test_closed_stdin_is_end_of_file(self):
        process = self.start_driver(self._ECHO, stdout=subprocess.PIPE,
                                    preexec_fn=lambda: os.close(0))
        self.assertEqual(process.stdout.read(), b"\x10E")
        process.stdout.close()
        self.assertEqual(process.wait(_LONG), 0)


class TerminalTest(DriverTestCase):
    def start_on_terminal(self, guest, *options):
        pid, master = pty.fork()
        if pid == 0:
            os.chdir(_ROOT)
            # The driver adds a word, which is no Python.
            words = self.words(guest + " #", *options)
            os.execve(words[0], words, self.environment())
        self.addCleanup(os.close, master)
        return pid, master

    def read_until(self, master, mark):
        seen = b""
        while mark not in seen:
            self.assertTrue(select.select([master], [], [], _LONG)[0], seen)
            try:
                seen += os.read(master, 4096)
            except OSError:
                self.fail(seen)
        return seen

    def test_keys_and_restored_mode(self):
        pid, master = self.start_on_terminal(
            "say(b'\\x10Lup\\nready\\n');"
            "got = b''\n"
            "while not got.endswith(b'.'): got += line()\n"
            "say(option('-append')[-24:].encode())\n"
            "say(repr(got).encode() + b'!')\n"
            "time.sleep(99)"
        )
        before = termios.tcgetattr(master)
        self.read_until(master, b"ready\n")
        os.write(master, b"\x03xy\x7fa\r\x01\x01\x01d\x10\x1a.")
        seen = self.read_until(master, b"!")
        self.assertIn(
            rb"b'\x10W24;80\n\x03xy\x7fa\r\x01\x10E\x10\x10\x1a.'!", seen
        )
        self.assertIn(b" tine.terminal=24x80", seen)
        self.assertNotIn(b"^C", seen)
        os.write(master, b"\x01h")
        self.read_until(master, b"one Ctrl-A\r\n")
        os.write(master, b"\x01x")
        _, status = os.waitpid(pid, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status), 0)
        self.assertEqual(termios.tcgetattr(master), before)

    def test_window_size(self):
        pid, master = self.start_on_terminal(
            "say(b'\\x10Lup\\nready\\n');"
            "got = b''\n"
            # Two sizes in a row may come as one.
            "while b'W50;132\\n' not in got: got += line()\n"
            "say(repr(got).encode() + b'!')\n"
            "time.sleep(99)"
        )
        self.read_until(master, b"ready\n")
        fcntl.ioctl(master, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 50, 132, 0, 0))
        seen = self.read_until(master, b"!")
        self.assertIn(rb"\x10W50;132\n", seen)
        os.write(master, b"\x01x")
        os.waitpid(pid, 0)

    def test_quit_of_a_command_is_no_success(self):
        pid, master = self.start_on_terminal(
            "say(b'ready'); time.sleep(99)", "--exec", "/init"
        )
        self.read_until(master, b"ready")
        os.write(master, b"\x01x")
        _, status = os.waitpid(pid, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status), 130)


class PreparationTest(DriverTestCase):
    def test_exec_and_add_reach_the_root_file_system(self):
        script = self.file("tool.sh", b"#!/init\necho hi\n")
        os.chmod(script, 0o751)
        copy = os.path.join(self.directory, "copy")
        result = self.run_driver(
            f"open({copy!r}, 'wb').write(open(option('-initrd'), 'rb').read());"
            "say(option('-initrd').encode() + b'\\x10X0\\n')",
            "--add", "tool.sh", "--add", "tool.sh:/etc/x/y",
            "--exec", "tool.sh 'a b' \"\"",
        )
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertFalse(os.path.exists(result.stdout), "removed afterwards")
        with open(copy, "rb") as file:
            found = {e.path: e for e in cpio_reader.read(file.read())}
        self.assertEqual(found["etc/tine/exec"].data, b"tool.sh\0a b\0\0")
        self.assertEqual(found["bin/tool.sh"].mode, stat.S_IFREG | 0o751)
        self.assertEqual(found["etc/x/y"].data, b"#!/init\necho hi\n")
        self.assertIn("init", found)

    def test_refusals_start_nothing(self):
        started = os.path.join(self.directory, "started")
        guest = f"open({started!r}, 'w'); say(b'\\x10X0\\n')"
        self.file("big", bytes(64 << 20))
        for status, text, options in (
            (125, b"missing: No such file", ("--add", "missing")),
            (125, b"must be absolute", ("--add", "root.cpio:etc/x")),
            (125, b"no memory size", ("--memory", "lots")),
            (125, b"use --memory", ("--memory", "32M", "--add", "big")),
            (125, b"no kernel at /none", ("--kernel", "/none")),
            (125, b"no root file system", ("--initrd", "/none")),
            (125, b"cannot read", ("--initrd", "/none", "--exec", "x")),
            (125, b"not installed", ("--qemu", "/none")),
            (2, b"--exec needs a command", ("--exec", " ")),
            (2, b"no closing quotation", ("--exec", "'a")),
            (2, b"number of seconds", ("--timeout", "0")),
            (2, b"number of seconds", ("--timeout", "nan")),
            (2, b"count", ("--smp", "0")),
            (2, b"at most", ("--smp", "999")),
            (2, b"one CPU", ("--smp", "2", "--icount")),
            (2, b"exclude", ("--kvm", "--icount")),
            (2, b"aarch64", ("--el2",)),
            (2, b"unrecognized", ("--mem", "1G")),
        ):
            result = self.run_driver(guest, *options)
            self.assertEqual(result.returncode, status, (options, result))
            self.assertIn(text, result.stderr)
            self.assertEqual(result.stdout, b"")
            self.assertFalse(os.path.exists(started), options)

    def test_dry_run(self):
        result = self.run_driver("it's", "--dry-run")
        self.assertEqual(result.returncode, 0)
        self.assertTrue(result.stdout.startswith(self.qemu.encode()))
        self.assertIn(b"'it'\"'\"'s'", result.stdout)
        self.assertIn(self.initrd.encode(), result.stdout)

    def test_gdb_is_told_all_symbols(self):
        self.file("my prog", elf(62))
        self.file("pie", elf(62, kind=3))
        server = self.file("server", elf(62))
        result = self.run_driver(
            "", "--dry-run", "--gdb", "4321", "--servers", server,
            "--add", "my prog", "--add", "pie", "--exec", "/init",
        )
        self.assertIn(b" -gdb tcp:127.0.0.1:4321 -S ", result.stdout)
        [path] = re.findall(rb"gdb-multiarch -q -x (\S+)", result.stderr)
        with open(path) as file:
            lines = file.read().split("\n")
        [init] = [line.split()[1] for line in lines if "-init" in line]
        for made in (path, init, *re.findall(rb"\S+cpio", result.stderr)):
            os.unlink(made)
        directory = self.directory
        self.assertEqual(
            [line for line in lines if not line.startswith("set")],
            [f"file {self.kernel}", f"add-symbol-file {server}",
             f"add-symbol-file {directory}/my\\ prog",
             f"add-symbol-file {directory}/pie -o 0x555555554000",
             f"add-symbol-file {init}", "target remote localhost:4321", ""],
        )
        result = self.run_driver("", "--gdb", "70000")
        self.assertIn(b"invalid port value", result.stderr)

    def test_help(self):
        result = self.run_driver("", "--help")
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"--icount", result.stdout)


if __name__ == "__main__":
    unittest.main()
