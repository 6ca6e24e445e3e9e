// What a program of x86-64 Linux finds its machine to be.
#ifndef SERVERS_LINUX_ABI_X86_64_MACHINE_H_
#define SERVERS_LINUX_ABI_X86_64_MACHINE_H_

#include "kernel/base/address.h"

namespace tine::linux_abi {

inline constexpr u16 kElfMachine = 62;
inline constexpr char kMachineName[] = "x86_64";  // uname, AT_PLATFORM
// The same for programs that ask for a 32-bit machine; empty: they must not.
inline constexpr char kMachineName32[] = "i686";
// Whether prctl() knows of an instruction that reads a time stamp counter.
inline constexpr bool kHasTimeStamps = true;
// User addresses are below this.
inline constexpr u64 kUserAddressEnd = 0x7fff'ffff'f000;
// Where the initial stack ends, and where position-independent programs begin.
inline constexpr u64 kStackTop = 0x7fff'ffff'8000;
// The code that the system gives every program, a little above: stack and code
// share a page table, and of that the entries that a fork copies at once.
inline constexpr u64 kVdsoAddress = 0x7fff'ffff'a000;
inline constexpr u64 kVdsoBytes = 2 * kPageSize;
static_assert(kVdsoAddress + kVdsoBytes <= kUserAddressEnd);
inline constexpr u64 kDynamicBase = 0x5555'5555'4000;
// Of mmap's flags MAP_32BIT: anywhere between these.
inline constexpr u64 kMapLow = 0x40;
inline constexpr u64 kLowStart = u64{1} << 30;
inline constexpr u64 kLowEnd = u64{1} << 31;
// Sizes of huge pages that MAP_HUGETLB may name, as powers of two.
inline constexpr u32 kHugePageShifts[] = {21, 30};
// What a call that its tracer leaves out comes to if that says nothing else:
// -ENOSYS, or what the result register holds, which is the first argument's.
constexpr i64 skipped_result(u64, u64) { return -38; }
// AUDIT_ARCH_*: how filters of system calls name the machine.
inline constexpr u32 kAuditArch = 0xc000'003e;
// AT_MINSIGSTKSZ: bytes that a signal frame takes.
inline constexpr u64 kMinSigStackBytes = 1024;
// Least size that sigaltstack() takes (MINSIGSTKSZ).
inline constexpr u64 kMinAltStackBytes = 2048;

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_X86_64_MACHINE_H_
