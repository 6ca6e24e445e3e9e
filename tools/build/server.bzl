"""Servers: static freestanding ELF files."""

load("@rules_cc//cc:defs.bzl", "cc_binary")

def tine_server(name, srcs = [], deps = [], **kwargs):
    """A server, an ordinary static ELF file at low addresses, entered at _start.

    Args:
      name: the ELF file, under this name in the boot image.
      srcs: sources.
      deps: tine_cc_library targets; the runtime, with _start, is one of them.
      **kwargs: as in cc_binary.
    """
    cc_binary(
        name = name,
        srcs = srcs,
        target_compatible_with = ["//platforms:server"],
        deps = deps,
        **kwargs
    )
