"""Machines that Tine boots on: sizes of memory, CPU models, CPUs, levels."""

from tests.system import system
from tests.system.system import SYSTEM_FAILED, SystemTestCase

_GREETING = b"[one]\n[two]\n"

_MEMORY = {
    # With 3G and more, x86 has memory on both sides of the PCI hole.
    "x86_64": ("32M", "64M", "128M", "1G", "3G", "4G", "6G"),
    "aarch64": ("32M", "64M", "128M", "1G", "4G"),
}
_CPU = {
    "x86_64": ("max", "max,-erms", "qemu64", "Nehalem", "Haswell", "EPYC"),
    "aarch64": ("cortex-a53", "cortex-a72", "cortex-a76", "neoverse-n1", "max"),
}


class BootTest(SystemTestCase):
    def check(self, *options):
        run = self.run_program(
            system.probe(), "arguments", "one", "two", options=options
        )
        with self.subTest(options=options):
            self.assertEnds(run, 0, _GREETING)
        return run

    def free_memory(self, run):
        """MiB that the kernel says it has."""
        [line] = [line for line in run.log if line.startswith("Tine: ")]
        return int(line.split()[1])

    def test_sizes_of_memory(self):
        for size in _MEMORY[system.arch]:
            run = self.check("--memory", size)
            mib = int(size[:-1]) * (1024 if size[-1] == "G" else 1)
            # The rest: kernel, root file system, frame table, firmware.
            self.assertIn(self.free_memory(run), range(mib * 9 // 10 - 16, mib))

    def test_cpu_models(self):
        for model in _CPU[system.arch]:
            self.check("--cpu", model)

    def test_further_cpus_are_parked(self):
        for count in ("2", "4"):
            self.check("--smp", count)

    def test_counted_instructions(self):
        self.check("--icount")

    def test_gic_version_3(self):
        if system.arch != "aarch64":
            self.skipTest("AArch64's interrupt controller")
        self.check("--machine", "gic-version=3")
        self.check("--machine", "gic-version=3", "--cpu", "max", "--el2")

    def test_entry_at_el2(self):
        if system.arch != "aarch64":
            self.skipTest("AArch64's exception levels")
        for model in ("cortex-a53", "cortex-a72", "max"):
            self.check("--el2", "--cpu", model)

    def test_entry_with_a_secure_world(self):
        if system.arch != "aarch64":
            self.skipTest("AArch64's exception levels")
        self.check("--machine", "secure=on")

    def test_every_level_of_page_tables_copied_at_once(self):
        self.check("--append", "tine.fork=eager")

    def test_too_little_memory_is_refused(self):
        run = self.run_program(
            system.probe(), "exit", "0", options=("--memory", "8M")
        )
        self.assertEnds(run, SYSTEM_FAILED)
        self.assertIn("memory", run.err)
        self.assertIn("what to do: ", run.err)


if __name__ == "__main__":
    system.main()
