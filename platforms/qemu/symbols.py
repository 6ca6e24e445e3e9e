"""Names for the addresses in log lines about a failure.

A kernel's panic and a server's fault log bare addresses; the kernel's ELF file
says what is there. The servers' ELF files are in it, too, in a cpio archive and
without their line numbers.
"""

import contextlib
import functools
import re
import shutil
import struct
import subprocess
import tempfile

from tools.image import cpio_reader

# In the order of servers/protocol/bootstrap.h's ServerId, from 1.
_SERVERS = ("root", "memory", "vfs", "process", "console")

_TOOLS = ("llvm-symbolizer-22", "/usr/lib/llvm-22/bin/llvm-symbolizer")
_TOOL_SECONDS = 20

_BOOT_IMAGE = (b"boot_image_start", b"boot_image_end")
_SYMBOL_TABLE = 2

_SERVER_FAULT = re.compile(rb"server ([1-5]) faulted: .*\bpc (0x[0-9a-f]+)")
_KERNEL_PC = re.compile(rb"pc (0x[0-9a-f]+) ")
_RETURN_ADDRESS = re.compile(rb"  (0x[0-9a-f]+)")


class Symbols:
    """Annotates the lines of one run; without the tool it adds nothing."""

    def __init__(self, kernel_elf: str):
        self._kernel = kernel_elf
        self._tool = next(filter(None, map(shutil.which, _TOOLS)), None)
        self._failed = False  # a panic has begun
        self._in_backtrace = False

    def annotate(self, line: bytes) -> bytes:
        """The line, with the place in the source if it names an address."""
        if line.startswith(b"PANIC: "):
            self._failed = True
        backtrace, self._in_backtrace = self._in_backtrace, False
        if match := _SERVER_FAULT.match(line):
            name = _SERVERS[int(match[1]) - 1]
            place = self._of_server(name, int(match[2], 16))
            return line + f" ({name}{': ' if place else ''}{place})".encode()
        if not self._failed:
            return line
        if line == b"backtrace:":
            self._in_backtrace = True
        elif match := _KERNEL_PC.match(line):
            return self._with_place(line, int(match[1], 16))
        elif backtrace and (match := _RETURN_ADDRESS.fullmatch(line)):
            self._in_backtrace = True
            # The call before it, which can be a line above.
            return self._with_place(line, int(match[1], 16) - 1)
        return line

    def _with_place(self, line: bytes, address: int) -> bytes:
        place = self._of_kernel(address)
        return line + b" " + place.encode() if place else line

    @functools.lru_cache(maxsize=None)  # a recursion repeats itself
    def _of_kernel(self, address: int) -> str:
        return self._place(self._kernel, address)

    def _of_server(self, name: str, address: int) -> str:
        # A damaged kernel costs the name, not the report.
        unreadable = (OSError, ValueError, LookupError, struct.error)
        with contextlib.suppress(*unreadable):
            with open(self._kernel, "rb") as file:
                archive = boot_image(file.read())
            for entry in cpio_reader.read(archive):
                if entry.path == name:
                    with tempfile.NamedTemporaryFile() as elf:
                        elf.write(entry.data)
                        elf.flush()
                        return self._place(elf.name, address)
        return ""

    def _place(self, elf: str, address: int) -> str:
        """Functions and lines at the address, innermost first; "" if none."""
        if self._tool is None:
            return ""
        try:
            found = subprocess.run(
                [self._tool, "--obj=" + elf, "--basenames", hex(address)],
                capture_output=True, text=True, errors="replace", check=True,
                timeout=_TOOL_SECONDS,
            ).stdout.split("\n")
        except (OSError, subprocess.SubprocessError):
            return ""
        frames = []
        for function, source in zip(found[::2], found[1::2]):
            if function and function != "??":
                where = source.rsplit(":", 1)[0]  # without the column
                known = "" if where.startswith("??") else f" at {where}"
                frames.append(function + known)
        return ", in ".join(frames)


def boot_image(elf: bytes) -> bytes:
    """The archive of servers in the kernel's ELF file, found by its symbols."""
    (table,) = struct.unpack_from("<Q", elf, 40)
    size, count = struct.unpack_from("<HH", elf, 58)
    # Fields as in Elf64_Shdr: name, type, flags, address, offset, size, link,
    # information, alignment, entry size.
    sections = [
        struct.unpack_from("<IIQQQQIIQQ", elf, table + index * size)
        for index in range(count)
    ]
    found = {}
    for _, kind, _, _, offset, length, link, _, _, each in sections:
        if kind != _SYMBOL_TABLE:
            continue
        text = elf[sections[link][4] :]
        for at in range(offset, offset + length, each):
            name, _, _, home, value = struct.unpack_from("<IBBHQ", elf, at)
            for wanted in _BOOT_IMAGE:
                if text.startswith(wanted + b"\0", name):
                    _, _, _, address, begin, *_ = sections[home]
                    found[wanted] = value - address + begin
    if len(found) != len(_BOOT_IMAGE):
        raise ValueError("the kernel has no boot image")
    start, end = (found[name] for name in _BOOT_IMAGE)
    return elf[start:end]
