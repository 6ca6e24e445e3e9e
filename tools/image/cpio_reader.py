"""Reads cpio archives of the "newc" kind, aligned or not, one or several."""

import stat

from tools.image.cpio import HEADER_SIZE, MAGIC, TRAILER, Entry

_MAGIC_WITH_SUMS = b"070702"
_FIELD_COUNT = 13


class CpioError(ValueError):
    """The archive is damaged; the text says where."""


def read(archive: bytes) -> list[Entry]:
    """The entries in order, paths without leading "./" or "/".

    Hard links come out as files of their own with the shared contents.
    Archives that follow each other, with zeros between, read as one.
    """
    entries: list[Entry] = []
    at = 0
    while True:
        part, at = _read_part(archive, at)
        entries += part
        while at < len(archive) and archive[at] == 0:
            at += 1
        if at == len(archive):
            return entries


def _read_part(archive: bytes, at: int) -> tuple[list[Entry], int]:
    entries: list[Entry] = []
    linked: dict[tuple[int, ...], list[int]] = {}
    while True:
        entry, identity, links, at = _read_entry(archive, at)
        if entry.path == TRAILER:
            return entries, at
        if stat.S_ISREG(entry.mode) and links > 1:
            names = linked.setdefault(identity, [])
            names.append(len(entries))
            entries.append(entry)
            _share_contents(entries, names)
        else:
            entries.append(entry)


def _share_contents(entries: list[Entry], names: list[int]) -> None:
    """Of hard links only the last carries the data: gives it to all."""
    data = max((entries[index].data for index in names), key=len)
    for index in names:
        old = entries[index]
        entries[index] = Entry(
            old.path, old.mode, data, old.device, old.uid, old.gid, old.mtime
        )


def _read_entry(
    archive: bytes, at: int
) -> tuple[Entry, tuple[int, ...], int, int]:
    header = archive[at : at + HEADER_SIZE]
    if len(header) < HEADER_SIZE:
        raise CpioError(f"cut off at byte {at}, where a header should be")
    if header[:6] not in (MAGIC, _MAGIC_WITH_SUMS):
        raise CpioError(f"no newc header at byte {at}")
    try:
        fields = [
            int(header[6 + 8 * i : 14 + 8 * i], 16) for i in range(_FIELD_COUNT)
        ]
    except ValueError:
        raise CpioError(f"bad number in the header at byte {at}") from None
    (inode, mode, uid, gid, links, mtime, size, major, minor) = fields[:9]
    device, name_size = (fields[9], fields[10]), fields[11]

    name_at = at + HEADER_SIZE
    data_at = _align4(name_at + name_size)
    end = data_at + size
    if name_size == 0 or end > len(archive):
        raise CpioError(f"the entry at byte {at} runs past the end")
    name = archive[name_at : name_at + name_size].split(b"\0")[0]
    path = name.decode("utf-8", "surrogateescape")
    if path != TRAILER:
        path = _clean(path)
    data = archive[data_at:end]
    entry = Entry(path, mode, data, device, uid, gid, mtime)
    next_at = min(_align4(end), len(archive))
    return entry, (inode, major, minor), links, next_at


def _clean(path: str) -> str:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return "/".join(parts) or "."


def _align4(offset: int) -> int:
    return (offset + 3) & ~3
