"""100,000 forks, each with a pipe and a signal, leave as much as one does."""

from tests.system import system
from tests.system.system import SystemTestCase

_FORKS = 100_000
_SECONDS = 800


class SoakTest(SystemTestCase):
    def counters(self, forks):
        """What the kernel says at the end of a run with so many forks."""
        run = self.run_program(
            system.built("tests/guest/programs/fork_soak.{arch}/fork_soak"),
            str(forks),
            options=("--timeout", str(_SECONDS)),
        )
        self.assertEnds(
            run,
            0,
            b"%d forks, %d signals, 0 pages fewer, 0 processes more\n"
            % (forks, forks),
        )
        [line] = [line for line in run.log if line.startswith("end: ")]
        return line

    def test_frames_and_objects_are_those_of_one_fork(self):
        self.assertEqual(self.counters(_FORKS), self.counters(1))


if __name__ == "__main__":
    system.main()
