"""A header that is parsed once for many sources.

GoogleTest's costs a second for each source that includes it, half of what a test
takes to compile.
"""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "ACTION_NAMES")
load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

# What needs the name of the module that is compiled: the check is of the sources.
_WITHOUT = ["layering_check", "module_maps", "use_module_maps"]

def _precompiled_header_impl(ctx):
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(
        cc_toolchain = toolchain,
        ctx = ctx,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features + _WITHOUT,
    )
    out = ctx.actions.declare_file(ctx.label.name + ".pch")
    context = cc_common.merge_cc_infos(
        cc_infos = [dep[CcInfo] for dep in ctx.attr.deps],
    ).compilation_context
    variables = cc_common.create_compile_variables(
        cc_toolchain = toolchain,
        feature_configuration = features,
        include_directories = context.includes,
        output_file = out.path,
        preprocessor_defines = context.defines,
        quote_include_directories = context.quote_includes,
        system_include_directories = context.system_includes,
        user_compile_flags = ctx.attr.copts + [
            # Sources are compiled with it, and the compiler compares.
            "-fmodules-strict-decluse",
            # Sizes, not times, tell whether the headers are the same.
            "-Xclang",
            "-fno-pch-timestamp",
            "-xc++-header",
            ctx.file.hdr.path,
        ],
    )
    ctx.actions.run(
        arguments = [
            argument
            for argument in cc_common.get_memory_inefficient_command_line(
                action_name = ACTION_NAMES.cpp_header_parsing,
                feature_configuration = features,
                variables = variables,
            )
            if argument != "-c"
        ],
        # It names its headers, and every action runs in a directory of its own.
        env = {"PWD": "/proc/self/cwd"},
        executable = cc_common.get_tool_for_action(
            action_name = ACTION_NAMES.cpp_header_parsing,
            feature_configuration = features,
        ),
        inputs = depset([ctx.file.hdr], transitive = [context.headers, toolchain.all_files]),
        mnemonic = "PrecompileHeader",
        outputs = [out],
        progress_message = "Precompiling " + ctx.file.hdr.short_path,
    )

    # Of a source's inputs Bazel keeps those that the compiler reports, and it reports
    # module maps but no precompiled header: this one changes with it.
    stamp = ctx.actions.declare_file(ctx.label.name + ".cppmap")
    ctx.actions.run_shell(
        command = "sha256sum < %s | sed 's,^,// ,' > %s" % (out.path, stamp.path),
        inputs = [out],
        mnemonic = "StampHeader",
        outputs = [stamp],
    )
    return [
        DefaultInfo(files = depset([out])),
        CcInfo(compilation_context = cc_common.create_compilation_context(
            headers = depset([ctx.file.hdr, out, stamp]),
        )),
    ]

precompiled_header = rule(
    implementation = _precompiled_header_impl,
    attrs = {
        "copts": attr.string_list(doc = "Those of the sources, but for -include-pch."),
        "deps": attr.label_list(mandatory = True, providers = [CcInfo]),
        "hdr": attr.label(allow_single_file = True, mandatory = True),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    doc = "PACKAGE/NAME.pch below $(BINDIR), for sources that depend on it.",
    fragments = ["cpp"],
    incompatible_use_toolchain_transition = True,
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)
