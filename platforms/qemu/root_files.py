"""The root file system of one run: the built one, added files, the command.

Everything a user can get wrong about them is found here, before QEMU starts.
"""

import os
import posixpath
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace

from platforms.qemu import elf_check
from platforms.qemu.errors import RunError
from tools.image import cpio, cpio_reader

EXEC_FILE = "etc/tine/exec"
BASH = "/bin/bash"  # userland/init prefers it to /bin/sh
# What userland/init takes.
MAX_COMMAND_BYTES = 256 * 1024
MAX_COMMAND_WORDS = 4096
PROGRAM_DIRECTORIES = ("bin", "sbin", "usr/bin", "usr/sbin")

_MAX_LINKS = 40


@dataclass(frozen=True)
class Addition:
    """A host file and where it goes; guest "" means the default place."""

    host: str
    guest: str = ""


def parse_addition(text: str, directory: str = "") -> Addition:
    """Reads HOST[:GUEST]; relative host paths start at `directory`.

    A host name may hold a colon: GUEST is only split off where an absolute
    path follows.
    """
    host, colon, guest = text.rpartition(":")
    if not colon or not guest.startswith("/") or not host:
        if colon and not os.path.exists(os.path.join(directory, text)):
            raise RunError(
                f"--add {text}: the path in the guest must be absolute",
                f"write --add {host or 'HOST'}:/{guest.lstrip('/') or 'GUEST'}",
            )
        host, guest = text, ""
    return Addition(os.path.join(directory, host), guest)


class RootFiles:
    """An ordered file tree that grows and is written as an archive."""

    def __init__(self, entries: Sequence[cpio.Entry]):
        self._entries = {entry.path: entry for entry in entries}

    @classmethod
    def load(cls, path: str) -> "RootFiles":
        """Reads the archive that the build made."""
        try:
            with open(path, "rb") as file:
                return cls(cpio_reader.read(file.read()))
        except OSError as error:
            raise RunError(
                f"cannot read the root file system {path}: {error.strerror}"
            ) from error
        except cpio_reader.CpioError as error:
            raise RunError(
                f"the root file system {path} is damaged: {error}",
                "build it again",
            ) from error

    def archive(self) -> bytes:
        """The tree as a cpio archive; every directory precedes its contents."""
        return cpio.write(self._entries.values())

    def find(self, path: str) -> cpio.Entry | None:
        """What the path names, symbolic links followed; None if nothing."""
        return self._entries.get(self._resolve(path))

    def put(self, path: str, entry: cpio.Entry) -> None:
        """Adds `entry` at `path`, making parent directories, or replaces."""
        path = self._resolve(path)
        parent = ""
        for part in path.split("/")[:-1]:
            parent = posixpath.join(parent, part)
            above = self._entries.get(parent)
            if above is None:
                self._entries[parent] = cpio.directory(parent)
            elif not stat.S_ISDIR(above.mode):
                raise RunError(
                    f"cannot put /{path} into the root file system:"
                    f" /{parent} is not a directory there"
                )
        self._entries[path] = replace(entry, path=path)

    def _resolve(self, path: str) -> str:
        """The path without links, "." and ".."; the last part may be new."""
        todo = [part for part in path.split("/") if part]
        done: list[str] = []
        links = 0
        while todo:
            part = todo.pop(0)
            if part == ".":
                continue
            if part == "..":
                done = done[:-1]
                continue
            done.append(part)
            entry = self._entries.get("/".join(done))
            if entry is None or not stat.S_ISLNK(entry.mode):
                continue
            links += 1
            if links > _MAX_LINKS:
                raise RunError(f"/{path}: too many symbolic links")
            target = os.fsdecode(entry.data)
            done = [] if target.startswith("/") else done[:-1]
            todo = [part for part in target.split("/") if part] + todo
        return "/".join(done)


def add_file(
    root: RootFiles,
    addition: Addition,
    machine: str,
    unchecked: bool = False,
) -> str:
    """Puts a host file into the root file system; returns its guest path.

    Without a path of its own a program (ELF or #! script) goes to /bin, any
    other file to /. Permission bits are kept; the time is not, so that equal
    input gives equal images.
    """
    data, permissions = _read_host_file(addition.host)
    if not unchecked:
        _check_machine(addition.host, data, machine)

    name = os.path.basename(os.path.normpath(addition.host))
    guest = addition.guest
    if not guest:
        guest = "/bin/" if elf_check.is_program(data) else "/"
    there = root.find(guest)
    is_directory = there is not None and stat.S_ISDIR(there.mode)
    if guest.endswith("/") or is_directory:
        guest = posixpath.join(guest, name)
        there = root.find(guest)
        if there is not None and stat.S_ISDIR(there.mode):
            raise RunError(f"--add {addition.host}: {guest} is a directory")
    root.put(guest, cpio.regular_file(guest, data, permissions))
    return posixpath.normpath(guest)


def set_command(root: RootFiles, words: Sequence[str]) -> None:
    """Makes init run these words and end with their status."""
    encoded = b"".join(os.fsencode(word) + b"\0" for word in words)
    if len(encoded) > MAX_COMMAND_BYTES or len(words) > MAX_COMMAND_WORDS:
        raise RunError(
            f"--exec: the command has {len(words)} words and {len(encoded)}"
            f" bytes; {MAX_COMMAND_WORDS} and {MAX_COMMAND_BYTES} are allowed",
            "put the arguments into a file and --add it",
        )
    root.put(EXEC_FILE, cpio.regular_file(EXEC_FILE, encoded))


def _read_host_file(path: str) -> tuple[bytes, int]:
    try:
        with open(path, "rb") as file:
            return file.read(), stat.S_IMODE(os.fstat(file.fileno()).st_mode)
    except IsADirectoryError:
        raise RunError(
            f"--add {path}: this is a directory", "add its files one by one"
        ) from None
    except OSError as error:
        raise RunError(
            f"--add {path}: {error.strerror}",
            "check the path; relative ones start at the current directory",
        ) from error


def _check_machine(path: str, data: bytes, machine: str) -> None:
    program = elf_check.inspect(data)
    if program is not None and program.machine != machine:
        raise RunError(
            f"--add {path}: this program is for {program.machine},"
            f" the guest is {machine}",
            f"compile it for {machine}, or run the other target"
            " (//platforms/qemu:x86_64 or :aarch64)",
        )
