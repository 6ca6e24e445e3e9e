"""Root file systems and command lines that are wrong: refused, never hung."""

import os

from tests.system import system
from tests.system.system import SYSTEM_FAILED, SystemTestCase
from tools.image import cpio

_NAME_SIZE = 94  # offsets in a newc header
_FILE_SIZE = 54


class BadRootTest(SystemTestCase):
    def refused(self, what, initrd, *clues):
        """The run ends by itself with 125, and its log says why, once."""
        with self.subTest(what):
            run = self.boot("--timeout", "20", initrd=initrd)
            self.assertEnds(run, SYSTEM_FAILED)
            text = "\n".join(run.log)
            self.assertNotIn("PANIC", text)
            self.assertNotIn("fault", text)
            for clue in clues:
                self.assertIn(clue, text)
            self.assertIn("what to do: ", run.err)

    def archive(self):
        with open(system.root(), "rb") as file:
            return bytearray(file.read())

    def patched(self, offset, text):
        archive = self.archive()
        archive[offset : offset + len(text)] = text
        return self.file("patched.cpio", archive)

    def test_no_archive(self):
        self.refused("noise", self.file("noise", os.urandom(70_000)), "initrd")
        self.refused("zeros", self.file("zeros", bytes(4096)), "initrd")
        self.refused("one byte", self.file("one", b"0"), "initrd")
        self.refused("text", self.file("text", b"070701 is no header"),
                     "initrd")

    def test_cut_archive(self):
        archive = self.archive()
        for size in (60, 112, 5000, len(archive) // 2):
            self.refused(f"cut at {size}", self.file("cut", archive[:size]),
                         "initrd")

    def test_malformed_headers(self):
        for what, offset, text in (
            ("magic", 0, b"070709"),
            ("no hexadecimal", _FILE_SIZE, b"0000zzzz"),
            ("file larger than the archive", _FILE_SIZE, b"FFFFFFFF"),
            ("name larger than the archive", _NAME_SIZE, b"FFFFFFFF"),
            ("no name", _NAME_SIZE, b"00000000"),
        ):
            self.refused(what, self.patched(offset, text), "initrd")

    def test_no_init(self):
        other = cpio.regular_file("other", b"data")
        self.refused("no /init", self.file("r", cpio.write([other])), "/init")
        self.refused("no file at all", self.file("r", cpio.write([])), "/init")

    def test_init_that_cannot_run(self):
        with open(system.probe(), "rb") as file:
            program = file.read()
        for what, entry in (
            ("cut in the header",
             cpio.regular_file("init", program[:40], 0o755)),
            ("cut in the data",
             cpio.regular_file("init", program[:9000], 0o755)),
            ("noise", cpio.regular_file("init", b"\x00\x01", 0o755)),
            ("empty", cpio.regular_file("init", b"", 0o755)),
            ("not executable", cpio.regular_file("init", program, 0o644)),
            ("a directory", cpio.directory("init")),
            ("a link to nothing", cpio.symlink("init", "nowhere")),
            ("a link to itself", cpio.symlink("init", "init")),
            ("a script without interpreter",
             cpio.regular_file("init", b"#!/nowhere\n", 0o755)),
        ):
            self.refused(what, self.root_with(entry), "/init")

    def test_the_driver_refuses_what_it_has_to_change(self):
        noise = self.file("noise", os.urandom(5000))
        run = self.boot("--exec", "hello_fork", initrd=noise)
        self.assertEnds(run, SYSTEM_FAILED)
        self.assertIn("is damaged", run.err)


class GoodRootTest(SystemTestCase):
    def test_init_of_another_make(self):
        """Its arguments are none, its status is the run's."""
        with open(system.probe(), "rb") as file:
            entry = cpio.regular_file("init", file.read(), 0o755)
        self.assertEnds(self.boot(initrd=self.root_with(entry)), 98)

    def test_unaligned_archive(self):
        with open(system.probe(), "rb") as file:
            entry = cpio.regular_file("init", file.read(), 0o755)
        aligned = cpio.PAGE_SIZE
        cpio.PAGE_SIZE = 4
        try:
            archive = cpio.write([entry])
        finally:
            cpio.PAGE_SIZE = aligned
        self.assertEnds(self.boot(initrd=self.file("plain", archive)), 98)


class CommandLineTest(SystemTestCase):
    def test_odd_words_change_nothing(self):
        for text in ("tine.fork=bogus", "=", " ", "a" * 1900, "tine.fork=",
                     "é \"quoted 'words", "\x01\x7f,,%s%n"):
            run = self.run_program(
                system.probe(), "arguments", "x", options=("--append", text)
            )
            with self.subTest(text[:40]):
                self.assertEnds(run, 0, b"[x]\n")


if __name__ == "__main__":
    system.main()
