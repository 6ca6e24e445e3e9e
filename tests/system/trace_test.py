"""tine.trace=fork: the steps of a fork as lines of the log."""

import re

from tests.system import system
from tests.system.system import SystemTestCase

_LINE = re.compile(r"trace: server (\d): (.+), (0x[0-9a-f]+)$")
# (step, server that took it or asked the kernel for it)
_PROCESS, _MEMORY, _VFS = "4", "2", "3"
_FORK = [
    ("F1 flags checked", _PROCESS),
    ("F2 ring slots and task reserved", _PROCESS),
    ("F3 mm asked for", _PROCESS),
    ("F4 ledger charged, areas shared", _MEMORY),
    ("F5 space forked", _MEMORY),
    ("F6 task filled", _PROCESS),
    ("F7 tids written", _PROCESS),
    ("F8 thread cloned", _PROCESS),
    ("F8 thread published", _PROCESS),
]


class TraceTest(SystemTestCase):
    def steps(self, text):
        """(step, server, transaction) of each line of the trace, in order."""
        found = []
        for line in text.splitlines():
            if "trace: " not in line:
                continue
            match = _LINE.search(line)
            self.assertIsNotNone(match, line)
            server, step, transaction = match.groups()
            found.append((step, server, transaction))
        return found

    def test_the_steps_of_hello_fork(self):
        run = self.boot(
            "--exec", "/bin/hello_fork", "--append", "tine.trace=fork",
            "--log", "-",
        )
        self.assertEqual(run.status, 0, run.err)
        self.assertIn(b"I still have 3 apples", run.out)
        steps = self.steps(run.err)
        starts = [
            i for i, step in enumerate(steps) if step[0] == _FORK[0][0]
        ]
        # init's of the program, and the program's own.
        self.assertEqual(len(starts), 2, steps)
        for start in starts:
            fork = steps[start : start + len(_FORK)]
            self.assertEqual([step[:2] for step in fork], _FORK)
            # The memory server and the kernel mean the same mm.
            mm = fork[3][2]
            self.assertEqual(fork[4][2], mm)
            child = fork[8][2]
            later = steps[start + len(_FORK) :]
            self.assertEqual(
                later.count(("F9 files learned from ring", _VFS, child)), 1
            )
            self.assertEqual(
                later.count(("F9 mm learned from ring", _MEMORY, mm)), 1
            )

    def test_one_event_for_each_fork_and_none_for_one_that_failed(self):
        count = 5
        run = self.run_program(
            system.probe(), "refused_forks", str(count),
            options=("--append", "tine.trace=fork tine.overcommit=strict",
                     "--log", "-"),
        )
        self.assertEqual(run.status, 0, run.err)
        steps = [step for step, _, _ in self.steps(run.err)]
        # One more is init's, of the program.
        self.assertEqual(steps.count("F1 flags checked"), 2 * count + 1)
        self.assertEqual(steps.count("F8 thread published"), count + 1)
        self.assertEqual(steps.count("F9 files learned from ring"), count + 1)
        self.assertEqual(steps.count("undo: reserved things released"), count)

    def test_calls_are_entered_and_left_in_turns(self):
        run = self.boot(
            "--exec", "/bin/hello_fork", "--append",
            "tine.trace=calls tine.trace=fork", "--log", "-",
        )
        self.assertEqual(run.status, 0, run.err)
        self.assertIn(b"I still have 3 apples", run.out)
        inside = {1: False}
        forked = 0
        for step, _, transaction in self.steps(run.err):
            forked += step == "F8 thread published"
            tid = int(transaction, 16) & 0xFFFFFFFF
            if step == "call entered":
                self.assertIs(inside.get(tid), False, tid)
                inside[tid] = True
            elif step == "call left":
                # A new thread begins by leaving the call that made it.
                self.assertIs(inside.get(tid, True), True, tid)
                inside[tid] = False
        self.assertEqual(forked, 2)
        # Nobody comes back from the call that ends it.
        self.assertEqual(inside, {1: True, 2: True, 3: True})

    def test_nothing_without_the_word(self):
        run = self.boot("--exec", "/bin/hello_fork", "--log", "-")
        self.assertEqual(run.status, 0, run.err)
        self.assertEqual(self.steps(run.err), [])


if __name__ == "__main__":
    system.main()
