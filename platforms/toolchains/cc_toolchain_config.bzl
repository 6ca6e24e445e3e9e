"""clang and lld for every platform: one configuration rule, few differences."""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "ACTION_NAMES")
load(
    "@bazel_tools//tools/cpp:cc_toolchain_config_lib.bzl",
    "feature",
    "feature_set",
    "flag_group",
    "flag_set",
    "tool_path",
)
load("@rules_cc//cc:defs.bzl", "cc_toolchain")
load("@tine_machine//:config.bzl", "LLVM")

_C_COMPILE = [ACTION_NAMES.c_compile]

_CXX_COMPILE = [
    ACTION_NAMES.cpp_compile,
    ACTION_NAMES.cpp_header_parsing,
    ACTION_NAMES.cpp_module_compile,
    ACTION_NAMES.cpp_module_codegen,
    ACTION_NAMES.linkstamp_compile,
]

_ASSEMBLE = [
    ACTION_NAMES.assemble,
    ACTION_NAMES.preprocess_assemble,
]

_COMPILE = _C_COMPILE + _CXX_COMPILE

_LINK = [
    ACTION_NAMES.cpp_link_executable,
    ACTION_NAMES.cpp_link_dynamic_library,
    ACTION_NAMES.cpp_link_nodeps_dynamic_library,
]

# -Wthread-safety checks lock annotations; the rest is as the style asks.
_WARNINGS = [
    "-Wall",
    "-Wextra",
    "-Wconversion",
    "-Wthread-safety",
    "-Werror",
]

# Headers of libraries that are found by -iquote, hence not as system headers.
_SYSTEM_PREFIXES = [
    "--system-header-prefix=absl/",
    "--system-header-prefix=gmock/",
    "--system-header-prefix=gtest/",
]

# The same input gives the same output, wherever it lies.
_REPRODUCIBLE = [
    "-ffile-compilation-dir=.",
    "-Wno-builtin-macro-redefined",
    "-D__DATE__=\"redacted\"",
    "-D__TIMESTAMP__=\"redacted\"",
    "-D__TIME__=\"redacted\"",
]

def _flags(actions, flags, **kwargs):
    return flag_set(
        actions = actions,
        flag_groups = [flag_group(flags = flags)] if flags else [],
        **kwargs
    )

def _impl(ctx):
    target = ["--target=" + ctx.attr.compile_triple]
    compile_flags = target + ["-O2", "-g", "-ffunction-sections", "-fdata-sections"]
    link_flags = [
        "--target=" + ctx.attr.link_triple,
        "-fuse-ld=lld",
        "-Wl,--gc-sections",
        "-Wl,--build-id=none",
        "-Wl,-z,noexecstack",
    ]
    features = [
        feature(
            name = "tine_flags",
            enabled = True,
            flag_sets = [
                _flags(_ASSEMBLE, target + ["-g"] + ctx.attr.compile_flags),
                _flags(
                    _COMPILE,
                    compile_flags + _REPRODUCIBLE + _WARNINGS +
                    _SYSTEM_PREFIXES + ctx.attr.compile_flags,
                ),
                _flags(_C_COMPILE, ["-std=gnu17"] + ctx.attr.c_flags),
                _flags(_CXX_COMPILE, ["-std=c++23"] + ctx.attr.cxx_flags),
                _flags(_LINK, link_flags + ctx.attr.link_flags),
            ],
        ),
        feature(
            name = "fully_static_link",
            enabled = ctx.attr.always_static,
            flag_sets = [_flags([ACTION_NAMES.cpp_link_executable], ["-static"])],
        ),
        feature(
            name = "sanitize",
            flag_sets = [
                _flags(_COMPILE, [
                    "-fsanitize=address,undefined",
                    "-fno-sanitize=vptr",
                    "-fno-sanitize-recover=all",
                    "-fno-omit-frame-pointer",
                    "-O1",
                    "-gline-tables-only",  # what reports show
                ]),
                _flags(_LINK, [
                    "-fsanitize=address,undefined",
                    "-fno-sanitize=vptr",
                ]),
            ],
        ),
        # Objects are linked as an archive's members, without an archive.
        feature(name = "supports_start_end_lib", enabled = True),
    ]
    if ctx.attr.layering:
        features += [
            feature(name = "module_maps", enabled = True),
            feature(
                name = "use_module_maps",
                enabled = True,
                flag_sets = [flag_set(
                    actions = _CXX_COMPILE,
                    flag_groups = [flag_group(flags = [
                        "-fmodule-name=%{module_name}",
                        "-fmodule-map-file=%{module_map_file}",
                    ])],
                )],
                requires = [feature_set(features = ["module_maps"])],
            ),
            # The non-strict form silently misses violations.
            feature(
                name = "layering_check",
                enabled = True,
                flag_sets = [flag_set(
                    actions = _CXX_COMPILE,
                    flag_groups = [
                        flag_group(flags = ["-fmodules-strict-decluse", "-Wprivate-header"]),
                        flag_group(
                            flags = ["-fmodule-map-file=%{dependent_module_map_files}"],
                            iterate_over = "dependent_module_map_files",
                        ),
                    ],
                )],
                implies = ["use_module_maps"],
            ),
        ]
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        abi_libc_version = "unknown",
        abi_version = "unknown",
        compiler = "clang",
        cxx_builtin_include_directories = ctx.attr.include_directories +
                                          # Where precompiled headers found theirs.
                                          ["/proc/self/cwd"],
        features = features,
        host_system_name = "local",
        target_cpu = ctx.attr.cpu,
        target_libc = ctx.attr.environment,
        target_system_name = ctx.attr.compile_triple,
        tool_paths = [
            tool_path(name = name, path = path if path.startswith("/") else LLVM + "/bin/" + path)
            for name, path in {
                "ar": "llvm-ar",
                "cpp": "clang-cpp",
                "dwp": "llvm-dwp",
                "gcc": "clang",
                "gcov": "/bin/false",
                "ld": "ld.lld",
                "nm": "llvm-nm",
                "objcopy": "llvm-objcopy",
                "objdump": "llvm-objdump",
                "strip": "llvm-strip",
            }.items()
        ],
        toolchain_identifier = "%s_%s" % (ctx.attr.cpu, ctx.attr.environment),
    )

