"""clang-tidy over the project's own sources: ./bazelw build --config=tidy //..."""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "ACTION_NAMES")
load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

def _command_line(ctx, toolchain, action, compilation_context, copts):
    """Returns the flags with which the toolchain compiles."""
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        # clang-tidy reads one file alone.
        unsupported_features = ctx.disabled_features + [
            "layering_check",
            "module_maps",
            "use_module_maps",
        ],
    )
    variables = cc_common.create_compile_variables(
        feature_configuration = features,
        cc_toolchain = toolchain,
        user_compile_flags = copts,
        include_directories = compilation_context.includes,
        quote_include_directories = compilation_context.quote_includes,
        system_include_directories = compilation_context.system_includes,
        preprocessor_defines = compilation_context.defines,
    )
    return cc_common.get_memory_inefficient_command_line(
        feature_configuration = features,
        action_name = action,
        variables = variables,
    )

def _below(ctx):
    """Returns the results of all dependencies, across transitions too."""
    results = []
    for name in dir(ctx.rule.attr):
        value = getattr(ctx.rule.attr, name)
        for dependency in value if type(value) == "list" else [value]:
            if type(dependency) != "Target" or OutputGroupInfo not in dependency:
                continue
            if hasattr(dependency[OutputGroupInfo], "tidy"):
                results.append(dependency[OutputGroupInfo].tidy)
    return results

def _clang_tidy_impl(target, ctx):
    below = _below(ctx)
    if CcInfo not in target or target.label.workspace_name or not hasattr(ctx.rule.attr, "srcs"):
        return [OutputGroupInfo(tidy = depset(transitive = below))]
    toolchain = find_cpp_toolchain(ctx)
    context = target[CcInfo].compilation_context
    outs = []
    for source in ctx.rule.files.srcs:
        if source.extension not in ("cc", "c") or not source.is_source:
            continue
        action = ACTION_NAMES.c_compile if source.extension == "c" else ACTION_NAMES.cpp_compile

        # Those that name built files are of precompiled headers, which it reads itself.
        copts = [
            option
            for option in getattr(ctx.rule.attr, "copts", [])
            if option != "-include-pch" and "$(BINDIR)" not in option
        ]
        flags = _command_line(ctx, toolchain, action, context, copts)
        out = ctx.actions.declare_file("%s.%s.tidy" % (ctx.rule.attr.name, source.basename))
        ctx.actions.run_shell(
            arguments = [out.path, source.path] + flags,
            command = """
                out=$1 source=$2
                shift 2
                clang-tidy-22 --quiet "$source" -- "$@" > "$out" 2>&1 || { cat "$out"; exit 1; }
            """,
            inputs = depset(
                [source, ctx.file._config, ctx.file._versions],
                transitive = [context.headers, toolchain.all_files],
            ),
            mnemonic = "ClangTidy",
            outputs = [out],
            progress_message = "clang-tidy " + source.short_path,
        )
        outs.append(out)
    return [OutputGroupInfo(tidy = depset(outs, transitive = below))]

clang_tidy = aspect(
    implementation = _clang_tidy_impl,
    attr_aspects = ["*"],
    attrs = {
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
        "_config": attr.label(allow_single_file = True, default = "//:.clang-tidy"),
        "_versions": attr.label(
            allow_single_file = True,
            default = "@tine_machine//:versions.txt",
        ),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)
