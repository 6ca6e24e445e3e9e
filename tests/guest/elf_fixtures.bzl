"""The files that make_elf_fixtures.cc writes, for the guest's root file system."""

_EXECUTABLES = [
    "core_file",
    "empty",
    "entry_in_kernel",
    "entry_nowhere",
    "good",
    "half_header",
    "half_program_header",
    "interpreter_missing",
    "magic_only",
    "memory_smaller_than_file",
    "no_loadable_segment",
    "no_program_header",
    "no_segments",
    "object_file",
    "odd_program_header_size",
    "one_byte",
    "position_independent",
    "program_headers_beyond_file",
    "program_headers_nowhere",
    "segment_beyond_file",
    "segment_in_kernel",
    "segment_misaligned",
    "segment_not_executable",
    "segment_too_large",
    "segment_wraps",
    "text",
    "too_many_segments",
    "with_zeroed_memory",
    "wrong_machine",
    "wrong_magic",
    "zeros",
]

ALL = _EXECUTABLES + ["not_executable"]

# Where exec_test.cc looks for them.
_DIRECTORY = "/usr/share/tine/elf/"

_LABEL = "//tests/guest:elf_fixtures_{arch}/"

def fixture_executables():
    """Guest path to label of the files of mode 0755, for root_filesystem."""
    return {_DIRECTORY + name: _LABEL + name for name in _EXECUTABLES}

def fixture_files():
    """The same for the file of mode 0644."""
    return {_DIRECTORY + "not_executable": _LABEL + "not_executable"}
