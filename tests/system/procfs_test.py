"""What programs read of the system's state: ps, top and others; /dev/fd."""

import re

from tests.system import system
from tests.system.system import SystemTestCase
from tests.system.transcript import ScriptTestCase


class ProcfsTest(SystemTestCase):
    def shell(self, command):
        """One line of the image's shell."""
        return self.boot("--exec", f"/bin/busybox sh -c '{command}'")

    def test_ps(self):
        run = self.shell("sleep 60 & ps; kill $!")
        self.assertEqual(run.status, 0, run)
        lines = run.out.decode().splitlines()
        self.assertRegex(lines[0], r"^ *PID +USER +COMMAND$")
        found = {}
        for line in lines[1:]:
            pid, user, command = line.split(None, 2)
            found[command] = int(pid)
            self.assertEqual(user, "root")
        self.assertEqual(found["/init"], 1)
        self.assertIn("sleep 60", found)
        # An applet that its shell runs without exec: the name is its own, the
        # arguments are the shell's.
        self.assertTrue(any(c.startswith("{ps} ") for c in found), found)

    def test_top(self):
        run = self.shell("top -b -n1")
        self.assertEqual(run.status, 0, run)
        text = run.out.decode()
        for pattern in (r"^Mem: \d+K used, [1-9]\d*K free,",
                        r"^CPU: .*usr .*sys .*idle",
                        r"^Load average: \d+\.\d\d ",
                        r"^ +PID +PPID +USER +STAT", r"^ +1 +0 root .*/init",
                        r"top -b -n1$"):
            self.assertIsNotNone(re.search(pattern, text, re.MULTILINE), text)

    def test_free_uptime_and_df(self):
        run = self.shell("free | head -n 2; uptime; df /; mount; uname -sm; id")
        self.assertEqual(run.status, 0, run)
        text = run.out.decode()
        for pattern in (r"^Mem: +[1-9]", r" up +\d+ min", r" /$", r"^Linux ",
                        r"^uid=0\(root\) gid=0\(root\)"):
            self.assertIsNotNone(re.search(pattern, text, re.MULTILINE), text)


class ProcessSubstitutionTest(ScriptTestCase):
    def test_bash(self):
        self.same_as_on_linux("bash", "process_substitution.bash")


if __name__ == "__main__":
    system.main()
