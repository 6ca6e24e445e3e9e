"""Tests of ipc_report.py."""

import unittest

from tests.bench import ipc_report

_LOG = """\
kernel: something else
server 1: ipc loop_user 5.01
server 1: ipc clock 105.01
server 1: ipc refused_call 95.01
server 1: ipc round_trip 216.02
server 1: ipc map_unmap_user_too 2000.00
server 1: ipc system_call 510.02
server 1: ipc fault 305.01
"""


class IpcReportTest(unittest.TestCase):
    def rows(self, arch: str) -> list[str]:
        return ipc_report.table(arch, ipc_report.parse(_LOG)).splitlines()

    def test_user_loops_are_no_kernel_part(self) -> None:
        [row] = [row for row in self.rows("x86_64") if "| 412 |" in row]
        self.assertIn("| 216.0 | 206.0 | 412 | 2.00 | 210 met |", row)

    def test_a_missed_goal_is_said(self) -> None:
        [row] = [row for row in self.rows("aarch64") if "system call" in row]
        self.assertTrue(row.endswith("| 500.0 | - | - | 240 MISSED |"), row)

    def test_a_figure_is_missing(self) -> None:
        with self.assertRaises(ipc_report.NotIpc):
            ipc_report.parse(_LOG.replace("ipc fault", "ipc"))

    def test_a_clock_that_counts_something_else(self) -> None:
        with self.assertRaises(ipc_report.NotIpc):
            ipc_report.parse(_LOG.replace("loop_user 5.01", "loop_user 5.30"))


if __name__ == "__main__":
    unittest.main()
