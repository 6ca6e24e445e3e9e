"""Writes cpio archives of the "newc" kind, with file data on page boundaries.

The name field of a regular file is padded with NUL bytes until its data
starts at a multiple of 4096 from the start of the archive, so that a page of
a file is a page of memory. Any newc reader skips the padding.

Archives are reproducible: inode numbers count up, and nothing is taken from
the machine that writes.
"""

import stat
from collections.abc import Iterable
from dataclasses import dataclass

PAGE_SIZE = 4096
HEADER_SIZE = 110
MAGIC = b"070701"
TRAILER = "TRAILER!!!"


@dataclass(frozen=True)
class Entry:
    """One name in the archive. `path` has no leading slash."""

    path: str
    mode: int  # type and permission bits, as in st_mode
    data: bytes = b""  # contents, or the target of a symbolic link
    device: tuple[int, int] = (0, 0)  # major, minor of a device node
    uid: int = 0
    gid: int = 0
    mtime: int = 0


def regular_file(path: str, data: bytes, permissions: int = 0o644) -> Entry:
    """A file with these contents."""
    return Entry(path, stat.S_IFREG | permissions, data)


def directory(path: str, permissions: int = 0o755) -> Entry:
    """An empty directory."""
    return Entry(path, stat.S_IFDIR | permissions)


def symlink(path: str, target: str) -> Entry:
    """A symbolic link to `target`."""
    data = target.encode("utf-8", "surrogateescape")
    return Entry(path, stat.S_IFLNK | 0o777, data)


def character_device(
    path: str, major: int, minor: int, permissions: int = 0o600
) -> Entry:
    """A character device node."""
    return Entry(path, stat.S_IFCHR | permissions, device=(major, minor))


def write(entries: Iterable[Entry]) -> bytes:
    """The archive that holds `entries` in this order."""
    archive = bytearray()
    inode = 0
    for inode, entry in enumerate(entries, 1):
        _append(archive, entry, inode)
    _append(archive, Entry(TRAILER, 0), inode + 1)
    archive += bytes(-len(archive) % 512)
    return bytes(archive)


def _append(archive: bytearray, entry: Entry, inode: int) -> None:
    name = entry.path.encode("utf-8", "surrogateescape") + b"\0"
    start = len(archive) + HEADER_SIZE
    aligned = stat.S_ISREG(entry.mode) and len(entry.data) > 0
    name += bytes(-(start + len(name)) % (PAGE_SIZE if aligned else 4))
    links = 2 if stat.S_ISDIR(entry.mode) else 1
    fields = (
        inode,
        entry.mode,
        entry.uid,
        entry.gid,
        links,
        entry.mtime,
        len(entry.data),
        0,
        0,
        *entry.device,
        len(name),
        0,
    )
    archive += MAGIC + b"".join(b"%08X" % field for field in fields)
    archive += name + entry.data
    archive += bytes(-len(archive) % 4)
