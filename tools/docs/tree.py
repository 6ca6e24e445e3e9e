"""The work tree that a document belongs to."""

import os
import pathlib


def root() -> pathlib.Path:
    """The repository: where bazel was run, or where //:WORKSPACE really is."""
    workspace = os.environ.get("BUILD_WORKSPACE_DIRECTORY")
    if workspace:
        return pathlib.Path(workspace)
    if os.path.exists("WORKSPACE"):
        return pathlib.Path(os.path.realpath("WORKSPACE")).parent
    return pathlib.Path(os.path.realpath(__file__)).parents[2]