_cc_toolchain_config = rule(
    implementation = _impl,
    attrs = {
        "always_static": attr.bool(),
        "c_flags": attr.string_list(),
        "compile_flags": attr.string_list(),
        "compile_triple": attr.string(mandatory = True),
        "cpu": attr.string(mandatory = True),
        "cxx_flags": attr.string_list(),
        "environment": attr.string(mandatory = True),
        "include_directories": attr.string_list(),
        "layering": attr.bool(),
        "link_flags": attr.string_list(),
        "link_triple": attr.string(mandatory = True),
    },
    provides = [CcToolchainConfigInfo],
)

def clang_toolchain(
        name,
        cpu,
        environment,
        constraints,
        module_map = None,
        files = [],
        link_triple = None,
        compile_triple = None,
        **config):
    """Declares the toolchain `name` for one platform.

    Args:
      name: the toolchain's name.
      cpu: x86_64 or aarch64.
      environment: the constraint value in //platforms that it is for.
      constraints: further constraint values of the platform.
      module_map: lists the system headers; without one, no layering_check.
      files: inputs of every action, besides the versions of the tools.
      link_triple: what clang links for; a plain ELF triple would link by gcc.
      compile_triple: what clang compiles for.
      **config: attributes of the configuration rule.
    """
    link_triple = link_triple or cpu + "-linux-gnu"
    _cc_toolchain_config(
        name = name + "_config",
        compile_triple = compile_triple or link_triple,
        cpu = cpu,
        environment = environment,
        layering = module_map != None,
        link_triple = link_triple,
        **config
    )
    native.filegroup(
        name = name + "_files",
        srcs = ["@tine_machine//:versions.txt"] + files + ([module_map] if module_map else []),
    )
    cc_toolchain(
        name = name + "_cc",
        all_files = name + "_files",
        ar_files = name + "_files",
        as_files = name + "_files",
        compiler_files = name + "_files",
        dwp_files = name + "_files",
        linker_files = name + "_files",
        module_map = module_map,
        objcopy_files = name + "_files",
        strip_files = name + "_files",
        supports_param_files = True,
        toolchain_config = name + "_config",
        toolchain_identifier = "%s_%s" % (cpu, environment),
    )
    native.toolchain(
        name = name,
        exec_compatible_with = [
            "@platforms//cpu:x86_64",
            "@platforms//os:linux",
        ],
        target_compatible_with = constraints + [
            "@platforms//cpu:" + cpu,
            "//platforms:" + environment,
        ],
        toolchain = name + "_cc",
        toolchain_type = "@bazel_tools//tools/cpp:toolchain_type",
    )
