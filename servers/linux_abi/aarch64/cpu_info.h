// /proc/cpuinfo of the one CPU that programs have.
#ifndef SERVERS_LINUX_ABI_AARCH64_CPU_INFO_H_
#define SERVERS_LINUX_ABI_AARCH64_CPU_INFO_H_

namespace tine::linux_abi {

inline constexpr char kCpuInfo[] =
    "processor\t: 0\n"
    "BogoMIPS\t: 125.00\n"
    "Features\t: fp asimd\n"
    "CPU implementer\t: 0x00\n"
    "CPU architecture: 8\n"
    "CPU variant\t: 0x0\n"
    "CPU part\t: 0x000\n"
    "CPU revision\t: 0\n"
    "\n";

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_AARCH64_CPU_INFO_H_
