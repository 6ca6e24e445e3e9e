"""A kernel that fails says where, by name, and ends the run."""

import struct

from platforms.qemu.symbols import boot_image
from tests.system import system
from tests.system.system import SYSTEM_FAILED, SystemTestCase
from tools.image import cpio_reader

_HERE = r"self_test.* at self_test\.cc:\d+"
_CALLER = r"kernel_main.* at main\.cc:\d+"
# ud2, and udf #0.
_UNDEFINED = {"x86_64": b"\x0f\x0b", "aarch64": bytes(4)}
# Of the kernel itself with the stack pointer of user mode; an interrupt that
# nobody makes.
_UNUSED_VECTOR = {
    "x86_64": "another vector", "aarch64": "synchronous, SP_EL0",
}


def entry_offset(elf):
    """Where in the file the first instruction is."""
    entry, table = struct.unpack_from("<QQ", elf, 24)
    (count,) = struct.unpack_from("<H", elf, 56)
    for at in range(table, table + count * 56, 56):
        (kind,) = struct.unpack_from("<I", elf, at)
        offset, address, _, size = struct.unpack_from("<QQQQ", elf, at + 8)
        if kind == 1 and address <= entry < address + size:
            return entry - address + offset
    raise ValueError("no segment has the entry point")


class PanicTest(SystemTestCase):
    def panic(self, word):
        """The run, and the lines of its log from the panic on."""
        run = self.run_program(
            system.probe(), "exit", "0",
            options=("--append", "tine.selftest=" + word, "--timeout", "20"),
        )
        self.assertEnds(run, SYSTEM_FAILED)
        [at] = [i for i, line in enumerate(run.log)
                if line.startswith("PANIC: ")]
        # Without --log a user sees the last lines on stderr.
        for line in run.log[at:]:
            self.assertIn(line, run.err)
        return run.log[at:]

    def line_of(self, lines, start):
        [line] = [line for line in lines if line.startswith(start)]
        return line

    def backtrace(self, lines):
        lines = lines[lines.index("backtrace:") + 1 :]
        return "\n".join(line for line in lines if line.startswith("  0x"))

    def test_panic(self):
        lines = self.panic("panic")
        self.assertEqual(lines[0], "PANIC: self test")
        self.assertRegex(self.backtrace(lines), rf"(?s){_HERE}.*{_CALLER}")

    def test_exception_of_the_kernel_shows_its_registers(self):
        lines = self.panic("trap")
        self.assertIn("kernel exception", lines[0])
        self.assertRegex(self.line_of(lines, "pc 0x"), _HERE)
        frames = [line for line in lines if line.startswith("frame ")]
        self.assertGreaterEqual(len(frames), 5)
        self.assertRegex(self.backtrace(lines), _CALLER)

    def test_vector_that_must_not_be_taken(self):
        lines = self.panic("vector")
        self.assertIn("kernel exception: " + _UNUSED_VECTOR[system.arch],
                      lines[0])
        self.assertRegex(self.backtrace(lines), _CALLER)

    def test_canary_of_the_kernel_stack_is_looked_at(self):
        lines = self.panic("canary")
        self.assertEqual(lines[0], "PANIC: kernel stack overflow")
        self.assertIn("the kernel stack's canary is gone", lines)

    def test_overflow_of_the_kernel_stack_meets_the_guard_page(self):
        lines = self.panic("stack")
        self.assertIn("kernel exception", lines[0])
        self.assertRegex(self.line_of(lines, "pc 0x"),
                         r"self_test_recurse.* at self_test\.cc:\d+")

    def test_server_that_fails_is_named(self):
        image, elf = system.kernel()
        with open(elf, "rb") as file:
            archive = boot_image(file.read())
        [server] = [
            e.data for e in cpio_reader.read(archive) if e.path == "vfs"
        ]
        with open(image, "rb") as file:
            damaged = bytearray(file.read())
        at = damaged.index(server) + entry_offset(server)
        patch = _UNDEFINED[system.arch]
        damaged[at : at + len(patch)] = patch
        run = self.boot("--kernel", self.file("damaged", damaged), elf,
                        "--timeout", "20", "--exec", "hello_fork")
        self.assertEnds(run, SYSTEM_FAILED)
        self.assertRegex(
            "\n".join(run.log), r"server 3 faulted: .*\(vfs: _start.*\)"
        )
        self.assertIn("the vfs server faulted", run.err)

    def test_other_words_do_nothing(self):
        run = self.run_program(
            system.probe(), "exit", "3",
            options=("--append", "tine.selftest=panics tine.selftest"),
        )
        self.assertEnds(run, 3)


if __name__ == "__main__":
    system.main()
