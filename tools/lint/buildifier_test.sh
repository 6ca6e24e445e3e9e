#!/bin/bash
# Checks the format of BUILD and .bzl files. To repair: buildifier FILE.
set -euo pipefail
buildifier=$PWD/$1
cd "$(dirname "$(realpath WORKSPACE)")"
find . \( -name '.?*' -o -name 'bazel-*' \) -prune -o \
  -type f \( -name BUILD -o -name WORKSPACE -o -name '*.bzl' -o -name '*.BUILD' \) \
  -print0 | xargs -0 "$buildifier" --mode=check
