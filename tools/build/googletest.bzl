"""GoogleTest's header, precompiled, and how tests are compiled with it."""

load("//tools/build:precompiled_header.bzl", "precompiled_header")

# Backtraces with lines; the whole of debug information, and of the optimizer, is half
# of the time that it takes to compile a test.
_GUEST = ["-O1", "-gline-tables-only"]

_DEPS = [
    "@com_google_googletest//:gtest",
    "@com_google_googletest//:gtest_main",
]

def googletest_headers():
    """Declares what the constants below name, in //tools/build."""
    for name, copts, features in [
        ("googletest", _GUEST, []),
        ("googletest_sanitized", [], ["sanitize"]),
    ]:
        precompiled_header(
            name = name,
            testonly = True,
            copts = copts,
            features = features,
            hdr = "googletest.h",
            visibility = ["//visibility:public"],
            deps = _DEPS,
        )

def _use(name):
    path = "$(BINDIR)/tools/build/" + name
    return ["-include-pch", path + ".pch", "-fmodule-map-file=" + path + ".cppmap"]

GUEST_TEST_COPTS = _GUEST + _use("googletest")
GUEST_TEST_DEPS = _DEPS + ["//tools/build:googletest"]

SIM_TEST_COPTS = _use("googletest_sanitized")
SIM_TEST_DEPS = _DEPS + ["//tools/build:googletest_sanitized"]
