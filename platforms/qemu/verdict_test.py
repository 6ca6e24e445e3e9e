"""Tests of what a finished run means."""

import unittest

from platforms.qemu.verdict import Ending, judge


class JudgeTest(unittest.TestCase):
    def judge(self, has_command=True, **seen):
        return judge(Ending(**seen), 3, has_command)

    def test_the_guests_word_counts_first(self):
        for status in range(256):
            verdict = self.judge(reported=[status], timed_out=True,
                                 qemu_status=-9)
            self.assertEqual(verdict.status, status)
            self.assertEqual(bool(verdict.failure), status == 125)
        self.assertEqual(self.judge(reported=[0, 0]).status, 0)
        verdict = self.judge(reported=[0, 125])
        self.assertEqual(verdict.status, 125)
        self.assertIn("status 0, then said 125", verdict.failure)

    def test_runs_cut_short(self):
        verdict = self.judge(timed_out=True)
        self.assertEqual((verdict.status, verdict.failure), (124, ""))
        self.assertIn("3 s", verdict.note)
        self.assertEqual(self.judge(quit=True).status, 130)
        self.assertEqual(self.judge(quit=True, has_command=False).status, 0)
        self.assertEqual(self.judge(reader_gone=True).status, 141)

    def test_system_failures(self):
        for qemu_status, text in (
            (0, "reset or switched off"), (1, "status 1"),
            (-11, "SIGSEGV"), (-99, "signal 99"), (None, "did not end"),
        ):
            verdict = self.judge(qemu_status=qemu_status, malformed="bad X")
            self.assertEqual(verdict.status, 125)
            self.assertIn(text, verdict.failure)
            self.assertIn("bad X", verdict.failure)
            self.assertTrue(verdict.advice)


if __name__ == "__main__":
    unittest.main()
