"""Compares forkbench's figures on Tine with those of Linux, lean.

    report.py FORKBENCH_OUTPUT...     one file per architecture

A figure is the median number of guest instructions of one operation; the ratio
is Linux's divided by Tine's, so that more than 1 means that Tine needs fewer.
The ratio of the means stands beside it: for operations that are measured as a
whole the mean covers what falls between two of them, too, such as the parent's
first writes after a fork.
"""

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

# Under -icount shift=0 an instruction takes 1 ns. The time stamp counter of
# x86-64 counts each; the counter of AArch64 runs at 62.5 MHz.
_INSTRUCTIONS_PER_TICK = {"x86_64": 1.0, "aarch64": 16.0}

_HEADER = re.compile(r"^# forkbench 1 (\w+) ")
_METRIC = re.compile(
    r"^(\w+) ([\d.]+) (ns|forks/s) (\d+) "
    r"\| ([\d.-]+) ([\d.-]+) ([\d.-]+) ([\d.-]+)$"
)
_SKIPPED = re.compile(r"^(\w+) SKIP - 0 \| (.*)$")

# The goals, in instructions.
GOALS = {
    "null_syscall_getppid": 300,
    "fork_parent_latency": 4_000,
    "fork_exit_wait": 14_000,
}


class Figure(NamedTuple):
    """Instructions of one operation."""

    median: float
    mean: float


class Run(NamedTuple):
    """One run of forkbench."""

    arch: str
    figures: Mapping[str, Figure]  # By metric.
    skipped: Mapping[str, str]  # Metric to reason.


class NotForkbench(Exception):
    """The text is no complete output of forkbench."""


def parse(text: str) -> Run:
    """Reads forkbench's line format."""
    arch = None
    figures: dict[str, Figure] = {}
    skipped: dict[str, str] = {}
    for line in text.splitlines():
        if header := _HEADER.match(line):
            arch = header[1]
        elif metric := _METRIC.match(line):
            if arch not in _INSTRUCTIONS_PER_TICK:
                raise NotForkbench("figures without a header")
            value = float(metric[2])
            if metric[3] == "forks/s":
                figures[metric[1]] = Figure(1e9 / value, 1e9 / value)
            else:
                median = float(metric[7]) * _INSTRUCTIONS_PER_TICK[arch]
                figures[metric[1]] = Figure(median, value)
        elif reason := _SKIPPED.match(line):
            skipped[reason[1]] = reason[2]
    if arch is None or not figures:
        raise NotForkbench("no figures")
    return Run(arch, figures, skipped)


def load_linux() -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    """The figures of Linux by architecture, metric and kind."""
    path = os.path.join(os.path.dirname(__file__), "linux_lean.json")
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def origin() -> str:
    """Where the figures of Linux come from."""
    return "\n".join(
        f"Linux, {key.replace('_', ' ')}: {text}"
        for key, text in load_linux()["origin"].items()
    )


def table(run: Run) -> str:
    """A Markdown table of one architecture."""
    linux = load_linux()[run.arch]
    lines = [
        f"### {run.arch}: instructions per operation (median)",
        "",
        "| metric | Tine | Linux 6.1, lean | Linux / Tine | of means | goal |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, figure in run.figures.items():
        other = linux.get(name, {})
        lines.append(
            f"| {name} | {_number(figure.median)} | "
            f"{_number(other.get('median'))} | "
            f"{_ratio(other.get('median'), figure.median)} | "
            f"{_ratio(other.get('mean'), figure.mean)} | "
            f"{_goal(name, figure.median)} |"
        )
    for name, reason in run.skipped.items():
        other = linux.get(name, {})
        lines.append(
            f"| {name} | SKIP | {_number(other.get('median'))} | - | - | "
            f"{reason} |"
        )
    return "\n".join(lines) + "\n"


def _goal(name: str, median: float) -> str:
    goal = GOALS.get(name)
    if goal is None:
        return ""
    return f"{goal:,} " + ("met" if median <= goal else "MISSED")


def _ratio(linux: float | None, tine: float) -> str:
    return f"{linux / tine:.2f}" if linux and tine else "-"


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1000 else f"{value:,.1f}"


def main(paths: Sequence[str]) -> int:
    """Prints a table for each file."""
    if not paths:
        print(__doc__, file=sys.stderr)
        return 2
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as file:
            try:
                print(table(parse(file.read())))
            except NotForkbench as error:
                print(f"{path}: {error}", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
