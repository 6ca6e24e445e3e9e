"""What a host file is, as far as running it in the guest is concerned.

Only the fields needed here are read (System V ABI, chapter 4 and 5): a file
that is no whole ELF is data to the driver, and the guest's execve decides.
"""

import struct
from dataclasses import dataclass

_MACHINES = {
    3: "i386",
    8: "mips",
    20: "powerpc",
    21: "powerpc64",
    22: "s390x",
    40: "arm",
    62: "x86_64",
    183: "aarch64",
    243: "riscv",
    258: "loongarch",
}
_EXECUTABLE_TYPES = (2, 3)  # ET_EXEC, ET_DYN
_PT_INTERP = 3


@dataclass(frozen=True)
class Executable:
    """An ELF file that asks to be executed."""

    machine: str  # "x86_64", "aarch64", or what else it is for
    interpreter: str  # path of its dynamic loader, "" for a static program


def inspect(data: bytes) -> Executable | None:
    """The executable that `data` is, None if it is anything else."""
    if len(data) < 52 or data[:4] != b"\x7fELF" or data[5] not in (1, 2):
        return None
    order = "<" if data[5] == 1 else ">"
    kind, machine = struct.unpack_from(order + "HH", data, 16)
    if kind not in _EXECUTABLE_TYPES:
        return None
    name = _MACHINES.get(machine, f"machine number {machine}")
    if data[4] != 2 or order == ">":
        # x32 and big-endian flavours carry the same machine number.
        if name in ("x86_64", "aarch64"):
            name += " (32-bit)" if data[4] != 2 else " (big-endian)"
        return Executable(name, "")
    return Executable(name, _interpreter(data))


def is_program(data: bytes) -> bool:
    """Whether a user means to run this file: an ELF executable or a script."""
    return data[:2] == b"#!" or inspect(data) is not None


def _interpreter(data: bytes) -> str:
    if len(data) < 64:
        return ""
    (table,) = struct.unpack_from("<Q", data, 32)
    entry_size, count = struct.unpack_from("<HH", data, 54)
    for index in range(count):
        at = table + index * entry_size
        if entry_size < 56 or at + 56 > len(data):
            break
        (kind,) = struct.unpack_from("<I", data, at)
        if kind == _PT_INTERP:
            offset, _, _, size = struct.unpack_from("<QQQQ", data, at + 8)
            return data[offset : offset + size].split(b"\0")[0].decode(
                "utf-8", "replace"
            )
    return ""
