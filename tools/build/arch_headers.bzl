"""Headers with one path and a different file on each architecture.

A header of arch/x86_64/ and its namesake in arch/aarch64/ are both included as
"arch/hw/NAME.h"; which one is seen depends on the platform, or on the variant of
the simulator, so that generic code asks for neither.
"""

load("@rules_cc//cc:defs.bzl", "cc_library")
load("//tools/build:labels.bzl", "ARCHS", "freestanding", "sim_labels", "sim_name")

# Folders that a package may use to sort its headers; they are not included by.
_FOLDERS = ["hw"] + ARCHS + ["hw_" + arch for arch in ARCHS]

def _path(file):
    """Returns the path of a header under its prefix."""
    path = file.short_path[len(file.owner.package) + 1:]
    folder = path.partition("/")[0]
    return path[len(folder) + 1:] if folder in _FOLDERS else path

def _header_tree_impl(ctx):
    outs = []
    for file in ctx.files.hdrs:
        out = ctx.actions.declare_file("%s/%s/%s" % (
            ctx.label.name,
            ctx.attr.prefix,
            _path(file),
        ))
        ctx.actions.symlink(output = out, target_file = file)
        outs.append(out)
    return [DefaultInfo(files = depset(outs))]

_header_tree = rule(
    implementation = _header_tree_impl,
    attrs = {
        "hdrs": attr.label_list(allow_files = [".h"]),
        "prefix": attr.string(mandatory = True),
    },
    doc = "Links to headers, under NAME/PREFIX/.",
)

def _header_library(name, prefix, hdrs, deps, target_compatible_with, **kwargs):
    _header_tree(
        name = name + ".include",
        hdrs = hdrs,
        prefix = prefix,
        target_compatible_with = target_compatible_with,
        visibility = ["//visibility:private"],
    )
    cc_library(
        name = name,
        hdrs = [name + ".include"],
        strip_include_prefix = name + ".include",
        target_compatible_with = target_compatible_with,
        deps = deps,
        **kwargs
    )

def hw_library(name, arch, hdrs, deps = [], **kwargs):
    """The headers of arch/ARCH/, included as "arch/hw/NAME.h".

    Args:
      name: the library.
      arch: the architecture.
      hdrs: the headers.
      deps: libraries whose headers these include.
      **kwargs: as in cc_library.
    """
    _header_library(name, "arch/hw", hdrs, deps, freestanding(arch), **kwargs)

def sim_hw_library(name, arch, hdrs, deps = [], **kwargs):
    """The headers that stand for "arch/hw/NAME.h" in one architecture's simulator.

    Args:
      name: the library.
      arch: the simulated architecture.
      hdrs: the simulator's own headers and labels of the real architecture's.
      deps: plain labels, mapped to variants.
      **kwargs: as in cc_library.
    """
    _header_library(
        name,
        "arch/hw",
        hdrs,
        sim_labels(deps, arch),
        ["//platforms:hosted"],
        features = ["sanitize"],
        **kwargs
    )

def arch_headers(name, prefix, x86_64, aarch64, deps = [], **kwargs):
    """Headers that differ per architecture, included as "PREFIX/NAME.h".

    Args:
      name: the library; name.sim_x86_64 and name.sim_aarch64 are its variants.
      prefix: the path under which they are included.
      x86_64: the headers for x86-64.
      aarch64: the headers for AArch64, of the same names.
      deps: libraries whose headers these include.
      **kwargs: as in cc_library.
    """
    hdrs = {"x86_64": x86_64, "aarch64": aarch64}
    _header_library(
        name,
        prefix,
        select({"//platforms:is_" + arch: hdrs[arch] for arch in ARCHS}),
        deps,
        freestanding(),
        **kwargs
    )
    for arch in ARCHS:
        _header_library(
            sim_name(name, arch),
            prefix,
            hdrs[arch],
            sim_labels(deps, arch),
            ["//platforms:hosted"],
            **kwargs
        )
