"""Tests of report.py."""

import unittest

from tests.bench import report

_X86 = """\
# forkbench 1 x86_64 counter=rdtsc counter_hz=0 system=Linux 6.1 quick
# name value unit iterations | ticks_mean ticks_min ticks_median ticks_max
null_syscall_getppid 300.00 ns 50000 | 301.000 290.000 158.500 400.000
fork_exit_wait 20000.00 ns 200 | 20000.000 1.000 59426.500 90000.000
pipe_pingpong SKIP - 0 | pipe failed
parallel_forks_1 10000.00 forks/s 100 | 1.000 1.000 1.000 1.000
"""


class ReportTest(unittest.TestCase):
    def test_x86_ticks_are_instructions(self) -> None:
        run = report.parse(_X86)
        self.assertEqual(run.arch, "x86_64")
        self.assertEqual(run.figures["null_syscall_getppid"], (158.5, 300.0))
        self.assertEqual(run.figures["parallel_forks_1"], (100_000, 100_000))
        self.assertEqual(run.skipped, {"pipe_pingpong": "pipe failed"})

    def test_aarch64_ticks_are_sixteen_instructions(self) -> None:
        run = report.parse(_X86.replace("x86_64", "aarch64"))
        self.assertEqual(
            run.figures["null_syscall_getppid"], (16 * 158.5, 300.0)
        )

    def test_ratio_and_goals(self) -> None:
        rows = report.table(report.parse(_X86)).splitlines()
        [call] = [row for row in rows if "null_syscall_getppid" in row]
        self.assertEqual(
            call,
            "| null_syscall_getppid | 158.5 | 317.0 | 2.00 | 1.06 | 300 met |",
        )
        [fork] = [row for row in rows if "fork_exit_wait" in row]
        self.assertIn("| 59,426 | 118,853 | 2.00 |", fork)
        self.assertIn("14,000 MISSED", fork)

    def test_a_skip_has_no_ratio(self) -> None:
        rows = report.table(report.parse(_X86)).splitlines()
        [row] = [row for row in rows if row.startswith("| pipe_pingpong ")]
        self.assertRegex(
            row,
            r"^\| pipe_pingpong \| SKIP \| [\d,]+ \| - \| - \| pipe failed \|$",
        )

    def test_linux_figures_are_complete(self) -> None:
        linux = report.load_linux()
        self.assertEqual(set(linux["x86_64"]), set(linux["aarch64"]))
        for goal in report.GOALS:
            self.assertIn(goal, linux["x86_64"])

    def test_other_text_is_refused(self) -> None:
        with self.assertRaises(report.NotForkbench):
            report.parse("panic\n")
        with self.assertRaises(report.NotForkbench):
            report.parse(_X86.split("\n", 1)[1])


if __name__ == "__main__":
    unittest.main()
