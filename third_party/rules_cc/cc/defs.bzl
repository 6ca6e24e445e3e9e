"""The rules that upstream's rules_cc exports, bound to Bazel's own.

Debian's bazel-rules-cc does not load in Debian's Bazel; BUILD files load this
path as they would upstream's, so that a newer Bazel can bind the real one.
"""

cc_binary = native.cc_binary
cc_import = native.cc_import
cc_library = native.cc_library
cc_proto_library = native.cc_proto_library
cc_test = native.cc_test
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
fdo_prefetch_hints = native.fdo_prefetch_hints
fdo_profile = native.fdo_profile
