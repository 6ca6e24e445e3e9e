"""Writes docs/system-calls.md from servers/linux_abi/syscall_table.h."""

import pathlib
import re
import sys
from collections.abc import Mapping, Sequence

if not __package__:  # started by its path
    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[2])

from tools.docs import syscall_table, tree
from tools.docs.syscall_table import SystemCall

DOCUMENT = pathlib.PurePath("docs/system-calls.md")

_HEAD = """\
# System calls

<!-- Made from servers/linux_abi/syscall_table.h by
     `./bazelw run //tools/docs:system_calls`; a test compares. -->

Programs are static Linux ELF files; what they may ask is listed here. A call's
number decides which server it goes to: the kernel looks it up in the program's
route (`kernel/ipc/route.h`), which the process server fills from the same list
that this page is made from. A number that is in no list answers ENOSYS, as a
Linux that was built without it.

The numbers are those of x86-64 and AArch64; `-` means that Linux does not have
the call on that architecture, so that programs there use a newer one.

"""

_REFUSED = """\
## Refused

Known, and not in this version. The error is ENOSYS unless the reason begins
with another one.

"""


def render(root: pathlib.Path) -> str:
    """The document's text."""
    calls = syscall_table.read_table(root)
    numbers = [
        syscall_table.read_numbers(root, arch)
        for arch in syscall_table.ARCHITECTURES
    ]
    parts = [_HEAD, _counts(calls)]
    for support, title, intro in (
        ("Full", "Supported", "As on Linux."),
        ("Partial", "Partial", "What differs from Linux is said beside them."),
    ):
        chosen = [call for call in calls if call.support == support]
        parts.append(f"## {title}\n\n{intro}\n\n")
        parts.append(_table(chosen, numbers, "note"))
    refused = [call for call in calls if call.support == "Missing"]
    parts += [_REFUSED, _table(refused, numbers, "reason")]
    return "".join(parts).rstrip("\n") + "\n"


def _counts(calls: Sequence[SystemCall]) -> str:
    count = {
        support: sum(call.support == support for call in calls)
        for support in ("Full", "Partial", "Missing")
    }
    return (
        f"Of {len(calls)} calls known by name {count['Full']} are supported,"
        f" {count['Partial']} in part, {count['Missing']} refused.\n\n"
    )


def _table(
    calls: Sequence[SystemCall],
    numbers: Sequence[Mapping[str, int]],
    last: str,
) -> str:
    lines = [
        f"| call | x86-64 | AArch64 | server | {last} |",
        "|---|---:|---:|---|---|",
    ]
    for call in sorted(calls, key=lambda call: call.linux_name):
        cells = [str(table.get(call.name, "-")) for table in numbers]
        note = _with_error(call)
        lines.append(
            f"| `{call.linux_name}` | {cells[0]} | {cells[1]} |"
            f" {call.server} | {note} |"
        )
    return "\n".join(lines) + "\n\n"


def _with_error(call: SystemCall) -> str:
    note = call.note.replace('\\"', '"').replace("|", "\\|")
    if call.support != "Missing" or re.match(r"E[A-Z0-9]{2,}\b", note):
        return note
    return f"ENOSYS: {note}" if note else "ENOSYS"


def main() -> int:
    """Writes the document."""
    root = tree.root()
    text = render(root)
    (root / DOCUMENT).write_text(text, encoding="utf-8")
    print(f"{DOCUMENT}: {len(text.splitlines())} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
