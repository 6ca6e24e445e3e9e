// Constants of mmap and its family (asm-generic/mman-common.h, linux/mman.h;
// the same on both architectures).
#ifndef SERVERS_LINUX_ABI_MMAN_H_
#define SERVERS_LINUX_ABI_MMAN_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

// PROT_READ, PROT_WRITE and PROT_EXEC have the values of the kernel's Rights.
inline constexpr u64 PROT_READ = 1;
inline constexpr u64 PROT_WRITE = 2;
inline constexpr u64 PROT_EXEC = 4;
inline constexpr u64 PROT_SEM = 8;  // says nothing
inline constexpr u64 PROT_GROWSDOWN = 0x01000000;
inline constexpr u64 PROT_GROWSUP = 0x02000000;
inline constexpr u64 PROT_MASK = PROT_READ | PROT_WRITE | PROT_EXEC;

inline constexpr u64 MAP_SHARED = 0x01;
inline constexpr u64 MAP_PRIVATE = 0x02;
inline constexpr u64 MAP_SHARED_VALIDATE = 0x03;
inline constexpr u64 MAP_TYPE = 0x0f;
inline constexpr u64 MAP_FIXED = 0x10;
inline constexpr u64 MAP_ANONYMOUS = 0x20;
inline constexpr u64 MAP_GROWSDOWN = 0x100;
inline constexpr u64 MAP_LOCKED = 0x2000;
inline constexpr u64 MAP_NORESERVE = 0x4000;
inline constexpr u64 MAP_POPULATE = 0x8000;
inline constexpr u64 MAP_NONBLOCK = 0x10000;
inline constexpr u64 MAP_HUGETLB = 0x40000;
inline constexpr u64 MAP_HUGE_SHIFT = 26;  // a power of two, 0: any
inline constexpr u64 MAP_HUGE_MASK = 0x3f;
inline constexpr u64 MAP_FIXED_NOREPLACE = 0x100000;
// What MAP_SHARED_VALIDATE knows (LEGACY_MAP_MASK).
inline constexpr u64 MAP_VALIDATED = 0xfc07f9f3;

inline constexpr u64 MREMAP_MAYMOVE = 1;
inline constexpr u64 MREMAP_FIXED = 2;
inline constexpr u64 MREMAP_DONTUNMAP = 4;

inline constexpr u64 MCL_CURRENT = 1;
inline constexpr u64 MCL_FUTURE = 2;
inline constexpr u64 MCL_ONFAULT = 4;
inline constexpr u64 MLOCK_ONFAULT = 1;

inline constexpr u64 MS_ASYNC = 1;
inline constexpr u64 MS_INVALIDATE = 2;
inline constexpr u64 MS_SYNC = 4;

inline constexpr u64 MADV_NORMAL = 0;
inline constexpr u64 MADV_RANDOM = 1;
inline constexpr u64 MADV_SEQUENTIAL = 2;
inline constexpr u64 MADV_WILLNEED = 3;
inline constexpr u64 MADV_DONTNEED = 4;
inline constexpr u64 MADV_FREE = 8;
inline constexpr u64 MADV_REMOVE = 9;
inline constexpr u64 MADV_DONTFORK = 10;
inline constexpr u64 MADV_DOFORK = 11;
inline constexpr u64 MADV_MERGEABLE = 12;
inline constexpr u64 MADV_UNMERGEABLE = 13;
inline constexpr u64 MADV_HUGEPAGE = 14;
inline constexpr u64 MADV_NOHUGEPAGE = 15;
inline constexpr u64 MADV_DONTDUMP = 16;
inline constexpr u64 MADV_DODUMP = 17;
inline constexpr u64 MADV_WIPEONFORK = 18;
inline constexpr u64 MADV_KEEPONFORK = 19;
inline constexpr u64 MADV_COLD = 20;
inline constexpr u64 MADV_PAGEOUT = 21;
inline constexpr u64 MADV_POPULATE_READ = 22;
inline constexpr u64 MADV_POPULATE_WRITE = 23;
inline constexpr u64 MADV_DONTNEED_LOCKED = 24;

// Signals that the memory server raises, and their codes.
inline constexpr u64 SIGBUS_NUMBER = 7;
inline constexpr u64 SIGKILL_NUMBER = 9;
inline constexpr u64 SIGSEGV_NUMBER = 11;
inline constexpr u64 SEGV_MAPERR = 1;
inline constexpr u64 SEGV_ACCERR = 2;
inline constexpr u64 BUS_ADRERR = 2;

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_MMAN_H_
