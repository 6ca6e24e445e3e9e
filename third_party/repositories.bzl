"""Everything from outside the repository: Debian's archive and one npm package."""

load("//third_party/debian:debian.bzl", "debian_index", "debian_package")
load("//third_party/npm:buildifier.bzl", "buildifier")

def third_party_repositories():
    """Declares the external repositories; none is fetched before it is used."""
    native.local_repository(
        name = "rules_cc",
        path = "third_party/rules_cc",
    )
    native.local_repository(
        name = "remote_coverage_tools",
        path = "third_party/remote_coverage_tools",
    )
    native.local_repository(
        name = "rules_java",
        path = "/usr/share/bazel/rules/java",
    )
    native.local_repository(
        name = "bazel_skylib",
        path = "/usr/share/bazel/tools/skylib",
    )
    native.local_repository(
        name = "platforms",
        path = "/usr/share/bazel/tools/platforms",
    )
    native.local_repository(
        name = "com_google_googletest",
        path = "third_party/com_google_googletest",
    )
    buildifier(
        name = "buildifier",
        version = "8.2.1",
    )
    for debian, cpu in [("amd64", "x86_64"), ("arm64", "aarch64")]:
        debian_index(
            name = "debian_" + debian,
            architecture = debian,
        )
        debian_package(
            name = "absl_" + cpu,
            architecture = debian,
            build_file = "//third_party:absl.BUILD",
            packages = ["libabsl-dev"],
        )
        debian_package(
            name = "bash_" + cpu,
            architecture = debian,
            build_file = "//third_party:bash.BUILD",
            packages = ["bash-static"],
        )
        debian_package(
            name = "busybox_" + cpu,
            architecture = debian,
            build_file = "//third_party:busybox.BUILD",
            packages = ["busybox-static"],
        )
        debian_package(
            name = "googletest_" + cpu,
            architecture = debian,
            build_file = "//third_party:googletest.BUILD",
            packages = [
                "libgmock-dev",
                "libgtest-dev",
            ],
        )
        debian_package(
            name = "musl_" + cpu,
            architecture = debian,
            build_file = "//third_party:musl.BUILD",
            packages = ["musl-dev"],
        )
        debian_package(
            name = "linux_headers_" + cpu,
            architecture = debian,
            build_file = "//third_party:linux_headers.BUILD",
            packages = ["linux-libc-dev"],
        )
