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
  // 0 = mm, 1 = lowest address that is kept for the stack, 2 = top, 3 = bytes
  // it may grow to (RLIMIT_STACK; 0: to the lowest address). Maps its top, and
  // above it what programs get from the system (kVdsoAddress).
  kMmSetStack,
  // Makes a page accessible as a fault would. 0 = mm, 1 = address, 2 = Access.
  // EFAULT (nothing mapped there or no right), ENOMEM.
  kMmPrefault,
  // -> 1 = total pages of VMAs, 2 = resident pages, 3 = minor faults.
  kMmStat,
  // For /proc/PID/status. 0 = mm, 1 = address of an MmStatus in the caller's
  // memory. ESRCH.
  kMmStatus,
  // For /proc/PID/maps. 0 = mm, 1 = address of an array of MmArea in the
  // caller's memory, 2 = its length, 3 = lowest end of the first area wanted.
  // -> 1 = how many were written; ask again from the last one's end. ESRCH.
  kMmAreas,
  // Copies from a program's memory. 0 = mm, 1 = address, 2 = address in the
  // caller's memory, 3 = bytes, 4 = kMmForce or 0. -> 0 = bytes copied: those
  // before the first that cannot be read, EFAULT if that is none.
  kMmRead,
  // The same into a program's memory: 2 = address in the caller's memory.
  kMmWrite,
  // What the word of a shared futex is. 0 = mm, 1 = address. -> 1 = object, 2 =
  // offset in it, 3 = rights; object 0: private memory, known by mm and
  // address.
  // EFAULT.
  kMmKey,
  // Objects: file contents. 0 = slot in the caller's table for the Space (0:
  // none is given),
  // 1 = bytes (0: none yet), 2 = ObjectContent, 3 = key of a segment.
  // -> 1 = ObjectId. ENOMEM.
  kObjectNew,
  // 0 = object: drop the maker's reference; mappings keep it alive.
  kObjectDrop,
  // The file's size has changed. 0 = object, 1 = bytes, 2 = bytes before. What
  // it loses is gone: frames are given back, the rest of the last page is zero,
  // and mappings of removed pages, private ones too, are answered by SIGBUS.
  // What it gains reads as zeros. A mapping sees the size told last, so it is
  // told when a file shrinks, before one is mapped or executed, and from then
  // on with each change; the pages of a sparse object can be written without.
  // ENOMEM only if an object that is not sparse grows.
  kObjectResize,
  // Makes part of a sparse object zeros and gives the frames back. 0 = object,
  // 1 = first byte, 2 = bytes.
  kObjectPunch,
  // -> 1 = frames free, 2 = frames total, 3 = mms live, 4 = objects live, 5 =
  // pages promised (Committed_AS), 6 = most that may be (CommitLimit), 7 =
  // vm.overcommit_memory | vm.overcommit_ratio << 8.
  kMemoryInfo,
  // 0 = vm.overcommit_memory, 1 = vm.overcommit_ratio. EINVAL.
  kSetOvercommit,
  // mmap of a file, for a program that asked for it: the memory server had
  // passed the call on (VfsLabel::kMapFile). 0 = mm, 1 = address, 2 = length,
  // 3 = PROT_* | MAP_* << 32, 4 = object (0: an empty file's), 5 = offset in
  // it, 6 = kMap*. -> 0 = what mmap answers.
  kMmMapFile,
  // 0 = nanoseconds that CLOCK_REALTIME is ahead of CLOCK_MONOTONIC from now
  // on:
  // programs read clocks without a call.
  kSetRealtime,
  // Processes the ring's records now, so that it has room again.
  kDrain,
  // shmdt: 0 = mm, 1 = address. Takes out all of a segment that was mapped with
  // its beginning there. -> 1 = the segment's object. EINVAL: there is none.
  kMmDetach,
  // process_madvise: 0 = mm, 1 = address, 2 = bytes, 3 = MADV_* that needs no
  // memory. What madvise answers.
  kMmAdvise,
  // 0 = object. -> 1 = areas of all mms that map it, 2 = pages that it has, 3 =
  // areas that are shared and may be written to.
  kObjectUse,
};

// Of kObjectNew.
enum class ObjectContent : u64 {
  kZeros,    // frames for all of it
  kNone,     // the caller puts every page in
  kSparse,   // zeros, whatever the size; a frame comes with the first write
  kSegment,  // the same, of shmget
  kShared,   // the same, of MAP_SHARED | MAP_ANONYMOUS: the memory server's own
};

// Of kMmRead and kMmWrite: as a debugger does, whatever the area's protection.
// Only private areas can be written to against it; their pages become copies.
inline constexpr u64 kMmForce = 1;

// A line of /proc/PID/maps.
struct MmArea {
  u64 start;
  u64 end;
  u64 offset;       // in the object
  ObjectId object;  // 0: none
  u8 prot;          // PROT_*
  u8 shared;
  u8 locked;
  u8 name;  // MmAreaName
  i32 key;  // of kSegment
};
enum class MmAreaName : u8 { kNone, kHeap, kStack, kVdso, kShared, kSegment };

// All in pages.
struct MmStatus {
  u64 total;
  u64 total_peak;
  u64 resident;
  u64 resident_peak;
  u64 locked;
  u64 data;  // private and writable, without stacks
  u64 stack;
  u64 code;  // executable, of files
  u64 shared;
  u64 minor_faults;
  u64 break_start;  // an address
  u64 break_end;    // an address
};

// Of kSetOvercommit: so that no product with a number of pages overflows.
inline constexpr u64 kMostOvercommitRatio = 1'000'000;

// Of kMmMapFile.
inline constexpr u64 kMapMayWrite = 1;  // PROT_WRITE, now or ever
inline constexpr u64 kMapZeros = 2;     // /dev/zero: no object

}  // namespace tine

#endif  // SERVERS_PROTOCOL_MEMORY_H_
