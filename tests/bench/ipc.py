"""Messages between servers and programs: bazel run //tests/bench:ipc.

    ipc [--arch ARCH] [--timeout SECONDS]

Boots a kernel whose root server is the benchmark, counting instructions.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence

from tests.bench import guest_run, ipc_report

_ARCHS = ("x86_64", "aarch64")


def main(arguments: Sequence[str]) -> int:
    """Runs and prints; 1 if a run failed."""
    chosen = _parse(arguments)
    files = dict(pair.split("=", 1) for pair in chosen.file)
    failed = False
    for arch in chosen.arch or _ARCHS:
        status, log = _run(arch, files, chosen.timeout)
        try:
            print(ipc_report.table(arch, ipc_report.parse(log)), flush=True)
        except ipc_report.NotIpc as error:
            print(f"{arch}: {error}; the log:\n{log}", file=sys.stderr)
            failed = True
        if status != 0:
            print(f"{arch}: ended with status {status}", file=sys.stderr)
            failed = True
    return 1 if failed else 0


def _run(arch: str, files: dict[str, str], timeout: int) -> tuple[int, str]:
    """The run's status and log."""
    with tempfile.NamedTemporaryFile() as log:
        status, _ = guest_run.run_guest(
            [
                "--arch=" + arch,
                "--kernel",
                os.path.abspath(files[arch + ".kernel"]),
                "--initrd",
                files[arch + ".root"],
                "--icount",
                f"--timeout={timeout}",
                "--log=" + log.name,
            ]
        )
        return status, log.read().decode(errors="replace")


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="ipc",
        description="Instructions of messages, beside those of seL4.",
        allow_abbrev=False,
    )
    parser.add_argument("--arch", action="append", choices=_ARCHS)
    parser.add_argument("--timeout", type=int, default=60, metavar="SECONDS")
    parser.add_argument(
        "--file", action="append", default=[], help=argparse.SUPPRESS
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
