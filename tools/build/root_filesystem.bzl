"""Root file systems: cpio archives for the guest."""

load("//tools/build:labels.bzl", "ARCHS")
load("//tools/build:program.bzl", "ProgramInfo")

def _root_filesystem_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".cpio")
    arguments = ctx.actions.args()
    arguments.add("--output", out)
    inputs = []
    for path, mode in ctx.attr.directories.items():
        arguments.add("--directory", "%s=%s" % (path, mode))
    for target in ctx.attr.programs:
        program = target[ProgramInfo]
        arguments.add("--executable", "%s=%s" % (program.path, program.file.path))
        inputs.append(program.file)
    for option, files in [("--executable", ctx.attr.executables), ("--file", ctx.attr.files)]:
        for target, paths in files.items():
            [file] = target[DefaultInfo].files.to_list()
            inputs.append(file)
            for path in paths.split(" "):
                arguments.add(option, "%s=%s" % (path, file.path))
    for path, target in ctx.attr.symlinks.items():
        arguments.add("--symlink", "%s=%s" % (path, target))
    for target, goal in ctx.attr.link_lists.items():
        [file] = target[DefaultInfo].files.to_list()
        inputs.append(file)
        arguments.add("--links", "%s=%s" % (file.path, goal))
    for path, device in ctx.attr.devices.items():
        arguments.add("--device", "%s=%s" % (path, device))
    ctx.actions.run(
        arguments = [arguments],
        executable = ctx.executable._pack,
        inputs = inputs,
        mnemonic = "RootFilesystem",
        outputs = [out],
    )
    return [DefaultInfo(
        files = depset([out]),
        runfiles = ctx.runfiles(files = [out]),
    )]

_root_filesystem = rule(
    implementation = _root_filesystem_impl,
    attrs = {
        "devices": attr.string_dict(doc = "Path to MAJOR:MINOR."),
        "directories": attr.string_dict(doc = "Path to octal mode."),
        "executables": attr.label_keyed_string_dict(allow_files = True),
        "files": attr.label_keyed_string_dict(allow_files = True),
        "link_lists": attr.label_keyed_string_dict(allow_files = True),
        "programs": attr.label_list(providers = [ProgramInfo]),
        "symlinks": attr.string_dict(),
        "_pack": attr.label(
            cfg = "exec",
            default = "//tools/image:pack",
            executable = True,
        ),
    },
)

def _arch_label(label, arch):
    """Returns the label of a program's variant."""
    if ":" not in label and label.startswith("//"):
        label += ":" + label.split("/")[-1]
    return "%s.%s" % (label, arch)

def _by_label(files, arch):
    """Turns path to label around; a label's paths are joined by spaces."""
    result = {}
    for path, label in files.items():
        label = label.replace("{arch}", arch)
        result[label] = (result[label] + " " if label in result else "") + path
    return result

def root_filesystem(
        name,
        programs = [],
        files = {},
        executables = {},
        symlinks = {},
        link_lists = {},
        directories = {},
        devices = {},
        **kwargs):
    """The cpio archives name.x86_64 and name.aarch64.

    Args:
      name: the archives' name.
      programs: tine_program targets; each lies at its own path.
      files: guest path to label, mode 0644; {arch} in a label is replaced.
      executables: guest path to label, mode 0755; {arch} is replaced.
      symlinks: guest path to what the link says.
      link_lists: label of a list of guest paths to what links at them say;
        {arch} is replaced.
      directories: further directories and their modes, in octal; parents of
        all files are made anyway.
      devices: guest path to "MAJOR:MINOR" of a character device.
      **kwargs: as in every rule.
    """
    for arch in ARCHS:
        _root_filesystem(
            name = "%s.%s" % (name, arch),
            devices = devices,
            directories = directories,
            executables = _by_label(executables, arch),
            files = _by_label(files, arch),
            link_lists = {
                label.replace("{arch}", arch): target
                for label, target in link_lists.items()
            },
            programs = [_arch_label(p, arch) for p in programs],
            symlinks = symlinks,
            **kwargs
        )
