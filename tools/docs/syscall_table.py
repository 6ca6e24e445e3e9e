"""Reads servers/linux_abi/syscall_table.h, the one list of system calls.

The header's lists are X-macros: X(Name, [handler,] Support, "note") or, for
those that are missing, X(Name, "note").
"""

import pathlib
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

LINUX_ABI = pathlib.PurePath("servers/linux_abi")
ARCHITECTURES = ("x86_64", "aarch64")

_LISTS = {
    "TINE_MEMORY_CALLS": "memory",
    "TINE_VFS_CALLS": "vfs",
    "TINE_PROCESS_CALLS": "process",
    "TINE_MISSING_CALLS": "process",
}
_LIST = re.compile(r"#define (TINE_\w+_CALLS)\(X\)((?:[^\n]*\\\n)*[^\n]*)")
_STRING = r'"(?:[^"\\]|\\.)*"'
_ITEM = re.compile(
    rf"X\((\w+),\s*(?:(\w+),\s*)?(?:(\w+),\s*)?((?:{_STRING}\s*)+)\)"
)
_NUMBER = re.compile(r"^  k(\w+) = (\d+),", re.MULTILINE)


class TableError(Exception):
    """The header has another form than this module knows."""


class SystemCall(NamedTuple):
    """One entry."""

    name: str  # as in the header
    server: str
    support: str  # Full, Partial, Missing
    note: str

    @property
    def linux_name(self) -> str:
        """The name as Linux writes it."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.name).lower()


def read_table(root: pathlib.Path) -> Sequence[SystemCall]:
    """All entries, in the header's order."""
    text = (root / LINUX_ABI / "syscall_table.h").read_text(encoding="utf-8")
    calls = []
    for list_name, body in _LIST.findall(text):
        if list_name not in _LISTS:
            raise TableError(f"unknown list {list_name}")
        body = body.replace("\\\n", "\n")
        items = _ITEM.findall(body)
        if len(items) != len(re.findall(r"\bX\(", body)):
            raise TableError(f"{list_name}: an entry has an unknown form")
        for name, first, second, note in items:
            support = second or first or "Missing"
            if support not in ("Full", "Partial", "Missing"):
                raise TableError(f"{name}: support {support}")
            words = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', note))
            calls.append(
                SystemCall(name, _LISTS[list_name], support, words)
            )
    if not calls:
        raise TableError("no lists")
    return calls


def read_numbers(root: pathlib.Path, arch: str) -> Mapping[str, int]:
    """The numbers of the calls that an architecture has."""
    path = root / LINUX_ABI / arch / "syscall_numbers.h"
    pairs = _NUMBER.findall(path.read_text(encoding="utf-8"))
    return {name: int(number) for name, number in pairs}
