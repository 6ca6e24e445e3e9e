"""Tests of what is said about programs that will not start."""

import os
import tempfile
import unittest

from platforms.qemu import program_check
from platforms.qemu.root_files import RootFiles
from platforms.qemu.small_elf import elf
from tools.image import cpio


class ProgramCheckTest(unittest.TestCase):
    def setUp(self):
        self.root = RootFiles([
            cpio.directory("bin"),
            cpio.directory("usr/bin"),
            cpio.regular_file("bin/busybox", elf(62), 0o755),
            cpio.symlink("bin/sh", "/bin/busybox"),
            cpio.symlink("usr/bin/env", "/bin/busybox"),
        ])

    def put(self, data, mode=0o755, path="/bin/x"):
        self.root.put(path, cpio.regular_file(path, data, mode))

    def problem(self, data, mode=0o755):
        self.put(data, mode)
        return program_check.problem(self.root, "/bin/x", "x86_64")

    def assertProblem(self, found, text, advice):
        self.assertIsNotNone(found)
        self.assertIn(text, found.text)
        self.assertIn(advice, found.advice)

    def test_what_starts(self):
        for data in (elf(62), elf(62, kind=3), b"#!/bin/sh\n",
                     b"#! /bin/sh -e\n", b"#!/usr/bin/env sh\n",
                     b"#!/usr/bin/env -S sh\n", b"#!/bin/sh"):
            self.assertIsNone(self.problem(data), data)

    def test_elf(self):
        self.assertProblem(self.problem(elf(183)), "for aarch64", "x86_64")
        dynamic = elf(62, kind=3, interpreter=b"/lib/ld")
        self.assertProblem(self.problem(dynamic), "/lib/ld", "-static")
        self.put(b"loader", 0o755, "/lib/ld")
        self.assertIsNone(self.problem(dynamic))

    def test_files_that_are_none(self):
        self.assertProblem(self.problem(elf(62), 0o644), "not exec", "chmod")
        self.assertProblem(self.problem(b"echo hi\n"), "neither", "#!")
        self.assertProblem(self.problem(b""), "neither", "#!")
        self.assertProblem(
            program_check.problem(self.root, "/bin", "x86_64"), "no file", ""
        )

    def test_scripts(self):
        self.assertProblem(
            self.problem(b"#!/bin/bash\n"), "for /bin/bash", "--bash"
        )
        self.assertProblem(
            self.problem(b"#!/usr/bin/env bash\n"), "for bash", "--bash"
        )
        self.assertProblem(
            self.problem(b"#!/usr/bin/python3\n"), "python3", "static python3"
        )
        self.assertProblem(self.problem(b"#!/bin/sh\r\n"), "CR", "sed")
        self.assertProblem(self.problem(b"#!\n"), "no interpreter", "#!")
        self.put(elf(183), 0o755, "/bin/other")
        self.assertProblem(
            self.problem(b"#!/bin/other\n"), "which is a program for aarch64",
            "compile",
        )
        self.assertProblem(self.problem(b"#!/bin/x\n"), "scripts", "program")

    def test_commands(self):
        def find(word):
            return program_check.find_command(self.root, word)

        self.assertEqual(find("env"), "/usr/bin/env")
        self.assertEqual(find("/bin/sh"), "/bin/sh")
        self.assertIsNone(find("none"))
        self.assertIsNone(find("/bin/none"))
        with tempfile.TemporaryDirectory() as directory:
            with open(os.path.join(directory, "prog"), "wb"):
                pass
            self.assertProblem(
                program_check.missing_command("./prog", directory),
                "this machine", "--add ./prog --exec prog",
            )
            self.assertProblem(
                program_check.missing_command("none", directory),
                "not in the root", "--add",
            )


if __name__ == "__main__":
    unittest.main()
