"""Checks the options of a run and makes what QEMU needs for it."""

import argparse
import contextlib
import os
import tempfile
from collections.abc import Callable, Sequence

from platforms.qemu import (
    command,
    debugger,
    elf_check,
    program_check,
    root_files,
)
from platforms.qemu.errors import RunError


def user_path(path: str) -> str:
    """A path as the user means it; `bazel run` starts us elsewhere."""
    here = os.environ.get("BUILD_WORKING_DIRECTORY", os.getcwd())
    return os.path.join(here, path)


def machine(
    chosen: argparse.Namespace,
    cleanup: contextlib.ExitStack,
    say: Callable[[str], None],
) -> command.Machine:
    """Checks everything that can be wrong and writes the root file system.

    A file made for this run goes when `cleanup` ends.
    """
    memory = command.parse_memory(chosen.memory)
    if chosen.kvm:
        command.check_kvm(chosen.arch)
    kernel = _boot_image(chosen.kernel)
    initrd = _initrd(chosen, memory, cleanup, say)
    return command.Machine(
        arch=chosen.arch,
        kernel=kernel,
        initrd=initrd,
        memory=memory,
        cpu=chosen.cpu,
        cpus=chosen.smp,
        append=" ".join(chosen.append),
        icount=chosen.icount,
        kvm=chosen.kvm,
        gdb=chosen.gdb,
        el2=chosen.el2,
        board=chosen.machine,
        qemu=chosen.qemu,
    )


def _boot_image(paths: Sequence[str]) -> str:
    """The first of the kernel's files."""
    if not os.path.isfile(paths[0]):
        raise RunError(
            f"there is no kernel at {paths[0]}",
            "start it as ./bazelw run //platforms/qemu:ARCH, which builds it",
        )
    return os.path.abspath(paths[0])


def symbols(paths: Sequence[str]) -> str:
    """The kernel's ELF: among its files, or beside its image."""
    beside = os.path.join(os.path.dirname(paths[0]), "kernel.elf")
    for path in [*paths, beside]:
        if path.endswith(".elf") and os.path.isfile(path):
            return os.path.abspath(path)
    return os.path.abspath(paths[0])


def debugger_file(
    chosen: argparse.Namespace, kernel: str, cleanup: contextlib.ExitStack
) -> str:
    """Writes gdb's command file of this run; returns its path."""
    text = debugger.command_file(
        chosen.arch,
        kernel,
        chosen.servers,
        _debugged(chosen, cleanup),
        chosen.gdb,
    )
    return _scratch(text.encode(), ".gdb", chosen.dry_run, cleanup)


def _debugged(
    chosen: argparse.Namespace, cleanup: contextlib.ExitStack
) -> list[str]:
    """Host files of the programs that the user means: added, or run."""
    added = {}
    for text in chosen.add:
        addition = root_files.parse_addition(text, user_path(""))
        with open(addition.host, "rb") as file:
            if elf_check.inspect(file.read()) is not None:
                name = os.path.basename(addition.guest or addition.host)
                added[name] = addition.host
    paths = list(added.values())
    if chosen.words is not None:
        name = os.path.basename(chosen.words[0])
        root = root_files.RootFiles.load(chosen.initrd)
        path = program_check.find_command(root, chosen.words[0])
        entry = root.find(path) if path and name not in added else None
        if entry is not None and elf_check.inspect(entry.data) is not None:
            paths.append(
                _scratch(entry.data, "-" + name, chosen.dry_run, cleanup)
            )
    return paths


def _scratch(
    data: bytes, suffix: str, keep: bool, cleanup: contextlib.ExitStack
) -> str:
    """A file of this run alone, which goes when `cleanup` ends."""
    file, path = tempfile.mkstemp(prefix="tine-", suffix=suffix)
    if not keep:
        cleanup.callback(os.unlink, path)
    with open(file, "wb") as out:
        out.write(data)
    return path


def _initrd(
    chosen: argparse.Namespace,
    memory: int,
    cleanup: contextlib.ExitStack,
    say: Callable[[str], None],
) -> str:
    """The path of the archive to boot with: the built one if it will do."""
    if not chosen.add and not chosen.bash and chosen.words is None:
        if not os.path.isfile(chosen.initrd):
            raise RunError(f"there is no root file system at {chosen.initrd}")
        command.check_fit(chosen.arch, memory, os.path.getsize(chosen.initrd))
        return os.path.abspath(chosen.initrd)

    root = root_files.RootFiles.load(chosen.initrd)
    programs: dict[str, str] = {}  # guest path to what the user calls it
    if chosen.bash:
        bash = root_files.Addition(
            os.path.abspath(chosen.bash_program), root_files.BASH
        )
        root_files.add_file(root, bash, chosen.arch)
    for text in chosen.add:
        addition = root_files.parse_addition(text, user_path(""))
        path = root_files.add_file(
            root, addition, chosen.arch, chosen.unchecked
        )
        added = root.find(path)
        if added is not None and elf_check.is_program(added.data):
            programs[path] = text
    if chosen.words is not None:
        root_files.set_command(root, chosen.words)
        path = program_check.find_command(root, chosen.words[0]) or ""
        programs.setdefault(path, chosen.words[0])
    _warn_of_programs(root, programs, chosen, say)
    archive = root.archive()
    command.check_fit(chosen.arch, memory, len(archive))

    path = _scratch(archive, "-root.cpio", chosen.dry_run, cleanup)
    if chosen.dry_run:
        say(f"{path} is kept for the command below; remove it afterwards")
    return path


def _warn_of_programs(
    root: root_files.RootFiles,
    programs: dict[str, str],
    chosen: argparse.Namespace,
    say: Callable[[str], None],
) -> None:
    """Says of each program why it will not start, if that can be seen."""
    if chosen.unchecked:
        return
    for path, name in programs.items():
        if path:
            found = program_check.problem(root, path, chosen.arch)
        else:
            found = program_check.missing_command(
                chosen.words[0], user_path("")
            )
        if found is not None:
            say(f"warning: {name} {found.text}; what to do: {found.advice}")
