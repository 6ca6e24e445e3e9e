// /proc/cpuinfo of the one CPU that programs have.
#ifndef SERVERS_LINUX_ABI_X86_64_CPU_INFO_H_
#define SERVERS_LINUX_ABI_X86_64_CPU_INFO_H_

namespace tine::linux_abi {

inline constexpr char kCpuInfo[] =
    "processor\t: 0\n"
    "vendor_id\t: Tine\n"
    "cpu family\t: 6\n"
    "model\t\t: 0\n"
    "model name\t: x86-64\n"
    "stepping\t: 0\n"
    "physical id\t: 0\n"
    "siblings\t: 1\n"
    "core id\t\t: 0\n"
    "cpu cores\t: 1\n"
    "fpu\t\t: yes\n"
    "flags\t\t: fpu tsc msr cx8 cmov mmx fxsr sse sse2 syscall nx lm\n"
    "address sizes\t: 40 bits physical, 48 bits virtual\n"
    "\n";

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_X86_64_CPU_INFO_H_
