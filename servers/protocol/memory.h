// Requests to the memory server from the process and vfs servers.
//
// A request's label says which; words as listed. Answers: words[0] = 0 or a
// negated errno, further words as listed. Besides these the memory server gets
// kLabelSyscall (brk, mmap, ... of managed threads; words[6] = their mm) and
// kLabelFault.
#ifndef SERVERS_PROTOCOL_MEMORY_H_
#define SERVERS_PROTOCOL_MEMORY_H_

#include "kernel/base/types.h"

namespace tine {

// Both are opaque to everyone else. An MmId is the badge of the mm's Space, at
// least kFirstUserBadge, chosen by the memory server and never reused while
// anyone can hold it.
using MmId = u64;
using ObjectId = u64;

enum class MemoryLabel : u16 {
  // A new, empty mm. 0 = slot for its Space in the caller's table (given by
  // kHandleGive). -> 1 = MmId. ENOMEM.
  kMmNew = 0x100,
  // dup_mm. 0 = source mm, 1 = slot, 2 = ForkMode. -> 1 = MmId. The new mm is
  // *prepared*: aborted by kMmAbort, kept by the ring record kMmCommit. ENOMEM.
  kMmFork,
  // 0 = mm prepared by kMmNew or kMmFork and not committed: undo it all.
  kMmAbort,
  // exec builds an mm. 0 = mm, 1 = address, 2 = bytes, 3 = PROT_* | MAP_* <<
  // 32,
  // 4 = object (0: anonymous), 5 = offset in it, 6 = bytes of the object
  // mapped; what is left of the last page and of the area is zero. Address and
  // offset agree modulo the page size. ENOMEM, EINVAL, EEXIST (overlap).
  kMmMap,
  // 0 = mm, 1 = first address of the break (rounded up to a page).
  kMmSetBreak,
  // 0 = mm, 1 = lowest address the stack may grow to, 2 = top; maps the area,
  // growing down.
  kMmSetStack,
  // Makes a page accessible as a fault would. 0 = mm, 1 = address, 2 = Access.
  // EFAULT (nothing mapped there or no right), ENOMEM.
  kMmPrefault,
  // -> 1 = total pages of VMAs, 2 = resident pages, 3 = minor faults.
  kMmStat,
  // Objects: file contents. 0 = slot in the caller's table for the Space,
  // 1 = bytes (0: none yet), 2 = 0: all zero, 1: without pages: the caller puts
  // in every one of them. -> 1 = ObjectId. ENOMEM.
  kObjectNew,
  // 0 = object: drop the maker's reference; mappings keep it alive.
  kObjectDrop,
  // -> 1 = frames free, 2 = frames total, 3 = mms live, 4 = objects live.
  kMemoryInfo,
  // mmap of a file, for a program that asked for it: the memory server had
  // passed the call on (VfsLabel::kMapFile). 0 = mm, 1 = address, 2 = length,
  // 3 = PROT_* | MAP_* << 32, 4 = object (0: an empty file's), 5 = offset in
  // it, 6 = kMap*. -> 0 = what mmap answers.
  kMmMapFile,
  // Processes the ring's records now, so that it has room again.
  kDrain,
};

// Of kMmMapFile.
inline constexpr u64 kMapMayWrite = 1;  // PROT_WRITE, now or ever
inline constexpr u64 kMapZeros = 2;     // /dev/zero: no object

}  // namespace tine

#endif  // SERVERS_PROTOCOL_MEMORY_H_
