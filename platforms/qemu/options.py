"""The command line of the run driver."""

import argparse
import math
import shlex
from collections.abc import Sequence

from platforms.qemu import command

_DESCRIPTION = """\
Boots Tine in QEMU. Without --exec a shell talks to your terminal, or reads
commands from stdin.

examples (ARCH is x86_64 or aarch64):
  ./bazelw run //platforms/qemu:ARCH
  ./bazelw run //platforms/qemu:ARCH -- --exec 'fork_tree 3'
  ./bazelw run //platforms/qemu:ARCH -- --add ./prog --exec 'prog -v' < input
"""

_EPILOG = """\
exit status with --exec:
  the program's own; 128+n if signal n killed it; 126 if it is no program and
  127 if it is not there; 124 after --timeout; 125 if the system failed or the
  run could not start (stderr says why); 2 if these options were wrong

on a terminal the guest gets every key but these:
  Ctrl-A x  quit          Ctrl-A d       end of file
  Ctrl-A h  this help     Ctrl-A Ctrl-A  one Ctrl-A
"""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Reads the options; a wrong one ends the process with status 2."""
    parser = _parser()
    options = parser.parse_args(arguments)
    _check(parser, options)
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./bazelw run //platforms/qemu:ARCH --",
        usage="./bazelw run //platforms/qemu:ARCH [-- OPTIONS]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    program = parser.add_argument_group("what runs")
    program.add_argument(
        "--exec",
        dest="words",
        metavar="'CMD ARGS'",
        help="run this command, split as a shell splits words; stdout gets"
        " exactly the bytes it writes, and its exit status is the run's",
    )
    program.add_argument(
        "--add",
        action="append",
        default=[],
        metavar="HOST[:GUEST]",
        help="put a host file into the root file system, mode bits kept"
        " (repeatable). GUEST is an absolute path, a directory if it ends"
        " in '/'; by default programs (ELF, #!) go to /bin, others to /",
    )
    program.add_argument(
        "--bash",
        action="store_true",
        help="put Debian's bash into the root file system; the shell that"
        " init starts is then bash",
    )
    program.add_argument(
        "--unchecked",
        action="store_true",
        help="--add programs of other architectures, too",
    )
    program.add_argument(
        "--append",
        action="append",
        default=[],
        metavar="TEXT",
        help="kernel command line",
    )
    program.add_argument(
        "--timeout",
        type=_seconds,
        metavar="SECONDS",
        help="end the run with status 124 after this time",
    )

    machine = parser.add_argument_group("the machine")
    machine.add_argument(
        "--smp", type=_count, default=1, metavar="N", help="CPUs (default 1)"
    )
    machine.add_argument(
        "--memory",
        default="256M",
        metavar="SIZE",
        help="RAM, as in 64M or 1G (default %(default)s)",
    )
    machine.add_argument(
        "--cpu",
        default="",
        metavar="MODEL",
        help="QEMU's CPU model (default {x86_64} or {aarch64})".format(
            **command.DEFAULT_CPU
        ),
    )
    machine.add_argument(
        "--machine",
        default="",
        metavar="PROPERTIES",
        help="further properties of QEMU's board, as in gic-version=3",
    )
    machine.add_argument(
        "--icount",
        action="store_true",
        help="count instructions: one is 1 ns, and equal runs are identical",
    )
    machine.add_argument(
        "--kvm", action="store_true", help="run on the host's CPU"
    )
    machine.add_argument(
        "--el2", action="store_true", help="AArch64: enter the kernel at EL2"
    )

    debugging = parser.add_argument_group("looking inside")
    debugging.add_argument(
        "--log",
        metavar="FILE",
        help="write log lines of kernel and servers to FILE, '-' for stderr"
        " (default: the last ones go to stderr if the system fails)",
    )
    debugging.add_argument(
        "--gdb",
        nargs="?",
        type=_port,
        const=1234,
        metavar="PORT",
        help="wait for a debugger before the first instruction, and say how to"
        " start one with the symbols of kernel, servers and programs",
    )
    debugging.add_argument(
        "--dry-run",
        action="store_true",
        help="print the QEMU command and leave",
    )

    build = parser.add_argument_group("set by the run targets")
    build.add_argument("--arch", choices=command.ARCHITECTURES, required=True)
    build.add_argument(
        "--kernel",
        nargs="+",
        required=True,
        metavar="PATH",
        help="the image to boot, and the ELF file with its symbols",
    )
    build.add_argument(
        "--servers",
        nargs="*",
        default=[],
        metavar="PATH",
        help="the servers' ELF files with their symbols",
    )
    build.add_argument("--initrd", required=True, metavar="PATH")
    build.add_argument(
        "--bash-program", default="", metavar="PATH", help="what --bash adds"
    )
    build.add_argument("--qemu", default="", help=argparse.SUPPRESS)
    return parser


def _check(
    parser: argparse.ArgumentParser, options: argparse.Namespace
) -> None:
    """Rejects what cannot be meant; splits the command into words."""
    if options.words is not None:
        try:
            options.words = shlex.split(options.words)
        except ValueError as error:
            parser.error(f"--exec: {error}".lower())
        if not options.words:
            parser.error("--exec needs a command")
    if options.bash and not options.bash_program:
        parser.error("--bash needs --bash-program, which the run targets set")
    if options.smp > command.MAX_CPUS[options.arch]:
        most = command.MAX_CPUS[options.arch]
        parser.error(f"--smp: {options.arch} has at most {most} CPUs here")
    if options.icount and options.smp != 1:
        parser.error("--icount works on one CPU: leave --smp out")
    if options.icount and options.kvm:
        parser.error("--icount and --kvm exclude each other")
    if options.el2 and options.arch != "aarch64":
        parser.error("--el2 is for aarch64")
    if options.el2 and options.kvm:
        parser.error("--el2 and --kvm exclude each other")


def _seconds(text: str) -> float:
    value = float(text)
    if not value > 0 or math.isinf(value):
        raise ValueError(text)
    return value


def _port(text: str) -> int:
    value = int(text)
    if not 0 < value < 65536:
        raise ValueError(text)
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


# argparse names the type in its message: "invalid number of seconds value".
_seconds.__name__ = "number of seconds"
_count.__name__ = "count"
_port.__name__ = "port"
