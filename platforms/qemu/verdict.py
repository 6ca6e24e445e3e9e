"""What a finished run means: its exit status, and what the user is told."""

import signal
from dataclasses import dataclass, field

from platforms.qemu.errors import (
    STATUS_SIGNAL_BASE,
    STATUS_SYSTEM_FAILED,
    STATUS_TIMEOUT,
)


@dataclass
class Ending:
    """What was seen of a run. All of it can be there at once."""

    reported: list[int] = field(default_factory=list)  # exit records, in order
    malformed: str = ""  # the first breach of the console protocol
    timed_out: bool = False
    quit: bool = False  # the user pressed Ctrl-A x
    reader_gone: bool = False  # nobody reads our stdout any more
    qemu_status: int | None = None  # as Popen.returncode; None if we killed it


@dataclass(frozen=True)
class Verdict:
    """The status of the run; `failure` is set if the system failed."""

    status: int
    note: str = ""
    failure: str = ""
    advice: str = ""


def judge(ending: Ending, timeout: float | None, has_command: bool) -> Verdict:
    """The guest's own word counts first, then why the run was cut short."""
    if ending.reported:
        return _of_report(ending)
    if ending.reader_gone:
        return Verdict(STATUS_SIGNAL_BASE + signal.SIGPIPE)
    if ending.quit:
        status = STATUS_SIGNAL_BASE + signal.SIGINT if has_command else 0
        return Verdict(status)
    if ending.timed_out:
        return Verdict(
            STATUS_TIMEOUT,
            note=f"no end after {timeout:g} s"
            " (--log FILE shows what the system did)",
        )
    return _of_crash(ending)


def _of_report(ending: Ending) -> Verdict:
    status = ending.reported[0]
    later = [other for other in ending.reported[1:] if other != status]
    if later:
        return Verdict(
            STATUS_SYSTEM_FAILED,
            failure=f"the guest ended with status {status},"
            f" then said {later[0]}",
            advice=_REPORT_ADVICE,
        )
    if status == STATUS_SYSTEM_FAILED:
        return Verdict(
            status,
            failure="the guest ended with status 125: a panic or a server's"
            " fault if the log says so, else the program's own status",
            advice=_REPORT_ADVICE,
        )
    return Verdict(status)


def _of_crash(ending: Ending) -> Verdict:
    status = ending.qemu_status
    if status is None:
        what = "QEMU closed the line and did not end"
    elif status < 0:
        what = f"QEMU was killed by {_signal_name(-status)}"
    elif status == 0:
        what = (
            "the machine was reset or switched off without an exit status"
            " (a triple fault looks like this)"
        )
    else:
        what = f"QEMU ended with status {status} before the guest said one"
    if ending.malformed:
        what += f"; on the console: {ending.malformed}"
    return Verdict(STATUS_SYSTEM_FAILED, failure=what, advice=_CRASH_ADVICE)


_REPORT_ADVICE = (
    "--log FILE keeps every log line, --gdb stops before the first instruction"
)
_CRASH_ADVICE = (
    "if QEMU complains above, mend its options (--dry-run shows them);"
    " otherwise --log FILE and --gdb show how far the kernel came"
)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
