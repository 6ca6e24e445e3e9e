"""Programs for the guest: static Linux ELF files."""

load("@rules_cc//cc:defs.bzl", "cc_binary")
load("//tools/build:labels.bzl", "ARCHS")
load("//tools/build:transitions.bzl", "allowlist_attr", "platform_transition", "single")

ProgramInfo = provider(
    doc = "A program for the guest.",
    fields = {
        "file": "The ELF file.",
        "path": "Its absolute path in the guest.",
    },
)

def _program_impl(ctx):
    binary = single(ctx.attr.binary)[DefaultInfo].files_to_run.executable
    out = ctx.actions.declare_file("%s/%s" % (ctx.label.name, ctx.attr.path.split("/")[-1]))

    # The guest's memory is small; a debugger finds the rest beside it.
    debug = ctx.actions.declare_file(out.basename + ".debug", sibling = out)
    ctx.actions.symlink(output = debug, target_file = binary)
    ctx.actions.run(
        arguments = ["--strip-debug", "--add-gnu-debuglink=" + debug.path, binary.path, out.path],
        executable = "/usr/lib/llvm-22/bin/llvm-objcopy",
        inputs = [binary, debug, ctx.file._versions],
        mnemonic = "StripProgram",
        outputs = [out],
    )
    return [
        DefaultInfo(executable = out, runfiles = ctx.runfiles([out, debug])),
        ProgramInfo(file = out, path = ctx.attr.path),
    ]

guest_program = rule(
    implementation = _program_impl,
    attrs = {
        "binary": attr.label(cfg = platform_transition, mandatory = True),
        "path": attr.string(mandatory = True),
        "platform": attr.label(mandatory = True),
        "_allowlist_function_transition": allowlist_attr,
        "_versions": attr.label(
            allow_single_file = True,
            default = "@tine_machine//:versions.txt",
        ),
    },
    doc = "A binary, built for one of the guest's platforms.",
    executable = True,
)

def tine_program(
        name,
        srcs,
        deps = [],
        path = None,
        libc = "glibc",
        testonly = False,
        target_compatible_with = [],
        visibility = ["//visibility:public"],
        **kwargs):
    """A program: name runs on the host, name.ARCH in the guest.

    Args:
      name: the program.
      srcs: sources.
      deps: libraries, any that build on Linux.
      path: where it lies in the guest's root file system; /bin/NAME by default.
      libc: "glibc", with the whole C++ library, or "musl", C only.
      testonly: as in cc_binary.
      target_compatible_with: further constraints, such as the processor.
      visibility: as in cc_binary.
      **kwargs: as in cc_binary.
    """
    if libc not in ("glibc", "musl"):
        fail("libc is glibc or musl", "libc")
    musl = libc == "musl"
    binary = name + ".musl" if musl else name
    cc_binary(
        name = binary,
        srcs = srcs,
        features = ["fully_static_link"],
        target_compatible_with = target_compatible_with + (
            ["//platforms:musl"] if musl else select({
                "//platforms:is_glibc": [],
                "//platforms:is_hosted": [],
                "//conditions:default": ["//platforms:nowhere"],
            })
        ),
        testonly = testonly,
        visibility = visibility,
        deps = deps,
        **kwargs
    )
    for arch in ARCHS:
        guest_program(
            name = "%s.%s" % (name, arch),
            binary = binary,
            path = path or "/bin/" + name,
            platform = "//platforms:%s_%s" % (arch, "musl" if musl else "linux"),
            testonly = testonly,
            visibility = visibility,
        )
    if musl:
        native.alias(
            name = name,
            actual = name + ".x86_64",
            testonly = testonly,
            visibility = visibility,
        )
