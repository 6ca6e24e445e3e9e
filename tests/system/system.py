"""Boots Tine under the run driver, as a user would, and looks at the run.

A test of a guest is started with the architecture as its argument and ends
with `system.main()`.
"""

import os
import random
import shlex
import subprocess
import sys
import tempfile
import unittest
from dataclasses import dataclass

from tools.image import cpio, cpio_reader

SYSTEM_FAILED = 125
_IMAGE = {"x86_64": "kernel.elf", "aarch64": "Image"}
# A guest that hangs fails the test with its log, long before Bazel gives up.
_TIMEOUT_SECONDS = 60

arch = "x86_64"


@dataclass(frozen=True)
class Run:
    """What a user sees of a finished run."""

    status: int
    out: bytes  # stdout: what the program wrote
    err: str  # stderr: what the driver said
    log: list[str]  # lines of kernel and servers


def main() -> None:
    """Runs the tests of this file on the architecture of the first word."""
    global arch
    arch = sys.argv.pop(1)
    unittest.main()


def built(path: str) -> str:
    """Where a built file is; `{arch}` stands for the architecture."""
    return os.path.abspath(path.replace("{arch}", arch))


def kernel() -> list[str]:
    """The image that boots, and the ELF file with its symbols."""
    return [
        built("platforms/kernel_{arch}/" + _IMAGE[arch]),
        built("platforms/kernel_{arch}.debug/kernel.elf"),
    ]


def root() -> str:
    """The root file system that the run targets boot with."""
    return built("userland/root.{arch}.cpio")


def probe() -> str:
    """The program of probe.cc."""
    return built("tests/system/probe.{arch}/probe")


def busybox() -> str:
    """Debian's busybox-static."""
    return built("../busybox_{arch}/bin/busybox")


def every_byte(count: int, seed: int = 1) -> bytes:
    """Binary data without structure, the line's own control bytes often."""
    draw = random.Random(seed)
    special = bytes([0x00, 0x03, 0x04, 0x0A, 0x0D, 0x10, 0x10, 0x1A])
    return bytes(range(256)) + bytes(
        draw.choice(special) if draw.random() < 0.1 else draw.randrange(256)
        for _ in range(count - 256)
    )


class SystemTestCase(unittest.TestCase):
    """Boots, and checks, with a directory of its own for files."""

    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.directory = scratch.name

    def file(self, name: str, data: bytes, mode: int = 0o644) -> str:
        """A host file; relative names in options start in its directory."""
        path = os.path.join(self.directory, name)
        with open(path, "wb") as out:
            out.write(data)
        os.chmod(path, mode)
        return path

    def driver(self, *options: str, initrd: str = "") -> list[str]:
        """The words that start the run driver."""
        return [
            sys.executable, "-B", "platforms/qemu/run.py", "--arch", arch,
            "--kernel", *kernel(), "--initrd", initrd or root(), *options,
        ]

    def environment(self) -> dict[str, str]:
        """The environment of a run that is started in our directory."""
        return dict(os.environ, BUILD_WORKING_DIRECTORY=self.directory)

    def boot(self, *options: str, input: bytes = b"", initrd: str = "") -> Run:
        """One run from its start to its end."""
        log = os.path.join(self.directory, "log")
        words = self.driver("--log", log, *options, initrd=initrd)
        seconds = _TIMEOUT_SECONDS
        if "--timeout" in options:
            seconds = int(options[options.index("--timeout") + 1])
        else:
            words += ["--timeout", str(seconds)]
        result = subprocess.run(
            words, input=input, capture_output=True, env=self.environment(),
            timeout=2 * seconds,
        )
        lines = []
        if os.path.exists(log):
            with open(log, errors="replace") as file:
                lines = file.read().splitlines()
        err = result.stderr.decode(errors="replace")
        return Run(result.returncode, result.stdout, err, lines)

    def run_program(
        self, program: str, *words: str, options: tuple[str, ...] = (),
        input: bytes = b"",
    ) -> Run:
        """A host file, added under its own name and run with these words."""
        command = shlex.join([os.path.basename(program), *words])
        return self.boot(
            "--add", program, *options, "--exec", command, input=input
        )

    def assertEnds(self, run: Run, status: int, out: bytes = b"") -> None:
        """Exactly this status and output."""
        if (run.status, run.out) != (status, out):
            shown = run.out if len(run.out) < 1000 else run.out[:1000] + b"..."
            tail = "\n".join(run.log[-30:])
            self.fail(
                f"status {run.status}, not {status}; output {shown!r};"
                f" stderr:\n{run.err}\nlog:\n{tail}"
            )

    def root_with(self, *entries: cpio.Entry) -> str:
        """The built root file system with these entries in place of its own."""
        with open(root(), "rb") as file:
            files = {e.path: e for e in cpio_reader.read(file.read())}
        files.update({entry.path: entry for entry in entries})
        return self.file("root.cpio", cpio.write(files.values()))
