"""Scripts that run here and on Linux, with the same shells and commands."""

import os
import subprocess

from tests.system import system
from tests.system.system import SystemTestCase

SECONDS = 240
_SCRIPTS = "tests/system/scripts/"


def x86_64(path):
    """The built file that the host can run."""
    return os.path.abspath(path.replace("{arch}", "x86_64"))


class ScriptTestCase(SystemTestCase):
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
            stderr=subprocess.STDOUT, timeout=SECONDS,
        )

    def same_as_on_linux(self, shell, script):
        """Runs a script in both places, errors and all."""
        linux = self.on_linux(shell, _SCRIPTS + script)
        run = self.boot(
            "--bash", "--bash-program", system.built(
                "../bash_{arch}/bin/bash-static"
            ),
            "--timeout", str(SECONDS), "--add",
            os.path.abspath(_SCRIPTS + script) + ":/usr/share/script", "--exec",
            'sh -c "mkdir /tmp/folder && cd /tmp/folder &&'
            f' exec {shell} /usr/share/script 2>&1"',
        )
        self.assertEqual(run.out.decode(errors="replace").splitlines(),
                         linux.stdout.decode(errors="replace").splitlines(),
                         "\n".join(run.log[-20:]))
        self.assertEnds(run, linux.returncode, linux.stdout)
