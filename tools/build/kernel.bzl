"""The kernel's image."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library")

_SCRIPTS = {
    "//platforms:is_aarch64": "//arch/aarch64:kernel.lds",
    "//platforms:is_x86_64": "//arch/x86_64:kernel.lds",
}

_EMBEDDED = """    .section .boot_image, "a"
    .balign 4096
    .global boot_image_start
boot_image_start:
    .incbin "{image}"
    .balign 4096
    .global boot_image_end
boot_image_end:
    .section .note.GNU-stack, "", %progbits
"""

def _embedded_impl(ctx):
    [image] = ctx.files.image
    out = ctx.actions.declare_file(ctx.label.name + ".S")

    # The checksum is what tells Bazel to assemble again: the compiler does not
    # report files that .incbin reads.
    ctx.actions.run_shell(
        command = "{ cat && sha256sum %s | sed 's,^,// ,'; } > %s << 'END'\n%sEND\n" % (
            image.path,
            out.path,
            _EMBEDDED.format(image = image.path),
        ),
        inputs = [image],
        mnemonic = "EmbedBootImage",
        outputs = [out],
    )
    return [DefaultInfo(files = depset([out]))]

_embedded = rule(
    implementation = _embedded_impl,
    attrs = {"image": attr.label(allow_files = True, mandatory = True)},
    doc = "Assembly that places a file between boot_image_start and boot_image_end.",
)

def _kernel_image_impl(ctx):
    [kernel] = ctx.files.kernel
    out = ctx.actions.declare_file(ctx.label.name)
    if ctx.attr.raw:
        ctx.actions.run(
            arguments = ["-O", "binary", kernel.path, out.path],
            executable = "/usr/lib/llvm-22/bin/llvm-objcopy",
            inputs = [kernel, ctx.file._versions],
            mnemonic = "KernelImage",
            outputs = [out],
        )
    else:
        ctx.actions.symlink(output = out, target_file = kernel)
    return [DefaultInfo(files = depset([out]))]

_kernel_image = rule(
    implementation = _kernel_image_impl,
    attrs = {
        "kernel": attr.label(mandatory = True),
        "raw": attr.bool(mandatory = True),
        "_versions": attr.label(
            allow_single_file = True,
            default = "@tine_machine//:versions.txt",
        ),
    },
    doc = "What QEMU's -kernel takes: the ELF file, or its bytes in memory.",
)

def tine_kernel(name, boot_image, srcs = [], deps = [], **kwargs):
    """The kernel, linked by arch/ARCH/kernel.lds.

    Args:
      name: the ELF file. name.image is what QEMU's -kernel takes: the same on
        x86-64 (PVH), a flat Linux Image on AArch64.
      boot_image: the archive of servers, embedded in section .boot_image.
      srcs: sources.
      deps: tine_cc_library targets.
      **kwargs: as in cc_binary.
    """
    _embedded(
        name = name + ".embedded",
        image = boot_image,
        target_compatible_with = ["//platforms:kernel"],
    )
    cc_library(
        name = name + ".boot_image",
        srcs = [name + ".embedded"],
        alwayslink = True,
        target_compatible_with = ["//platforms:kernel"],
        deps = [],
        textual_hdrs = [boot_image],
    )
    cc_binary(
        name = name,
        srcs = srcs,
        additional_linker_inputs = select({k: [v] for k, v in _SCRIPTS.items()}),
        linkopts = select({
            k: ["-Wl,-T,$(location %s)" % v]
            for k, v in _SCRIPTS.items()
        }),
        target_compatible_with = ["//platforms:kernel"],
        deps = deps + [name + ".boot_image"],
        **kwargs
    )
    _kernel_image(
        name = name + ".image",
        kernel = name,
        raw = select({
            "//platforms:is_aarch64": True,
            "//platforms:is_x86_64": False,
        }),
        target_compatible_with = ["//platforms:kernel"],
        visibility = ["//visibility:public"],
    )
