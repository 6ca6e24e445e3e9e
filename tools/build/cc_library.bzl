"""Libraries of the kernel and the servers."""

load("@rules_cc//cc:defs.bzl", "cc_library")
load("//tools/build:labels.bzl", "ARCHS", "freestanding", "sim_labels", "sim_name")

def tine_cc_library(
        name,
        srcs = [],
        hdrs = [],
        deps = [],
        arch = None,
        freestanding_srcs = [],
        freestanding_deps = [],
        copts = [],
        **kwargs):
    """A freestanding library, and its variants for the simulator.

    Args:
      name: the freestanding library; name.sim_x86_64 and name.sim_aarch64 are
        the same code on the host, with ASan and UBSan.
      srcs: sources.
      hdrs: public headers.
      deps: libraries; see README.md for how they map in the variants.
      arch: the only architecture of the code; then it has no variants.
      freestanding_srcs: sources that the variants leave out, such as memcpy.
      freestanding_deps: what only those need.
      copts: further flags.
      **kwargs: as in cc_library.
    """
    cc_library(
        name = name,
        srcs = srcs + freestanding_srcs,
        hdrs = hdrs,
        copts = copts,
        target_compatible_with = freestanding(arch),
        deps = deps + freestanding_deps,
        **kwargs
    )
    if arch:
        return
    for sim_arch in ARCHS:
        cc_library(
            name = sim_name(name, sim_arch),
            srcs = srcs,
            hdrs = hdrs,
            copts = ["-fno-exceptions"] + copts,
            features = ["sanitize"],
            target_compatible_with = ["//platforms:hosted"],
            deps = sim_labels(deps, sim_arch),
            **kwargs
        )
