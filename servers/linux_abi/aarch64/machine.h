// What a program of AArch64 Linux finds its machine to be.
#ifndef SERVERS_LINUX_ABI_AARCH64_MACHINE_H_
#define SERVERS_LINUX_ABI_AARCH64_MACHINE_H_

#include "kernel/base/address.h"

namespace tine::linux_abi {

inline constexpr u16 kElfMachine = 183;
inline constexpr char kMachineName[] = "aarch64";  // uname, AT_PLATFORM
// The same for programs that ask for a 32-bit machine; empty: they must not.
inline constexpr char kMachineName32[] = "";
// Whether prctl() knows of an instruction that reads a time stamp counter.
inline constexpr bool kHasTimeStamps = false;
// User addresses are below this.
inline constexpr u64 kUserAddressEnd = 0xffff'ffff'f000;
// Where the initial stack ends, and where position-independent programs begin.
inline constexpr u64 kStackTop = 0xffff'ffff'8000;
// The code that the system gives every program, a little above: stack and code
// share a page table, and of that the entries that a fork copies at once.
inline constexpr u64 kVdsoAddress = 0xffff'ffff'a000;
inline constexpr u64 kVdsoBytes = 2 * kPageSize;
static_assert(kVdsoAddress + kVdsoBytes <= kUserAddressEnd);
// Where a signal handler returns to when the program says nothing else.
inline constexpr u64 kSignalTrampoline = kVdsoAddress + 0x800;
inline constexpr u64 kDynamicBase = 0xaaaa'aaaa'0000;
// No flag of mmap's asks for low addresses.
inline constexpr u64 kMapLow = 0;
inline constexpr u64 kLowStart = 0;
inline constexpr u64 kLowEnd = 0;
// Sizes of huge pages that MAP_HUGETLB may name, as powers of two.
inline constexpr u32 kHugePageShifts[] = {16, 21, 25, 30};
// What a call that its tracer leaves out comes to if that says nothing else:
// -ENOSYS, or what the result register holds, which is the first argument's.
constexpr i64 skipped_result(u64 number, u64 first) {
  return static_cast<i32>(number) == -1 ? -38 : static_cast<i64>(first);
}
// AUDIT_ARCH_*: how filters of system calls name the machine.
inline constexpr u32 kAuditArch = 0xc000'00b7;
// AT_MINSIGSTKSZ: bytes that a signal frame takes.
inline constexpr u64 kMinSigStackBytes = 4720;
// Least size that sigaltstack() takes (MINSIGSTKSZ).
inline constexpr u64 kMinAltStackBytes = 5120;

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_AARCH64_MACHINE_H_
