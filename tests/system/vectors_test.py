"""Where the CPU enters the kernel: each entry has the room that it needs."""

import struct

from tests.system import system
from tests.system.system import SystemTestCase

_SYMBOL_TABLE = 2
_TEXT_FLAG = 4  # SHF_EXECINSTR


class Elf:
    """Names and code of an ELF64 file."""

    def __init__(self, data: bytes):
        self._data = data
        (table,) = struct.unpack_from("<Q", data, 40)
        size, count = struct.unpack_from("<HH", data, 58)
        self._sections = [
            struct.unpack_from("<IIQQQQIIQQ", data, table + i * size)
            for i in range(count)
        ]

    def symbol(self, name: str) -> int:
        """The address that has this name."""
        for section in self._sections:
            if section[1] != _SYMBOL_TABLE:
                continue
            names = self._sections[section[6]][4]
            for at in range(section[4], section[4] + section[5], 24):
                offset, _, _, _, value, _ = struct.unpack_from(
                    "<IBBHQQ", self._data, at
                )
                end = self._data.index(b"\0", names + offset)
                if self._data[names + offset : end] == name.encode():
                    return value
        raise KeyError(name)

    def code(self, address: int, count: int) -> bytes:
        """What the CPU finds there."""
        for section in self._sections:
            _, _, flags, start, offset, size = section[:6]
            if flags & _TEXT_FLAG and start <= address < start + size:
                at = offset + address - start
                return self._data[at : at + count]
        raise KeyError(hex(address))


class VectorsTest(SystemTestCase):
    def setUp(self):
        super().setUp()
        with open(system.kernel()[1], "rb") as file:
            self.elf = Elf(file.read())

    def test_each_vector_has_its_room(self):
        getattr(self, "check_" + system.arch)()

    # Arm ARM D1.4.1: a table of 2 KiB, and so aligned; 16 entries of 32
    # instructions each.
    def check_aarch64(self):
        table = self.elf.symbol("exception_vectors")
        self.assertEqual(table % 2048, 0)
        nop = 0xD503201F
        # stp x11, x12, [sp, #88] and msr sp_el0, x0
        store_pair, save_x0 = 0xA905B3EB, 0xD5184100
        for entry in range(16):
            code = self.elf.code(table + 128 * entry, 128)
            words = list(struct.unpack("<32I", code))
            with self.subTest(entry=entry):
                # From user mode the registers are saved, from the kernel
                # itself none are: its stack may be the reason.
                from_user = 8 <= entry < 12
                self.assertEqual(words[0], store_pair if from_user else save_x0)
                while words[-1] in (nop, 0):
                    words.pop()
                # It goes on elsewhere, and not into the next entry: b.
                self.assertEqual(words[-1] >> 26, 0x05, hex(words[-1]))

    # What the descriptor table points at: one stub of 16 bytes for each vector,
    # all but those of the debugger and of NMI ending in a jump.
    def check_x86_64(self):
        stubs = self.elf.symbol("trap_stubs")
        self.assertEqual(stubs % 16, 0)
        for vector in range(48):
            code = self.elf.code(stubs + 16 * vector, 16)
            with self.subTest(vector=vector):
                if vector in (1, 2):
                    self.assertIn(code[0], (0xE9, 0xEB))
                    continue
                # push $0 in the place of an error code, push $vector, jmp.
                has_error = vector in (8, 10, 11, 12, 13, 14, 17, 21, 29, 30)
                if not has_error:
                    self.assertEqual(code[:2], b"\x6a\x00")
                    code = code[2:]
                self.assertEqual(code[:2], bytes([0x6A, vector]))
                self.assertIn(code[2], (0xE9, 0xEB))


if __name__ == "__main__":
    system.main()
