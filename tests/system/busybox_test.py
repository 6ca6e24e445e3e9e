"""The image's busybox: its shell, its applets, its files."""

import hashlib
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

    def test_commands_from_a_pipe(self):
        run = self.boot(
            input=b"cd /tmp; echo text > file; cat file | tr a-z A-Z\n"
            b"for i in 1 2 3; do echo $i; done | tail -n 1\npwd; exit 4\n"
        )
        self.assertEnds(run, 4, b"TEXT\n3\n/tmp\n")


if __name__ == "__main__":
    system.main()
