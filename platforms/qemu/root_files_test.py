"""Tests of what goes into the root file system of a run."""

import os
import stat
import subprocess
import tempfile
import unittest

from platforms.qemu import elf_check
from platforms.qemu.errors import RunError
from platforms.qemu.small_elf import elf
from platforms.qemu.root_files import (
    EXEC_FILE,
    Addition,
    RootFiles,
    add_file,
    parse_addition,
    set_command,
)
from tools.image import cpio, cpio_reader


class RootFilesTest(unittest.TestCase):
    def setUp(self):
        self._directory = tempfile.TemporaryDirectory()
        self.addCleanup(self._directory.cleanup)
        self.root = RootFiles([
            cpio.directory("bin"),
            cpio.directory("usr"),
            cpio.symlink("usr/bin", "../bin"),
            cpio.symlink("sbin", "/usr/bin"),
            cpio.regular_file("init", b"init", 0o755),
            cpio.character_device("dev/console", 5, 1),
        ])

    def host_file(self, name, data, mode=0o644):
        path = os.path.join(self._directory.name, name)
        with open(path, "wb") as file:
            file.write(data)
        os.chmod(path, mode)
        return path

    def add(self, path, guest="", unchecked=False):
        return add_file(self.root, Addition(path, guest), "x86_64",
                        unchecked)

    def test_programs_go_to_bin_and_data_to_the_root(self):
        script = self.host_file("run.sh", b"#!/bin/sh\n", 0o750)
        program = self.host_file("prog", elf(62), 0o755)
        data = self.host_file("data", b"\x7fELF but not really")
        self.assertEqual(self.add(script), "/bin/run.sh")
        self.assertEqual(self.add(program), "/bin/prog")
        self.assertEqual(self.add(data), "/data")
        self.assertEqual(self.root.find("/bin/run.sh").mode,
                         stat.S_IFREG | 0o750)

    def test_guest_paths(self):
        data = self.host_file("data", b"text", 0o4711)
        self.assertEqual(self.add(data, "/a/b/c"), "/a/b/c")
        self.assertEqual(self.add(data, "/x/"), "/x/data")
        self.assertEqual(self.add(data, "/bin"), "/bin/data")
        self.assertEqual(self.add(data, "/sbin/y"), "/sbin/y")
        self.add(data, "/init")
        paths = {e.path: e for e in cpio_reader.read(self.root.archive())}
        self.assertEqual(paths["a"].mode, stat.S_IFDIR | 0o755)
        self.assertEqual(paths["a/b/c"].mode, stat.S_IFREG | 0o4711)
        self.assertEqual(paths["bin/y"].data, b"text", "links are followed")
        self.assertEqual(paths["init"].data, b"text", "replaced")
        with self.assertRaisesRegex(RunError, "/init is not a directory"):
            self.add(data, "/init/x")

    def test_parents_come_first(self):
        self.add(self.host_file("data", b"1"), "/p/q/r")
        order = [e.path for e in cpio_reader.read(self.root.archive())]
        self.assertEqual(order[-3:], ["p", "p/q", "p/q/r"])

    def test_refusals_name_file_and_reason(self):
        with self.assertRaisesRegex(RunError, "nowhere: No such file"):
            self.add(os.path.join(self._directory.name, "nowhere"))
        with self.assertRaisesRegex(RunError, "is a directory"):
            self.add(self._directory.name)
        other = self.host_file("other", elf(183))
        with self.assertRaisesRegex(RunError, "for aarch64.*guest is x86_64"):
            self.add(other)
        narrow = self.host_file("narrow", elf(3, bits=1))
        with self.assertRaisesRegex(RunError, "for i386"):
            self.add(narrow)
        x32 = self.host_file("x32", elf(62, bits=1))
        with self.assertRaisesRegex(RunError, "32-bit"):
            self.add(x32)
        self.assertEqual(self.add(other, unchecked=True), "/bin/other")

    def test_command(self):
        set_command(self.root, ["/init", "", "ä \udcff"])
        self.assertEqual(self.root.find(EXEC_FILE).data,
                         b"/init\0\0" + "ä ".encode() + b"\xff\0")
        with self.assertRaisesRegex(RunError, "words"):
            set_command(self.root, ["x"] * 5000)

    def test_link_loop_is_an_error(self):
        self.root.put("loop", cpio.symlink("loop", "loop"))
        with self.assertRaisesRegex(RunError, "links"):
            self.root.find("/loop/x")

    def test_damaged_archive(self):
        archive = self.root.archive()
        for cut in range(0, len(archive) - 600, 37):
            path = self.host_file("cut", archive[:cut])
            with self.assertRaisesRegex(RunError, "damaged"):
                RootFiles.load(path)
        with self.assertRaisesRegex(RunError, "cannot read"):
            RootFiles.load(os.path.join(self._directory.name, "nowhere"))


