"""ELF files for tests: no more than a header."""

import struct


def elf(machine, bits=2, kind=2, interpreter=b""):
    """The smallest file with an ELF header, and PT_INTERP if asked for."""
    count = 1 if interpreter else 0
    header = b"\x7fELF" + bytes([bits, 1, 1]) + bytes(9)
    header += struct.pack("<HHIQQQIHHHHHH", kind, machine, 1, 0, 64, 0, 0,
                          64, 56, count, 0, 0, 0)
    if interpreter:
        size = len(interpreter) + 1
        header += struct.pack("<IIQQQQQQ", 3, 4, 120, 0, 0, size, size, 1)
        header += interpreter + b"\0"
    return header
