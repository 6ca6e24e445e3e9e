"""--icount: two runs are the same, to the last instruction."""

from tests.system import system
from tests.system.system import SystemTestCase


class DeterminismTest(SystemTestCase):
    def test_counters_and_log_are_identical(self):
        first, second = (
            self.run_program(system.probe(), "steps", options=("--icount",))
            for _ in range(2)
        )
        self.assertEqual(first.status, 0, first.err)
        times = [int(word) for word in first.out.split()]
        self.assertEqual(len(times), 32)
        self.assertEqual(sorted(set(times)), times, "time must pass")
        self.assertEnds(second, 0, first.out)
        self.assertEqual(second.log, first.log)

    def test_a_program_of_many_processes(self):
        first, second = (
            self.boot("--icount", "--exec", "fork_tree 2 2") for _ in range(2)
        )
        self.assertEqual(first.status, 0, first.err)
        self.assertEnds(second, 0, first.out)
        self.assertEqual(second.log, first.log)


if __name__ == "__main__":
    system.main()