class ParseAdditionTest(unittest.TestCase):
    def test_forms(self):
        self.assertEqual(parse_addition("a", "/d"), Addition("/d/a"))
        self.assertEqual(parse_addition("/a:/b", "/d"), Addition("/a", "/b"))
        self.assertEqual(parse_addition("a:b:/c"), Addition("a:b", "/c"))
        with self.assertRaisesRegex(RunError, "absolute"):
            parse_addition("a:b", "/nonexistent")
        with self.assertRaisesRegex(RunError, "absolute"):
            parse_addition(":/b", "/nonexistent")
        with tempfile.TemporaryDirectory() as directory:
            with open(os.path.join(directory, "x:y"), "wb"):
                pass
            self.assertEqual(parse_addition("x:y", directory).guest, "")


class ElfCheckTest(unittest.TestCase):
    def test_kinds(self):
        self.assertEqual(elf_check.inspect(elf(62)).machine, "x86_64")
        self.assertEqual(elf_check.inspect(elf(183)).machine, "aarch64")
        self.assertEqual(elf_check.inspect(elf(243)).machine, "riscv")
        self.assertIn("999", elf_check.inspect(elf(999)).machine)
        self.assertIsNone(elf_check.inspect(elf(62, kind=1)), "object file")
        self.assertIsNone(elf_check.inspect(b""))
        found = elf_check.inspect(elf(62, kind=3, interpreter=b"/lib/ld.so"))
        self.assertEqual(found.interpreter, "/lib/ld.so")

    def test_every_truncation_is_survived(self):
        whole = elf(62, interpreter=b"/lib/ld.so")
        for size in range(len(whole)):
            elf_check.inspect(whole[:size])
        wild = bytearray(whole)
        wild[32:40] = b"\xff" * 8
        self.assertEqual(elf_check.inspect(bytes(wild)).interpreter, "")

    def test_this_machines_own_python(self):
        with open(os.path.realpath("/proc/self/exe"), "rb") as file:
            found = elf_check.inspect(file.read())
        self.assertEqual(found.machine, os.uname().machine)


class CpioTest(unittest.TestCase):
    ENTRIES = [
        cpio.directory("dev", 0o700),
        cpio.character_device("dev/console", 5, 1, 0o622),
        cpio.regular_file("empty", b"", 0o600),
        cpio.regular_file("one", b"1", 0o755),
        cpio.regular_file("page", bytes(range(256)) * 16, 0o4755),
        cpio.regular_file("d" * 300, b"long name"),
        cpio.symlink("link", "page"),
    ]

    def test_round_trip_and_alignment(self):
        archive = cpio.write(self.ENTRIES)
        self.assertEqual(cpio_reader.read(archive), self.ENTRIES)
        self.assertEqual(archive, cpio.write(self.ENTRIES), "reproducible")
        at = archive.index(bytes(range(256)) * 16)
        self.assertEqual(at % cpio.PAGE_SIZE, 0)
        self.assertEqual(archive.index(b"long name") % cpio.PAGE_SIZE, 0)
        self.assertEqual(cpio_reader.read(archive + bytes(300) + archive),
                         self.ENTRIES * 2, "archives in a row")

    def test_empty_archive(self):
        self.assertEqual(cpio_reader.read(cpio.write([])), [])

    def test_the_systems_cpio_reads_ours(self):
        listing = self._cpio(["-it", "--quiet"], cpio.write(self.ENTRIES))
        self.assertEqual(listing.decode().split(),
                         [entry.path for entry in self.ENTRIES])
        page = self._cpio(["-i", "--quiet", "--to-stdout", "page"],
                          cpio.write(self.ENTRIES))
        self.assertEqual(page, bytes(range(256)) * 16)

    def test_we_read_the_systems_cpio(self):
        with tempfile.TemporaryDirectory() as directory:
            with open(os.path.join(directory, "first"), "wb") as file:
                file.write(b"shared")
            os.link(os.path.join(directory, "first"),
                    os.path.join(directory, "second"))
            os.symlink("first", os.path.join(directory, "third"))
            archive = self._cpio(["-o", "-H", "newc", "--quiet"],
                                 b".\n./first\n./second\n./third\n", directory)
        found = {e.path: e.data for e in cpio_reader.read(archive)}
        self.assertEqual(found, {".": b"", "first": b"shared",
                                 "second": b"shared", "third": b"first"})

    def _cpio(self, options, data, directory=None):
        try:
            return subprocess.run(["cpio", *options], input=data, check=True,
                                  cwd=directory, capture_output=True).stdout
        except FileNotFoundError:
            self.skipTest("this machine has no cpio")


if __name__ == "__main__":
    unittest.main()
