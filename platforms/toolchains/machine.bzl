"""What this machine has: tool versions and the headers of its compilers.

Tools under /usr are no inputs of Bazel's actions. Their versions are, through
the file @tine_machine//:versions.txt, so that an upgrade of the compiler or of
QEMU invalidates what they made.
"""

_LLVM = "/usr/lib/llvm-22"

# Packages whose versions say which results are still good.
_PACKAGES = [
    "clang-22",
    "clang-format-22",
    "clang-tidy-22",
    "libc6-dev",
    "libc6-dev-arm64-cross",
    "libclang-rt-22-dev",
    "lld-22",
    "llvm-22",
    "python3",
    "qemu-system-arm",
    "qemu-system-x86",
    "spin",
]

def _run(ctx, *command):
    result = ctx.execute(command)
    if result.return_code:
        fail("%s failed; ./bazelw installs what is missing.\n%s%s" % (
            " ".join(command),
            result.stdout,
            result.stderr,
        ))
    return result.stdout + result.stderr

def _include_directories(ctx, triple):
    """Returns the real paths that clang searches for C++ headers, in order."""
    output = _run(
        ctx,
        _LLVM + "/bin/clang",
        "--target=" + triple,
        "-x",
        "c++",
        "-E",
        "-v",
        "/dev/null",
    )
    search = output.partition("#include <...> search starts here:\n")[2]
    search = search.partition("\nEnd of search list.")[0]
    return [
        str(ctx.path(line.strip()).realpath)
        for line in search.split("\n")
        if line.strip()
    ]

def _gcc_directory(ctx, triple):
    """Returns the directory of the gcc whose libraries clang links."""
    output = _run(ctx, _LLVM + "/bin/clang", "--target=" + triple, "-v")
    line = output.partition("Selected GCC installation: ")[2].split("\n")[0]
    if not line:
        fail("clang finds no gcc for %s; ./bazelw installs it" % triple)
    return str(ctx.path(line).realpath)

def _module_map(ctx, name, directories, files = []):
    """Writes a module map that holds every header of the toolchain.

    layering_check refuses an include of any header that is in no module.
    """
    found = _run(
        ctx,
        "find",
        "-L",
        *(directories + ["-type", "f", "-print"])
    )
    headers = sorted({h: None for h in found.split("\n") if h}.keys())
    ctx.file(name, "\n".join(
        ["module \"crosstool\" [system] {"] +
        ["  textual header \"%s\"" % h for h in headers + files] +
        ["}", ""],
    ))

def _machine_impl(ctx):
    if _run(ctx, "uname", "-m").strip() != "x86_64":
        fail("Tine is built on x86-64 machines.")
    versions = ctx.execute(["dpkg-query", "--show"] + _PACKAGES).stdout
    shim = ctx.path(Label("//platforms/toolchains:freestanding/include/features.h"))
    ctx.file("versions.txt", versions)
    config = {"LLVM": _LLVM}
    for arch in ["x86_64", "aarch64"]:
        triple = arch + "-linux-gnu"
        hosted = _include_directories(ctx, triple)
        resource = [d for d in hosted if d.startswith(_LLVM + "/")]
        cxx = [d for d in hosted if "/c++/" in d]
        if not cxx:
            fail("no C++ headers for %s; ./bazelw installs them" % arch)
        key = arch.upper()
        config[key + "_INCLUDES"] = hosted
        config[key + "_CXX_INCLUDES"] = cxx
        config[key + "_RESOURCE_INCLUDES"] = resource
        config[key + "_GCC"] = _gcc_directory(ctx, triple)
        _module_map(ctx, arch + "_hosted.modulemap", hosted)
        _module_map(ctx, arch + "_freestanding.modulemap", cxx + resource, [str(shim)])
    ctx.file("config.bzl", "\n".join(
        ["\"\"\"Generated: paths of this machine's compilers.\"\"\"", ""] +
        ["%s = %s" % (key, repr(value)) for key, value in config.items()] +
        [""],
    ))
    ctx.file("BUILD", """
package(default_visibility = ["//visibility:public"])
exports_files(glob(["*.modulemap"]) + ["config.bzl", "versions.txt"])
""")

machine = repository_rule(
    implementation = _machine_impl,
    configure = True,
    # ./bazelw sets it to a digest of what is installed.
    environ = ["TINE_MACHINE"],
    local = True,
)
