"""What the system was built to show, with programs that know nothing of it."""

import os
import subprocess

from tests.system import system
from tests.system.system import SystemTestCase

_PROGRAMS = "tests/guest/programs/"
_SOURCE = _PROGRAMS + "cow_children.cc"
_FORKS = 20_000
# Stock compilers of the host, as a user has them.
_COMPILER = {"x86_64": "g++", "aarch64": "aarch64-linux-gnu-g++"}


def on_host(path, *words):
    """What the program writes under the host's Linux."""
    return subprocess.run(
        [path, *words], stdout=subprocess.PIPE, check=True
    ).stdout


class MustShowTest(SystemTestCase):
    def test_a_cpp_program_from_outside_forks_100_children(self):
        program = os.path.join(self.directory, "outside")
        subprocess.run(
            [_COMPILER[system.arch], "-std=c++17", "-O2", "-static", "-x",
             "c++", _SOURCE, "-o", program],
            check=True,
        )
        expected = on_host(
            system.built(_PROGRAMS + "cow_children.x86_64/cow_children")
        )
        self.assertIn(b"100 of 100", expected)
        self.assertEnds(self.run_program(program), 0, expected)
        run = self.run_program(
            program, options=("--append", "tine.fork=eager")
        )
        self.assertEnds(run, 0, expected)

    def test_the_same_in_c_with_musl(self):
        path = _PROGRAMS + "cow_children_c.%s/cow_children_c"
        expected = on_host(system.built(path % "x86_64"))
        self.assertIn(b"100 of 100", expected)
        run = self.run_program(system.built(path % "{arch}"))
        self.assertEnds(run, 0, expected)

    def test_busybox_of_debian(self):
        run = self.boot(
            "--add", system.busybox(), "--exec",
            """/bin/busybox sh -c "(exit 3); echo $?; exit 7" """,
        )
        self.assertEnds(run, 7, b"3\n")


class BalanceTest(SystemTestCase):
    """Many forks leave as much as few do."""

    def counters(self, forks):
        """What the kernel says at the end of a run with so many forks."""
        run = self.run_program(system.probe(), "forks", str(forks))
        self.assertEnds(
            run, 0, b"%d forks, 0 pages fewer, 0 processes more\n" % forks
        )
        [line] = [line for line in run.log if line.startswith("end: ")]
        return line

    def test_forks_leave_nothing(self):
        self.assertEqual(self.counters(_FORKS), self.counters(1))


if __name__ == "__main__":
    system.main()
