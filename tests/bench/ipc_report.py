"""The table of the IPC benchmark, beside seL4 and the goals."""

import re
from collections.abc import Mapping
from typing import NamedTuple

_FIGURE = re.compile(r"\bipc (\w+) (\d+\.\d\d)$")

# Of tests/bench/ARCH/trap_loop.h; the benchmark measures it, too.
_LOOP = 5


class Row(NamedTuple):
    """One operation: how it is called here, and what there is to compare."""

    name: str
    text: str
    loops: int  # User loops whose instructions are in the figure.
    sel4: Mapping[str, int]  # Kernel only, guest instructions.
    goal: int | None


# seL4 16.0.0-dev, MCS off, measured in the same emulator: different address
# spaces, same priority; its "null" system call names an invalid capability.
_ROWS = (
    Row(
        "round_trip",
        "call and answer, two address spaces (8 words; seL4: none)",
        2,
        {"x86_64": 412, "aarch64": 406},
        210,
    ),
    Row(
        "refused_call",
        "native call that names no handle",
        1,
        {"x86_64": 293, "aarch64": 257},
        None,
    ),
    Row("clock", "native call that reads the clock", 1, {}, None),
    Row("system_call", "program's system call and its answer", 2, {}, 240),
    Row(
        "fault",
        "program's page fault, its handler's answer",
        1,
        {"x86_64": 1_224, "aarch64": 1_061},
        None,
    ),
    Row(
        "map_unmap_user_too",
        "map and unmap a page (user part included; seL4: without)",
        0,
        {"x86_64": 1_429, "aarch64": 1_061},
        None,
    ),
)


class NotIpc(Exception):
    """The text is no complete log of the IPC benchmark."""


def parse(log: str) -> Mapping[str, float]:
    """Instructions of one operation, user loops included, by name."""
    figures: dict[str, float] = {}
    for line in log.splitlines():
        if figure := _FIGURE.search(line):
            figures[figure[1]] = float(figure[2])
    missing = {row.name for row in _ROWS} - figures.keys()
    if missing:
        raise NotIpc(f"no figures of {', '.join(sorted(missing))}")
    # AArch64's counter steps by 16 instructions, at both ends of many turns.
    if abs(figures.get("loop_user", 0) - _LOOP) > 0.05:
        raise NotIpc("the clock does not count instructions")
    return figures


def table(arch: str, figures: Mapping[str, float]) -> str:
    """A Markdown table of one architecture."""
    lines = [
        f"### {arch}: instructions of one operation",
        "",
        "| operation | all | kernel only | seL4, kernel only | seL4 / Tine |"
        " goal |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for row in _ROWS:
        total = figures[row.name]
        kernel = total - row.loops * _LOOP
        sel4 = row.sel4.get(arch)
        goal = ""
        if row.goal is not None:
            goal = f"{row.goal} " + ("met" if kernel <= row.goal else "MISSED")
        lines.append(
            f"| {row.text} | {total:,.1f} | {kernel:,.1f} | "
            + (f"{sel4:,} | {sel4 / kernel:.2f}" if sel4 else "- | -")
            + f" | {goal} |"
        )
    return "\n".join(lines) + "\n"
