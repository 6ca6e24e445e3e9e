"""Flags that differ between the platforms."""

# Code without a C library, without exceptions, and without FP registers: the
# user's FP state stays in the CPU while kernel and servers run.
_FREESTANDING = [
    "-ffreestanding",
    "-nostdlibinc",
    "-fno-pic",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
    # A panic follows frame pointers.
    "-fno-omit-frame-pointer",
    "-isystemplatforms/toolchains/freestanding/include",
]

FREESTANDING_CXX = [
    "-nostdinc++",
    "-fno-exceptions",
    "-fno-rtti",
    "-fno-threadsafe-statics",
]

_ARCH = {
    # Where -mgeneral-regs-only is too much: it refuses <limits>, and with it
    # <array> and <span>, for naming long double.
    "x86_64": [
        "-mno-sse",
        "-mno-mmx",
    ],
    "aarch64": [
        "-mgeneral-regs-only",
        "-mstrict-align",
        "-mno-outline-atomics",
        "-mbranch-protection=none",
    ],
}

# Beyond that, the kernel's own: it lives in the top 2 GiB, and interrupts
# arrive on its stack.
KERNEL = {
    "x86_64": [
        "-mcmodel=kernel",
        "-mno-red-zone",
        # Those that call nothing stand in no backtrace.
        "-momit-leaf-frame-pointer",
    ],
    "aarch64": [],
}

def freestanding(arch):
    return _FREESTANDING + _ARCH[arch]

FREESTANDING_LINK = [
    "-nostdlib",
    "-static",
    "-Wl,-z,max-page-size=4096",
]

# Every segment on pages of its own, in the file too: it can be mapped.
SERVER_LINK = ["-Wl,-z,separate-loadable-segments"]

def musl_flags(arch, resource):
    headers = [
        "external/musl_%s/usr/include/%s-linux-musl" % (arch, arch),
    ] + resource + [
        "external/linux_headers_%s/usr/include" % arch,
        "external/linux_headers_%s/usr/include/%s-linux-gnu" % (arch, arch),
    ]
    atomics = ["-mno-outline-atomics"] if arch == "aarch64" else []
    return ["-nostdinc"] + atomics + ["-isystem" + h for h in headers]

def musl_link_flags(arch, gcc):
    """Returns the flags of a static link; libgcc has long double for AArch64."""
    library = "external/musl_%s/usr/lib/%s-linux-musl/" % (arch, arch)
    return ["-nostdlib", "-static"] + [
        library + name
        for name in ["crt1.o", "crti.o", "libc.a", "crtn.o"]
    ] + [gcc + "/libgcc.a"]
