"""Runs forkbench on Tine and compares with Linux: bazel run //tests/bench:fork.

    fork [--arch ARCH] [--full] [--timeout SECONDS] [--raw DIRECTORY]
         [FORKBENCH OPTIONS]

Both architectures, one after the other, counting instructions (--icount).
Without --full few repetitions and no memory above 16 MiB: the figures are the
same to within a few percent, and the run takes seconds.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence

from platforms.qemu import run
from tests.bench import report

_ARCHS = ("x86_64", "aarch64")
_GUEST_PATH = "/bin/forkbench"


def main(arguments: Sequence[str]) -> int:
    """Runs and prints; 1 if a run failed."""
    chosen, options = _parse(arguments)
    if not chosen.full and "--quick" not in options:
        options = ["--quick", *options]
    files = dict(pair.split("=", 1) for pair in chosen.file)
    failed = False
    for arch in chosen.arch or _ARCHS:
        status, text = _run_guest(
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
        "--full",
        action="store_true",
        help="all repetitions and sizes, up to 256 MiB",
    )
    parser.add_argument(
        "--timeout",
        type=int,
        default=600,
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


def _run_guest(arguments: Sequence[str]) -> tuple[int, str]:
    """The driver's status and what the guest wrote.

    The driver owns its process's standard files and signals, so it gets a
    process.
    """
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            status = 125
            try:
                null = os.open(os.devnull, os.O_RDONLY)
                os.dup2(null, 0)
                os.dup2(output.fileno(), 1)
                status = run.main(arguments)
                sys.stdout.flush()
            finally:
                os._exit(status)
        _, ended = os.waitpid(child, 0)
        output.seek(0)
        text = output.read().decode(errors="replace")
        return os.waitstatus_to_exitcode(ended), text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
