"""Runs forkbench on Tine and compares with Linux: bazel run //tests/bench:fork.

    fork [--arch ARCH] [--timeout SECONDS] [--raw DIRECTORY] [FORKBENCH OPTIONS]

Both architectures, one after the other, counting instructions (--icount).
"""

import argparse
import os
import sys
from collections.abc import Sequence

from tests.bench import guest_run, report

_ARCHS = ("x86_64", "aarch64")
_GUEST_PATH = "/bin/forkbench"


def main(arguments: Sequence[str]) -> int:
    """Runs and prints; 1 if a run failed."""
    chosen, options = _parse(arguments)
    files = dict(pair.split("=", 1) for pair in chosen.file)
    failed = False
    for arch in chosen.arch or _ARCHS:
        status, text = guest_run.run_guest(
            [
                "--arch=" + arch,
                "--kernel",
                files[arch + ".kernel"],
                "--initrd",
                files[arch + ".root"],
                "--icount",
                "--memory=1G",
                f"--timeout={chosen.timeout}",
                "--add",
                f"{os.path.abspath(files[arch + '.forkbench'])}:{_GUEST_PATH}",
                "--exec",
                " ".join([_GUEST_PATH, *options]),
            ]
        )
        if chosen.raw is not None:
            _save(os.path.join(chosen.raw, f"forkbench.{arch}.txt"), text)
        try:
            print(report.table(report.parse(text)), flush=True)
        except report.NotForkbench as error:
            print(f"{arch}: {error}; it said:\n{text}", file=sys.stderr)
            failed = True
        if status != 0:
            print(f"{arch}: ended with status {status}", file=sys.stderr)
            failed = True
    print(report.origin())
    return 1 if failed else 0


def _parse(
    arguments: Sequence[str],
) -> tuple[argparse.Namespace, Sequence[str]]:
    """Our own options, and the rest, which are forkbench's."""
    parser = argparse.ArgumentParser(
        prog="fork",
        description="Fork figures of Tine beside those of Linux.",
        epilog="All other options are forkbench's.",
        allow_abbrev=False,
    )
    parser.add_argument("--arch", action="append", choices=_ARCHS)
    parser.add_argument(
        "--timeout",
        type=int,
        default=300,
        metavar="SECONDS",
        help="of each architecture's run",
    )
    parser.add_argument(
        "--raw",
        metavar="DIRECTORY",
        help="keep forkbench's own output there, as forkbench.ARCH.txt",
    )
    parser.add_argument(
        "--file", action="append", default=[], help=argparse.SUPPRESS
    )
    return parser.parse_known_args(arguments)


def _save(path: str, text: str) -> None:
    """`bazel run` changes the folder; paths are the user's."""
    folder = os.environ.get("BUILD_WORKING_DIRECTORY", "")
    with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
