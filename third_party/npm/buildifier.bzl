"""buildifier, which Debian lacks, from the package @bazel/buildifier of npm.

On a machine without npm, or out of reach of npm's registry, the check of BUILD
files is left out, as AVAILABLE in @buildifier//:defs.bzl says.
"""

def _buildifier_impl(ctx):
    available = False
    npm = ctx.which("npm")
    if npm:
        package = "@bazel/buildifier@" + ctx.attr.version
        result = ctx.execute(
            [npm, "pack", "--silent", "--cache", ctx.path("cache"), package],
            timeout = 120,
        )
        archive = "bazel-buildifier-%s.tgz" % ctx.attr.version
        if result.return_code == 0 and ctx.path(archive).exists:
            ctx.extract(archive, stripPrefix = "package")
            ctx.symlink("buildifier-linux_amd64", "buildifier")
            ctx.delete(archive)
            available = True
        else:
            # buildifier: disable=print
            print("BUILD files are not checked: npm could not fetch " + package)
    if not available:
        ctx.file("buildifier", "", executable = True)
    ctx.delete("cache")
    ctx.file("defs.bzl", "AVAILABLE = %s\n" % available)
    ctx.file("BUILD", "exports_files([\"buildifier\"])\n")

buildifier = repository_rule(
    implementation = _buildifier_impl,
    attrs = {"version": attr.string(mandatory = True)},
)
