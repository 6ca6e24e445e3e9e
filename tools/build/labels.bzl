"""Labels of the variants that the macros make."""

ARCHS = [
    "x86_64",
    "aarch64",
]

# Where a label may begin that has a simulator variant.
_OWN = [
    ":",
    "//kernel",
    "//servers",
    "//arch",
]

def sim_name(name, arch):
    """Returns the name of a target's variant for the simulator of `arch`."""
    return "%s.sim_%s" % (name, arch)

def sim_label(label, arch):
    # The label itself, if it has no variant.
    if not [prefix for prefix in _OWN if label.startswith(prefix)]:
        return label
    if ":" not in label:
        label += ":" + label.split("/")[-1]
    return sim_name(label, arch)

def sim_labels(labels, arch):
    """Returns the variants of all of `labels`."""
    return [sim_label(label, arch) for label in labels]

def freestanding(arch = None):
    """Returns target_compatible_with for code of the kernel and servers.

    Args:
      arch: the only architecture that the code is for, or None for both.
    """
    return select({
        "//platforms:is_kernel": [],
        "//platforms:is_server": [],
        "//conditions:default": ["//platforms:nowhere"],
    }) + (["@platforms//cpu:" + arch] if arch else [])
