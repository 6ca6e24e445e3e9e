"""--gdb: one debugger with the symbols of kernel, servers and the program."""

import re
import shutil
import socket
import subprocess
import unittest

from tests.system import system
from tests.system.system import SystemTestCase

_GDB = "gdb-multiarch"
_SECONDS = 60


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class DebuggerTest(SystemTestCase):
    def test_breakpoints_in_kernel_server_and_program(self):
        if shutil.which(_GDB) is None:
            raise unittest.SkipTest(f"this machine has no {_GDB}")
        program = system.built("userland/hello_fork.{arch}/hello_fork")
        servers = [
            system.built("platforms/servers_{arch}.debug/" + name)
            for name in ("root", "memory", "vfs", "process", "console")
        ]
        words = self.driver(
            "--timeout", str(_SECONDS), "--gdb", str(free_port()), "--servers",
            *servers, "--add", program, "--exec", "hello_fork",
        )
        with subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=self.environment(),
        ) as run:
            said = b""
            while not (path := re.search(rb"-x (\S+)\n", said)):
                got = run.stderr.readline()
                self.assertTrue(got, said)
                said += got
            debugger = subprocess.run(
                [_GDB, "-q", "-nx", "-batch", "-x", path[1],
                 "-ex", "break kernel_main", "-ex", "continue",
                 "-ex", "break ProcessServer::handle", "-ex", "continue",
                 "-ex", "delete", "-ex", "break main", "-ex", "continue",
                 "-ex", "up 0", "-ex", "delete", "-ex", "continue"],
                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=_SECONDS,
            )
            out = run.stdout.read()
            self.assertEqual(run.wait(), 0)
        self.assertIn(b"I still have 3 apples", out)
        for frame in (r"kernel_main .* at .*kernel/main\.cc:\d+",
                      r"ProcessServer::handle .* at .*dispatch\.cc:\d+",
                      r"main \(\) at .*userland/hello_fork\.cc:\d+"):
            self.assertRegex(debugger.stdout, frame)


if __name__ == "__main__":
    system.main()
