"""Packages of Debian's archive as external repositories.

Nothing here names a server: the machine's own apt sources are used, with
private lists, so that other architectures need no change to the machine and no
root.
"""

_FETCH = Label("//third_party/debian:fetch.py")

def _fetch(ctx, *arguments):
    result = ctx.execute(
        ["python3", ctx.path(_FETCH)] + [str(a) for a in arguments],
        timeout = 900,
    )
    if result.return_code:
        fail("third_party/debian/fetch.py %s:\n%s%s" % (
            " ".join([str(a) for a in arguments]),
            result.stdout,
            result.stderr,
        ))

def _debian_index_impl(ctx):
    _fetch(ctx, "index", ctx.path("."), ctx.attr.architecture)
    ctx.file("BUILD", "")

debian_index = repository_rule(
    implementation = _debian_index_impl,
    attrs = {"architecture": attr.string(mandatory = True)},
    doc = "The package lists of one architecture, named debian_ARCHITECTURE.",
)

def _index(ctx, architecture):
    """Returns the folder of a debian_index, fetching it first."""
    return ctx.path(Label("@debian_%s//:BUILD" % architecture)).dirname

def _debian_package_impl(ctx):
    index = _index(ctx, ctx.attr.architecture)
    _fetch(ctx, "binary", index, ctx.attr.architecture, ctx.path("."), *ctx.attr.packages)
    if ctx.attr.build_file:
        ctx.symlink(ctx.attr.build_file, "BUILD.bazel")
    else:
        ctx.file("BUILD.bazel", ctx.attr.build_file_content)

debian_package = repository_rule(
    implementation = _debian_package_impl,
    attrs = {
        "architecture": attr.string(mandatory = True, values = ["amd64", "arm64"]),
        "build_file": attr.label(allow_single_file = True),
        "build_file_content": attr.string(),
        "packages": attr.string_list(mandatory = True),
    },
    doc = "Binary packages of any architecture, unpacked into one root.",
)
