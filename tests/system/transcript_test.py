"""Programs that know nothing of Tine say there what they say on Linux.

The same files run on both where the processor is the host's; for AArch64 the
expected transcript is that of the same program on the host.
"""

import subprocess

from tests.system import system
from tests.system.system import SystemTestCase
from tests.system.transcript import SECONDS, ScriptTestCase, x86_64

_PROGRAMS = "tests/guest/programs/"


class ProgramTest(SystemTestCase):
    def same_as_on_linux(self, path):
        """Runs a built program in both places."""
        linux = subprocess.run(
            [x86_64(path)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            timeout=SECONDS,
        )
        self.assertGreater(linux.stdout.count(b"\n"), 5)
        run = self.run_program(
            system.built(path), options=("--timeout", str(SECONDS))
        )
        self.assertEnds(run, linux.returncode, linux.stdout)

    def test_threads_of_the_cpp_library(self):
        self.same_as_on_linux(_PROGRAMS + "threads.{arch}/threads")

    def test_threads_and_spawn_with_glibc(self):
        self.same_as_on_linux(_PROGRAMS + "threads_c.{arch}/threads_c")

    def test_threads_and_spawn_with_musl(self):
        self.same_as_on_linux(_PROGRAMS + "threads_musl.{arch}/threads_musl")


class ScriptTest(ScriptTestCase):
    def test_bash(self):
        self.same_as_on_linux("bash", "bash_features.bash")

    def test_tools_of_busybox(self):
        self.same_as_on_linux("sh", "shell_tools.sh")


if __name__ == "__main__":
    system.main()
