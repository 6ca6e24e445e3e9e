"""Libraries and tests that run in the simulator on the host.

Each comes twice, once over the page tables, registers and numbers of each
architecture, with ASan and UBSan.
"""

load("@rules_cc//cc:defs.bzl", "cc_library", "cc_test")
load("//tools/build:googletest.bzl", "SIM_TEST_COPTS", "SIM_TEST_DEPS")
load("//tools/build:labels.bzl", "ARCHS", "sim_labels", "sim_name")

def sim_cc_library(name, deps = [], **kwargs):
    """Code of the simulator or of tests: only the variants, no `name` itself.

    Args:
      name: gives name.sim_x86_64 and name.sim_aarch64.
      deps: plain labels, mapped to variants.
      **kwargs: as in cc_library.
    """
    for arch in ARCHS:
        cc_library(
            name = sim_name(name, arch),
            features = ["sanitize"],
            target_compatible_with = ["//platforms:hosted"],
            deps = sim_labels(deps, arch),
            **kwargs
        )

def sim_test(name, deps = [], archs = ARCHS, size = "small", **kwargs):
    """A GoogleTest in the simulator of each architecture.

    Args:
      name: gives the tests name.sim_x86_64 and name.sim_aarch64, and the suite.
      deps: plain labels, mapped to variants; GoogleTest is added.
      archs: the architectures to run it for.
      size: as in cc_test.
      **kwargs: as in cc_test.
    """
    for arch in archs:
        cc_test(
            name = sim_name(name, arch),
            size = size,
            copts = SIM_TEST_COPTS,
            features = ["sanitize"],
            target_compatible_with = ["//platforms:hosted"],
            deps = sim_labels(deps, arch) + SIM_TEST_DEPS,
            **kwargs
        )
    native.test_suite(
        name = name,
        tests = [sim_name(name, arch) for arch in archs],
    )
