"""Writes a cpio archive of files of the build.

usage: pack.py --output FILE [OPTION]...

  --file GUEST=HOST        a file, mode 0644
  --executable GUEST=HOST  a file, mode 0755
  --symlink GUEST=TARGET   a symbolic link
  --links LIST=TARGET      a symbolic link at each path that the file LIST names
  --directory GUEST[=MODE] an empty directory, mode 0755 unless said (octal)
  --device GUEST=MAJOR:MINOR  a character device

Entries stand in the order given, directories that paths need before them.
"""

import argparse
import sys

from tools.image import cpio


def _split(argument: str) -> tuple[str, str]:
    path, _, value = argument.partition("=")
    return path.strip("/"), value


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _links(argument: str) -> list[cpio.Entry]:
    listed, _, target = argument.rpartition("=")
    with open(listed, encoding="utf-8") as file:
        return [cpio.symlink(path.strip("/"), target)
                for path in file.read().split()]


def _entry(option: str, argument: str) -> cpio.Entry:
    path, value = _split(argument)
    if option == "file":
        return cpio.regular_file(path, _read(value))
    if option == "executable":
        return cpio.regular_file(path, _read(value), 0o755)
    if option == "symlink":
        return cpio.symlink(path, value)
    if option == "device":
        major, minor = value.split(":")
        # Anyone may use what is not the console.
        permissions = 0o600 if path.endswith("/console") else 0o666
        return cpio.character_device(path, int(major), int(minor), permissions)
    return cpio.directory(path, int(value or "755", 8))


def _with_parents(entries: list[cpio.Entry]) -> list[cpio.Entry]:
    """Adds the directories that no entry makes; a path is given once."""
    made: set[str] = set()
    result = []
    for entry in entries:
        parts = entry.path.split("/")
        for depth in range(1, len(parts)):
            parent = "/".join(parts[:depth])
            if parent not in made:
                made.add(parent)
                result.append(cpio.directory(parent))
        if entry.path in made:
            if entry == cpio.directory(entry.path):
                continue
            sys.exit(f"pack.py: /{entry.path} is given twice")
        made.add(entry.path)
        result.append(entry)
    return result


def main() -> None:
    entries: list[cpio.Entry] = []

    class Add(argparse.Action):
        """Keeps the order of options of different kinds."""

        def __call__(self, parser, namespace, values, option_string=None):
            del parser, namespace
            if option_string == "--links":
                entries.extend(_links(values))
            else:
                entries.append(_entry(option_string[2:], values))

    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--output", required=True)
    for option in ("file", "executable", "symlink", "links", "directory",
                   "device"):
        parser.add_argument("--" + option, action=Add)
    arguments = parser.parse_args()
    with open(arguments.output, "wb") as file:
        file.write(cpio.write(_with_parents(entries)))


if __name__ == "__main__":
    main()
