"""Tests that run on Linux, the oracle, and in both guests."""

load("//tools/build:googletest.bzl", "GUEST_TEST_COPTS", "GUEST_TEST_DEPS")
load("//tools/build:labels.bzl", "ARCHS")
load("//tools/build:program.bzl", "tine_program")

# The driver gives up before Bazel does, so that a hang fails with its output.
_GUEST = """#!/bin/bash
exec python3 "{driver}" --arch {arch} --kernel "{kernel}" "{elf}" \\
    --initrd "{root}" --timeout $((TEST_TIMEOUT * 3 / 4)) --log - \\
    --add "{program}:/bin/{name}" \\
    {driver_args} --exec "/bin/{name} {args}"
"""

_LINUX = """#!/bin/bash
exec "{program}" {args}
"""

def _run_test_impl(ctx):
    program = ctx.executable.program
    files = [program]
    runfiles = ctx.runfiles()
    args = " ".join(ctx.attr.program_args)
    if ctx.attr.arch:
        files += [ctx.file.driver, ctx.file.kernel, ctx.file.elf, ctx.file.root]
        runfiles = ctx.runfiles(ctx.files.driver_files + ctx.files._versions)
        text = _GUEST.format(
            arch = ctx.attr.arch,
            args = args,
            driver = ctx.file.driver.short_path,
            elf = ctx.file.elf.short_path,
            driver_args = " ".join(ctx.attr.driver_args),
            kernel = ctx.file.kernel.short_path,
            name = program.basename,
            program = program.short_path,
            root = ctx.file.root.short_path,
        )
    else:
        text = _LINUX.format(args = args, program = program.short_path)
    script = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(script, text, is_executable = True)
    return [DefaultInfo(
        executable = script,
        runfiles = ctx.runfiles(files).merge(runfiles),
    )]

_run_test = rule(
    implementation = _run_test_impl,
    attrs = {
        "arch": attr.string(doc = "The guest's; on the host without."),
        "driver": attr.label(allow_single_file = True),
        "driver_args": attr.string_list(),
        "driver_files": attr.label_list(allow_files = True),
        "elf": attr.label(
            allow_single_file = True,
            doc = "The kernel with its symbols.",
        ),
        "kernel": attr.label(allow_single_file = True),
        "program": attr.label(cfg = "target", executable = True, mandatory = True),
        "program_args": attr.string_list(),
        "root": attr.label(allow_single_file = True),
        "_versions": attr.label(
            allow_single_file = True,
            default = "@tine_machine//:versions.txt",
        ),
    },
    test = True,
)

def guest_test(
        name,
        srcs,
        deps = [],
        args = [],
        driver_args = [],
        size = "medium",
        tags = [],
        archs = ARCHS,
        linux = True,
        libc = "glibc",
        **kwargs):
    """One GoogleTest source, as the tests name_linux and name_ARCH.

    Args:
      name: the program is /bin/NAME in the guest.
      srcs: sources; GoogleTest and its main are added.
      deps: further libraries.
      args: the program's arguments.
      driver_args: further options of the driver, for guests only.
      size: as in cc_test.
      tags: as in cc_test.
      archs: the guests to run it in.
      linux: whether the host's Linux runs it too.
      libc: as in tine_program; a program for musl is C and checks itself.
      **kwargs: as in cc_binary.
    """
    program = name + "_program"
    tine_program(
        name = program,
        testonly = True,
        srcs = srcs,
        path = "/bin/" + name,
        copts = [] if libc == "musl" else GUEST_TEST_COPTS,
        libc = libc,
        tags = ["manual"],  # nobody runs it as a program of the host
        deps = deps + ([] if libc == "musl" else GUEST_TEST_DEPS),
        **kwargs
    )
    if linux:
        _run_test(
            name = name + "_linux",
            size = size,
            program = program + ".x86_64",
            program_args = args,
            tags = tags,
        )
    for arch in archs:
        _run_test(
            name = "%s_%s" % (name, arch),
            size = size,
            arch = arch,
            driver = "//platforms/qemu:run.py",
            driver_args = driver_args,
            driver_files = ["//platforms/qemu:driver"],
            elf = "//platforms:kernel_%s.elf" % arch,
            kernel = "//platforms:kernel_" + arch,
            program = "%s.%s" % (program, arch),
            program_args = args,
            root = "//userland:root." + arch,
            tags = tags,
        )

def guest_tests(tests):
    """Tests of one source each.

    Args:
      tests: name: what each needs of //tests/guest. The source is NAME.cc.
    """
    for name, deps in tests.items():
        guest_test(
            name = name,
            srcs = [name + ".cc"],
            deps = ["//tests/guest:" + each for each in deps],
        )
