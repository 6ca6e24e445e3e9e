"""The QEMU command line for a machine that Tine runs on."""

import os
import platform
import re
import shutil
from dataclasses import dataclass

from platforms.qemu.errors import RunError

ARCHITECTURES = ("x86_64", "aarch64")

# -erms: with it, instruction counts bill `rep movsb` by the byte.
DEFAULT_CPU = {"x86_64": "max,-erms", "aarch64": "cortex-a72"}
_KVM_CPU = {"x86_64": "max", "aarch64": "host"}

# q35 without interrupt remapping; virt with its default GICv2.
MAX_CPUS = {"x86_64": 255, "aarch64": 8}

_PACKAGE = {"x86_64": "qemu-system-x86", "aarch64": "qemu-system-arm"}
_KVM_DEVICE = "/dev/kvm"
_MEMORY = re.compile(r"([0-9]{1,12})([KMGT]?)(?:i?B)?", re.IGNORECASE)
_MIB = 1 << 20
_SCALE = {"K": 1 << 10, "": _MIB, "M": _MIB, "G": 1 << 30, "T": 1 << 40}

# What the kernel's image takes up, and how low in memory it lies.
_KERNEL_END = {"x86_64": 5 * _MIB, "aarch64": 4 * _MIB}
# QEMU's virt board puts the initrd in the upper half of a small machine.
_MOST_BELOW_INITRD = 128 * _MIB


@dataclass(frozen=True)
class Machine:
    """The machine to emulate and what it boots."""

    arch: str
    kernel: str
    initrd: str
    memory: int = 256 * _MIB  # bytes
    cpu: str = ""  # QEMU's model name; "" for the default
    cpus: int = 1
    append: str = ""
    icount: bool = False
    kvm: bool = False
    gdb: int | None = None  # port on which a debugger is waited for
    el2: bool = False
    board: str = ""  # further properties of the board, as QEMU's -M takes
    qemu: str = ""  # program to run; "" to look for it in PATH


def parse_memory(text: str) -> int:
    """Bytes in a size as QEMU writes them: 256M, 1G, 512 (MiB)."""
    match = _MEMORY.fullmatch(text)
    size = int(match[1]) * _SCALE[match[2].upper()] if match else 0
    if size < _MIB or size % 4096:
        raise RunError(
            f"--memory {text}: this is no memory size",
            "write a number with K, M, G or T, as in 64M or 1G",
        )
    return size


def check_fit(arch: str, memory: int, initrd_bytes: int) -> None:
    """Refuses a machine into which kernel and root file system do not fit.

    How much memory the system then needs to start, it says itself.
    """
    below = _KERNEL_END[arch]
    if arch == "aarch64":
        below = max(below, min(memory // 2, _MOST_BELOW_INITRD))
    if below + initrd_bytes + _MIB > memory:
        need = -(-(initrd_bytes * 2 + 12 * _MIB) // _MIB)
        raise RunError(
            f"the root file system has {initrd_bytes // _MIB} MiB, the"
            f" machine {memory // _MIB} MiB of memory",
            f"use --memory {need}M or more, or add fewer files",
        )


def find_qemu(machine: Machine) -> str:
    """The path of the emulator."""
    name = machine.qemu or f"qemu-system-{machine.arch}"
    found = shutil.which(name)
    if found is None:
        raise RunError(
            f"{name} is not installed",
            f"sudo apt-get install {_PACKAGE[machine.arch]}",
        )
    return found


def check_kvm(arch: str, device: str = _KVM_DEVICE, host: str = "") -> None:
    """Refuses --kvm where the host cannot run this guest's instructions."""
    host = host or platform.machine()
    host = {"amd64": "x86_64", "arm64": "aarch64"}.get(host.lower(), host)
    advice = "run it without --kvm"
    if host != arch:
        raise RunError(f"--kvm: this host is {host}, the guest {arch}", advice)
    if not os.path.exists(device):
        raise RunError(
            f"--kvm: {device} is missing",
            "turn on virtualization and load the kvm module, or " + advice,
        )
    if not os.access(device, os.R_OK | os.W_OK):
        raise RunError(
            f"--kvm: no permission to use {device}",
            f"sudo usermod -aG kvm {os.environ.get('USER', '$USER')}"
            " and log in again, or " + advice,
        )


def qemu_command(machine: Machine, qemu: str) -> list[str]:
    """The words of the command; its stdin and stdout are the guest's line."""
    words = [qemu, "-nodefaults", "-no-user-config", "-no-reboot"]
    words += ["-M", _board(machine), "-cpu", _cpu_model(machine)]
    words += ["-accel", "kvm" if machine.kvm else "tcg"]
    words += ["-smp", str(machine.cpus)]
    words += ["-m", f"{machine.memory // 1024}K"]
    words += ["-display", "none", "-monitor", "none", "-nic", "none"]
    words += ["-chardev", "stdio,id=console,signal=off"]
    words += ["-serial", "chardev:console"]
    if machine.arch == "x86_64":
        words += ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
    if machine.icount:
        # Every source of time and chance that a guest can see, pinned.
        words += ["-icount", "shift=0,sleep=off,align=off", "-seed", "1"]
        words += ["-rtc", "base=2026-01-01T00:00:00,clock=vm"]
    if machine.gdb is not None:
        words += ["-gdb", f"tcp:127.0.0.1:{machine.gdb}", "-S"]
    words += ["-kernel", machine.kernel, "-initrd", machine.initrd]
    if machine.append:
        words += ["-append", machine.append]
    return words


def _board(machine: Machine) -> str:
    words = ["q35" if machine.arch == "x86_64" else "virt"]
    if machine.el2:
        words.append("virtualization=on")
    if machine.board:
        words.append(machine.board)
    return ",".join(words)


def _cpu_model(machine: Machine) -> str:
    if machine.cpu:
        return machine.cpu
    return (_KVM_CPU if machine.kvm else DEFAULT_CPU)[machine.arch]
