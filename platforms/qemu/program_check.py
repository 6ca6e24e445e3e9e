"""Why a program in the root file system will not start, told beforehand.

The guest's execve answers as Linux does, which is terse: "No such file or
directory" is also said of a program whose loader is missing.
"""

import os
import shlex
import stat
from typing import NamedTuple

from platforms.qemu import elf_check
from platforms.qemu.root_files import BASH, PROGRAM_DIRECTORIES, RootFiles
from tools.image import cpio

_MAX_SCRIPTS = 5  # that run scripts, as in Linux
_LINE_BYTES = 256


class Problem(NamedTuple):
    """What is wrong, to follow the program's name, and what to do."""

    text: str
    advice: str


def find_command(root: RootFiles, word: str) -> str | None:
    """The path that init runs for the first word of a command."""
    if "/" in word:
        return word if root.find(word) else None
    for directory in PROGRAM_DIRECTORIES:
        if root.find(f"{directory}/{word}"):
            return f"/{directory}/{word}"
    return None


def missing_command(word: str, host_directory: str) -> Problem:
    """Nothing in the root file system has this name."""
    on_host = os.path.join(host_directory, word)
    name = os.path.basename(word)
    if name and os.path.isfile(on_host):
        return Problem(
            "is a file of this machine, not of the guest",
            f"--add {shlex.quote(word)} --exec {shlex.quote(name)}",
        )
    return Problem(
        "is not in the root file system",
        "--add HOST[:GUEST] puts a program there",
    )


def problem(
    root: RootFiles, path: str, machine: str, depth: int = 0
) -> Problem | None:
    """Why execve of this path fails; None if nothing speaks against it."""
    entry = root.find(path)
    if entry is None:
        return Problem("does not exist", "--add it, too")
    if not stat.S_ISREG(entry.mode):
        return Problem("is no file", "name a program")
    if not entry.mode & 0o111:
        return Problem("is not executable", "chmod +x the file on this machine")
    if entry.data[:2] == b"#!":
        return _problem_of_script(root, entry, machine, depth)
    program = elf_check.inspect(entry.data)
    if program is None:
        return Problem(
            "is neither an ELF program nor a script",
            "a script begins with #! and the path of its interpreter",
        )
    if program.machine != machine:
        return Problem(
            f"is a program for {program.machine}, the guest is {machine}",
            f"compile it for {machine}",
        )
    if program.interpreter and root.find(program.interpreter) is None:
        return Problem(
            f"is dynamically linked, and its loader {program.interpreter} is"
            " not in the root file system",
            "link it with -static",
        )
    return None


def _problem_of_script(
    root: RootFiles, script: cpio.Entry, machine: str, depth: int
) -> Problem | None:
    line = script.data[2:_LINE_BYTES].split(b"\n")[0]
    words = os.fsdecode(line.strip(b" \t")).split(None, 1)
    if not words:
        return Problem("names no interpreter after #!", "write #!/bin/sh")
    if line.endswith(b"\r"):
        return Problem(
            "has lines that end with CR LF, so that its interpreter is"
            f" {words[-1].rstrip() + '<CR>'}",
            "sed -i 's/\\r$//' removes the carriage returns",
        )
    if depth == _MAX_SCRIPTS:
        return Problem("is run by scripts, too many", "name a program after #!")
    interpreter = words[0]
    if os.path.basename(interpreter) == "env" and len(words) == 2:
        name = words[1].split()[0]
        if not name.startswith("-") and find_command(root, name) is None:
            interpreter = name
    if (found := find_command(root, interpreter)) is None:
        return Problem(
            f"is a script for {interpreter}, which is not in the root file"
            " system",
            "--bash adds bash" if os.path.basename(interpreter) == "bash"
            else f"--add a static {os.path.basename(interpreter)}, or use"
            " #!/bin/sh",
        )
    inner = problem(root, found, machine, depth + 1)
    if inner is None:
        return None
    return Problem(f"is a script for {found}, which {inner.text}", inner.advice)
