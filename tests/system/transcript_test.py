"""Programs that know nothing of Tine say there what they say on Linux.

The same files run on both where the processor is the host's; for AArch64 the
expected transcript is that of the same program on the host.
"""

import os
import subprocess

from tests.system import system
from tests.system.system import SystemTestCase

_SCRIPTS = "tests/system/scripts/"
_PROGRAMS = "tests/guest/programs/"
_SECONDS = 240


def x86_64(path):
    """The file that the host can run."""
    return os.path.abspath(path.replace("{arch}", "x86_64"))


class ProgramTest(SystemTestCase):
    def same_as_on_linux(self, path):
        """Runs a built program in both places."""
        linux = subprocess.run(
            [x86_64(path)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            timeout=_SECONDS,
        )
        self.assertGreater(linux.stdout.count(b"\n"), 5)
        run = self.run_program(
            system.built(path), options=("--timeout", str(_SECONDS))
        )
        self.assertEnds(run, linux.returncode, linux.stdout)

    def test_threads_of_the_cpp_library(self):
        self.same_as_on_linux(_PROGRAMS + "threads.{arch}/threads")

    def test_threads_and_spawn_with_glibc(self):
        self.same_as_on_linux(_PROGRAMS + "threads_c.{arch}/threads_c")

    def test_threads_and_spawn_with_musl(self):
        self.same_as_on_linux(_PROGRAMS + "threads_musl.{arch}/threads_musl")


class ScriptTest(SystemTestCase):
    """Scripts in an empty folder, with the commands of busybox."""

    def on_linux(self, shell, script):
        """What the host's processor makes of it, with the same programs."""
        commands = os.path.join(self.directory, "bin")
        os.mkdir(commands)
        busybox = x86_64("../busybox_{arch}/bin/busybox")
        for name in subprocess.run(
            [busybox, "--list"], stdout=subprocess.PIPE, check=True, text=True
        ).stdout.split():
            os.symlink(busybox, os.path.join(commands, name))
        os.symlink(x86_64("../bash_{arch}/bin/bash-static"),
                   os.path.join(commands, "bash"))
        folder = os.path.join(self.directory, "folder")
        os.mkdir(folder)
        return subprocess.run(
            [os.path.join(commands, shell), os.path.abspath(script)],
            cwd=folder, env={"PATH": commands, "HOME": "/root"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=_SECONDS,
        )

    def same_as_on_linux(self, shell, script):
        """Runs a script in both places, errors and all."""
        linux = self.on_linux(shell, _SCRIPTS + script)
        run = self.boot(
            "--bash", "--bash-program", system.built(
                "../bash_{arch}/bin/bash-static"
            ),
            "--timeout", str(_SECONDS), "--add",
            os.path.abspath(_SCRIPTS + script) + ":/usr/share/script", "--exec",
            'sh -c "mkdir /tmp/folder && cd /tmp/folder &&'
            f' exec {shell} /usr/share/script 2>&1"',
        )
        self.assertEqual(run.out.decode(errors="replace").splitlines(),
                         linux.stdout.decode(errors="replace").splitlines(),
                         "\n".join(run.log[-20:]))
        self.assertEnds(run, linux.returncode, linux.stdout)

    def test_bash(self):
        self.same_as_on_linux("bash", "bash_features.bash")

    def test_tools_of_busybox(self):
        self.same_as_on_linux("sh", "shell_tools.sh")


if __name__ == "__main__":
    system.main()
