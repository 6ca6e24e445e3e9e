"""Tests of the QEMU command line."""

import os
import tempfile
import unittest

from platforms.qemu import command
from platforms.qemu.command import Machine, qemu_command
from platforms.qemu.errors import RunError


def values(words, option):
    """What follows each occurrence of the option."""
    return [words[i + 1] for i, word in enumerate(words) if word == option]


class QemuCommandTest(unittest.TestCase):
    def test_x86_64_defaults(self):
        words = qemu_command(Machine("x86_64", "K", "I"), "Q")
        self.assertEqual(words[0], "Q")
        for option, value in (
            ("-M", "q35"), ("-cpu", "max,-erms"), ("-smp", "1"),
            ("-m", "262144K"), ("-kernel", "K"), ("-initrd", "I"),
            ("-accel", "tcg"), ("-device", "isa-debug-exit,iobase=0xf4,iosize=4"),
        ):
            self.assertEqual(values(words, option), [value])
        for option in ("-icount", "-seed", "-rtc", "-gdb", "-S", "-append"):
            self.assertNotIn(option, words)
        for option in ("-nodefaults", "-no-user-config", "-no-reboot"):
            self.assertIn(option, words)

    def test_aarch64(self):
        words = qemu_command(
            Machine("aarch64", "K", "I", el2=True, cpus=3, append="a b"), "Q"
        )
        self.assertEqual(values(words, "-M"), ["virt,virtualization=on"])
        self.assertEqual(values(words, "-cpu"), ["cortex-a72"])
        self.assertEqual(values(words, "-smp"), ["3"])
        self.assertEqual(values(words, "-append"), ["a b"])
        self.assertNotIn("-device", words)
        words = qemu_command(Machine("aarch64", "K", "I", cpu="max"), "Q")
        self.assertEqual(values(words, "-M"), ["virt"])
        self.assertEqual(values(words, "-cpu"), ["max"])

    def test_properties_of_the_board(self):
        words = qemu_command(
            Machine("aarch64", "K", "I", el2=True, board="gic-version=3"), "Q"
        )
        self.assertEqual(
            values(words, "-M"), ["virt,virtualization=on,gic-version=3"]
        )

    def test_icount_pins_time_and_chance(self):
        words = qemu_command(Machine("x86_64", "K", "I", icount=True), "Q")
        self.assertEqual(
            values(words, "-icount"), ["shift=0,sleep=off,align=off"]
        )
        self.assertEqual(values(words, "-seed"), ["1"])
        self.assertIn("clock=vm", values(words, "-rtc")[0])

    def test_kvm_and_gdb(self):
        words = qemu_command(
            Machine("aarch64", "K", "I", kvm=True, gdb=77), "Q"
        )
        self.assertEqual(values(words, "-accel"), ["kvm"])
        self.assertEqual(values(words, "-cpu"), ["host"])
        self.assertEqual(values(words, "-gdb"), ["tcp:127.0.0.1:77"])
        self.assertIn("-S", words)


class ChecksTest(unittest.TestCase):
    def test_memory_sizes(self):
        for text, size in (
            ("64M", 64 << 20), ("512", 512 << 20), ("2g", 2 << 30),
            ("65536K", 64 << 20), ("128MiB", 128 << 20), ("1GB", 1 << 30),
        ):
            self.assertEqual(command.parse_memory(text), size)
        for text in ("", "0", "M", "-1", "1.5G", "1X", "64 M", "1K", "٣M"):
            with self.assertRaisesRegex(RunError, "no memory size"):
                command.parse_memory(text)

    def test_root_file_system_must_fit(self):
        # With 8 MiB the kernel itself says what it needs.
        for arch, memory, initrd in (
            ("x86_64", 64, 56), ("aarch64", 64, 30), ("aarch64", 1024, 800),
            ("x86_64", 8, 1), ("aarch64", 8, 1),
        ):
            command.check_fit(arch, memory << 20, initrd << 20)
        for arch, memory, initrd in (
            ("x86_64", 64, 100), ("x86_64", 64, 59), ("aarch64", 64, 32),
            ("aarch64", 256, 130), ("x86_64", 4, 1),
        ):
            with self.assertRaisesRegex(RunError, f"{initrd} MiB"):
                command.check_fit(arch, memory << 20, initrd << 20)

    def test_kvm_refusals(self):
        with self.assertRaisesRegex(RunError, "host is riscv64"):
            command.check_kvm("x86_64", host="riscv64")
        with self.assertRaisesRegex(RunError, "is missing"):
            command.check_kvm("x86_64", "/nonexistent", "x86_64")
        with tempfile.NamedTemporaryFile() as device:
            command.check_kvm("aarch64", device.name, "arm64")
            os.chmod(device.name, 0)
            if os.getuid() != 0:
                with self.assertRaisesRegex(RunError, "permission"):
                    command.check_kvm("aarch64", device.name, "aarch64")

    def test_missing_qemu_names_the_package(self):
        machine = Machine("aarch64", "K", "I", qemu="/nonexistent")
        with self.assertRaises(RunError) as caught:
            command.find_qemu(machine)
        self.assertIn("qemu-system-arm", caught.exception.advice)


if __name__ == "__main__":
    unittest.main()
