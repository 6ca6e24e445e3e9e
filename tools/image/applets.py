"""Lists where the applets of a busybox are installed, one path a line.

usage: applets.py RUNNABLE INSTALLED

RUNNABLE says which there are: a busybox of the machine that builds. INSTALLED
is the one that goes into an image, perhaps for another processor; that it has
the same applets is checked by its table of names.
"""

import subprocess
import sys


def name_table(paths: list[str]) -> bytes:
    """The table that busybox searches: its applets' names, in order."""
    names = sorted(path.rsplit("/", 1)[-1].encode() for path in paths)
    return b"".join(name + b"\0" for name in names)


def main(arguments: list[str]) -> int:
    """Prints the list; 1 if the two programs differ."""
    if len(arguments) != 2:
        sys.exit(__doc__)
    runnable, installed = arguments
    listed = subprocess.run(
        [runnable, "--list-full"], stdout=subprocess.PIPE, check=True, text=True
    ).stdout.split()
    with open(installed, "rb") as file:
        if name_table(listed) not in file.read():
            print(f"{installed} has other applets than {runnable}",
                  file=sys.stderr)
            return 1
    for path in listed:
        if path.rsplit("/", 1)[-1] != "busybox":
            print("/" + path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
