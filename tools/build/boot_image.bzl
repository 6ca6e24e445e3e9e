"""The archive of servers that the kernel carries."""

load("//tools/build:transitions.bzl", "allowlist_attr", "server_transition")

def _strip(ctx, server):
    """Returns the ELF file with its symbols, without its debug information."""
    out = ctx.actions.declare_file("%s.stripped/%s" % (ctx.label.name, server.basename))
    ctx.actions.run(
        arguments = ["--strip-debug", server.path, out.path],
        executable = "/usr/lib/llvm-22/bin/llvm-objcopy",
        inputs = [server] + ctx.files._versions,
        mnemonic = "StripServer",
        outputs = [out],
    )
    return out

def _boot_image_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".cpio")
    servers = [_strip(ctx, server) for server in ctx.files.servers]
    arguments = ctx.actions.args()
    arguments.add("--output", out)
    for server in servers:
        arguments.add("--executable", "%s=%s" % (server.basename, server.path))
    ctx.actions.run(
        arguments = [arguments],
        executable = ctx.executable._pack,
        inputs = servers,
        mnemonic = "BootImage",
        outputs = [out],
    )
    return [DefaultInfo(files = depset([out]))]

boot_image = rule(
    implementation = _boot_image_impl,
    attrs = {
        "servers": attr.label_list(
            cfg = server_transition,
            doc = "tine_server targets; the first is the root server.",
        ),
        "_allowlist_function_transition": allowlist_attr,
        "_pack": attr.label(
            cfg = "exec",
            default = "//tools/image:pack",
            executable = True,
        ),
        "_versions": attr.label(
            allow_single_file = True,
            default = "@tine_machine//:versions.txt",
        ),
    },
    doc = "A cpio archive of servers, with file data on page boundaries.",
)
