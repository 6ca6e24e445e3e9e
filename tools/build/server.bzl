"""Servers: static freestanding ELF files."""

load("@rules_cc//cc:defs.bzl", "cc_binary")

# Where the servers of the boot image lie: apart from one another and from where
# compilers place programs, so that an address alone tells what is there.
_IMAGE_BASE = {
    "//servers/root": "0x10000000",
    "//servers/memory": "0x11000000",
    "//servers/vfs": "0x12000000",
    "//servers/process": "0x13000000",
    "//servers/console": "0x14000000",
}

SERVERS = [label.split("/")[-1] for label in _IMAGE_BASE]

def tine_server(name, srcs = [], deps = [], **kwargs):
    """A server, an ordinary static ELF file at low addresses, entered at _start.

    Args:
      name: the ELF file, under this name in the boot image.
      srcs: sources.
      deps: tine_cc_library targets; the runtime, with _start, is one of them.
      **kwargs: as in cc_binary.
    """
    base = _IMAGE_BASE.get("//" + native.package_name())
    cc_binary(
        name = name,
        linkopts = ["-Wl,--image-base=" + base] if base else [],
        srcs = srcs,
        target_compatible_with = ["//platforms:server"],
        deps = deps,
        **kwargs
    )
