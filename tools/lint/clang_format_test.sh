#!/bin/bash
# Checks the format of all C and C++ sources. To repair: clang-format-22 -i FILE.
set -euo pipefail
cd "$(dirname "$(realpath WORKSPACE)")"
find . \( -name '.?*' -o -name 'bazel-*' \) -prune -o \
  -type f \( -name '*.cc' -o -name '*.h' -o -name '*.c' \) -print0 |
  xargs -0 --no-run-if-empty clang-format-22 --dry-run -Werror
