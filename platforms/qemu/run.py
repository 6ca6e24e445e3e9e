"""Runs Tine in QEMU: the program of //platforms/qemu:x86_64 and :aarch64."""

import argparse
import contextlib
import os
import shlex
import signal
import sys
from collections.abc import Sequence
from types import FrameType

if not __package__:  # started by its path: the repository is two folders up
    sys.path[0] = os.path.abspath(os.path.join(__file__, "..", "..", ".."))

from platforms.qemu import command, debugger, options, prepare, terminal
from platforms.qemu.errors import (
    STATUS_SIGNAL_BASE,
    STATUS_SYSTEM_FAILED,
    RunError,
)
from platforms.qemu.journal import Journal
from platforms.qemu.process import started
from platforms.qemu.pump import Ends, Pump
from platforms.qemu.symbols import Symbols
from platforms.qemu.verdict import Verdict, judge

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """A signal asks this process to end."""

    def __init__(self, number: int):
        super().__init__()
        self.number = number


def main(arguments: Sequence[str]) -> int:
    """Runs what the arguments say; returns the exit status."""
    _open_standard_files()
    chosen = options.parse(arguments)
    for number in _SIGNALS:
        signal.signal(number, _interrupt)
    try:
        with contextlib.ExitStack() as cleanup:
            return _run(chosen, cleanup)
    except RunError as error:
        _say(str(error))
        if error.advice:
            _say("what to do: " + error.advice)
        return STATUS_SYSTEM_FAILED
    except Interrupted as interrupt:
        return STATUS_SIGNAL_BASE + interrupt.number
    except OSError as error:
        _say(f"the run was cut short: {error}")
        return STATUS_SYSTEM_FAILED


def _run(chosen: argparse.Namespace, cleanup: contextlib.ExitStack) -> int:
    interactive = terminal.is_interactive(0, 1)
    if interactive:
        chosen.append.append(terminal.command_line_word(0))
    machine = prepare.machine(chosen, cleanup, _say)
    words = command.qemu_command(machine, command.find_qemu(machine))
    symbols = prepare.symbols(chosen.kernel)
    if chosen.gdb is not None:
        path = prepare.debugger_file(chosen, symbols, cleanup)
        _say("QEMU waits; in another terminal: " + debugger.gdb_command(path))
    if chosen.dry_run:
        print(shlex.join(words))
        return 0

    log = chosen.log
    journal = Journal(
        log if log in (None, "-") else prepare.user_path(log),
        Symbols(symbols).annotate,
    )
    keys = window = None
    stdin: int | None = 0
    if interactive:
        keys = terminal.KeyFilter()
        window = terminal.Window(0)
        _say(terminal.KEY_HELP)
    elif os.isatty(0) and not _in_foreground():
        stdin = None  # reading would stop this job

    ends = Ends(stdin, 1, keys, window, input_on_request=chosen.icount)
    with started(words) as qemu:
        pump = Pump(qemu, ends, journal, chosen.timeout, _say)
        with terminal.RawTerminal(0) if keys else contextlib.nullcontext():
            ending = pump.run()
    verdict = judge(ending, chosen.timeout, chosen.words is not None)
    _explain(verdict, journal)
    return verdict.status


def _explain(verdict: Verdict, journal: Journal) -> None:
    if verdict.note:
        _say(verdict.note)
    if not verdict.failure:
        return
    if not journal.shown:
        _say(journal.report())
    _say(verdict.failure)
    if verdict.advice:
        _say("what to do: " + verdict.advice)


def _say(text: str) -> None:
    """On stderr, as stdout is the guest program's."""
    with contextlib.suppress(OSError):
        os.write(2, terminal.lines(2, os.fsencode(f"tine: {text}\n")))


def _interrupt(number: int, frame: FrameType | None) -> None:
    del frame
    for other in _SIGNALS:
        signal.signal(other, signal.SIG_IGN)  # the clean-up is quick
    raise Interrupted(number)


def _in_foreground() -> bool:
    with contextlib.suppress(OSError):
        return os.tcgetpgrp(0) == os.getpgrp()
    return False


def _open_standard_files() -> None:
    """Descriptors 0 to 2 that the user closed must not become a pipe."""
    while True:
        file = os.open(os.devnull, os.O_RDWR)
        if file > 2:
            os.close(file)
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
