"""The image's busybox: what shows the state of the system, and the shell."""

import hashlib
import re
import stat

from tests.system import system
from tests.system.system import SystemTestCase
from tools.image import cpio_reader


def in_image():
    """The entries of the root file system that the run targets boot with."""
    with open(system.root(), "rb") as file:
        return cpio_reader.read(file.read())


class BusyboxTest(SystemTestCase):
    def shell(self, command, *options):
        """One line of the image's shell."""
        return self.boot("--exec", f"/bin/busybox sh -c '{command}'", *options)

    def test_the_line_it_must_show(self):
        names = {entry.path.split("/")[0] for entry in in_image()}
        for memory in ("64M", "256M"):
            run = self.boot(
                "--memory", memory, "--exec",
                '/bin/busybox sh -c "ls / | wc -l; (exit 3); echo $?;'
                ' echo done"',
            )
            self.assertEnds(run, 0, b"%d\n3\ndone\n" % len(names))

    def test_every_applet_has_its_link(self):
        run = self.shell("busybox --list-full")
        self.assertEqual(run.status, 0)
        links = {entry.path for entry in in_image()
                 if stat.S_ISLNK(entry.mode) and entry.data == b"/bin/busybox"}
        self.assertEqual(
            links, set(run.out.decode().split()) - {"bin/busybox"}
        )

    def test_find_sees_the_image(self):
        paths = {"/"} | {"/" + entry.path for entry in in_image()}
        paths.add("/etc/tine/exec")
        paths.add("/etc/tine")
        shown = {path for path in paths
                 if not path.startswith(("/dev/", "/proc/", "/sys/"))}
        listing = "".join(path + "\n" for path in sorted(shown)).encode()
        run = self.shell(
            'find / | grep -v "^/dev/\\|^/proc/\\|^/sys/" | sort | md5sum'
        )
        digest = hashlib.md5(listing).hexdigest().encode()
        self.assertEnds(run, 0, digest + b"  -\n")
        run = self.shell("find / | sort | md5sum")
        self.assertRegex(run.out, rb"\A[0-9a-f]{32}  -\n\Z")
        self.assertEqual(run.status, 0)

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
        self.assertIn("ps", found)

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

    def test_commands_from_a_pipe(self):
        run = self.boot(
            input=b"cd /tmp; echo text > file; cat file | tr a-z A-Z\n"
            b"for i in 1 2 3; do echo $i; done | tail -n 1\npwd; exit 4\n"
        )
        self.assertEnds(run, 4, b"TEXT\n3\n/tmp\n")


if __name__ == "__main__":
    system.main()
