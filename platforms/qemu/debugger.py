"""What gdb must know of a run: a command file with every program's symbols.

Kernel, servers and user programs lie at addresses of their own, so one gdb
holds the symbols of all of them. Two programs can lie at one address, in two
processes: a breakpoint there stops both.
"""

import os
import shlex
import struct
from collections.abc import Sequence

_GDB_ARCHITECTURE = {"x86_64": "i386:x86-64", "aarch64": "aarch64"}
# kDynamicBase of servers/linux_abi/ARCH/machine.h.
_DYNAMIC_BASE = {"x86_64": 0x555555554000, "aarch64": 0xAAAAAAAA0000}
_ET_DYN = 3


def command_file(
    arch: str,
    kernel: str,
    servers: Sequence[str],
    programs: Sequence[str],
    port: int,
) -> str:
    """The text of a file for gdb -x.

    `servers` and `programs` are ELF files of this machine; a program that is
    position-independent is looked for where execve puts it.
    """
    lines = [
        "set confirm off",
        "set pagination off",
        f"set architecture {_GDB_ARCHITECTURE[arch]}",
        f"file {_quoted(kernel)}",
    ]
    lines += [f"add-symbol-file {_quoted(path)}" for path in servers]
    for path in programs:
        moved = f" -o {_DYNAMIC_BASE[arch]:#x}" if _is_dynamic(path) else ""
        lines.append(f"add-symbol-file {_quoted(path)}{moved}")
    lines += [f"target remote localhost:{port}", "set confirm on"]
    return "\n".join(lines) + "\n"


def gdb_command(path: str) -> str:
    """What the user types, in another terminal, while QEMU waits."""
    return shlex.join(["gdb-multiarch", "-q", "-x", path])


def _is_dynamic(path: str) -> bool:
    with open(path, "rb") as file:
        header = file.read(18)
    return header[16:18] == struct.pack("<H", _ET_DYN)


def _quoted(path: str) -> str:
    """As gdb splits words: a backslash takes the next character as it is."""
    return "".join(
        c if c.isalnum() or c in "/._-+" else "\\" + c
        for c in os.path.abspath(path)
    )
