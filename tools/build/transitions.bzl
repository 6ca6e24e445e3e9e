"""Building a target for another platform than the one at hand."""

_ALLOWLIST = "@bazel_tools//tools/allowlists/function_transition_allowlist"

def _platform_transition_impl(_settings, attr):
    return {"//command_line_option:platforms": str(attr.platform)}

platform_transition = transition(
    implementation = _platform_transition_impl,
    inputs = [],
    outputs = ["//command_line_option:platforms"],
)

def _server_transition_impl(settings, _attr):
    [platform] = settings["//command_line_option:platforms"]
    return {"//command_line_option:platforms": str(platform).replace("_kernel", "_server")}

# From the kernel's platform to that of the servers it carries.
server_transition = transition(
    implementation = _server_transition_impl,
    inputs = ["//command_line_option:platforms"],
    outputs = ["//command_line_option:platforms"],
)

# What every rule with a transition must name.
allowlist_attr = attr.label(default = _ALLOWLIST)

def single(targets):
    """Returns the one target of an attribute with a transition."""
    return targets[0] if type(targets) == "list" else targets

def _for_platform_impl(ctx):
    [file] = single(ctx.attr.target)[DefaultInfo].files.to_list()
    out = ctx.actions.declare_file(ctx.attr.out or ctx.label.name)
    ctx.actions.symlink(output = out, target_file = file, is_executable = True)
    return [DefaultInfo(
        executable = out,
        files = depset([out]),
        runfiles = ctx.runfiles([out, file]),
    )]

for_platform = rule(
    implementation = _for_platform_impl,
    attrs = {
        "out": attr.string(doc = "The file's name; the target's by default."),
        "platform": attr.label(mandatory = True),
        "target": attr.label(
            mandatory = True,
            cfg = platform_transition,
            doc = "A target of one file.",
        ),
        "_allowlist_function_transition": allowlist_attr,
    },
    doc = "The file of `target`, built for `platform`.",
    executable = True,
)
