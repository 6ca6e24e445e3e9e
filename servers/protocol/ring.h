// One-way journal from the process server to a server below it (A5).
//
// The producer reserves a slot before its commit point, fills it, and lets the
// commit batch store the tail (OpCode::kStore, release): nothing published is
// ever retracted, nothing unpublished is ever seen. The consumer drains the
// ring before it handles any request, so ring order is happens-before.
#ifndef SERVERS_PROTOCOL_RING_H_
#define SERVERS_PROTOCOL_RING_H_

#include "kernel/base/types.h"

namespace tine {

enum class RingOp : u32 {
  kNone = 0,
  // To vfs. a, b = cookies of tasks.
  kFilesNew,      // a = first task: console on 0, 1, 2; cwd /
  kFilesDup,      // a = parent, b = child, flags: kRingShare*
  kFilesExec,     // a = task: close-on-exec, unshare
  kFilesDrop,     // a = task
  kFilesUnshare,  // a = task, flags: kRingShare* that it leaves
  kFilesLimit,    // a = task, b = RLIMIT_NOFILE, c = RLIMIT_FSIZE
  // To memory. a = mm badge.
  kMmCommit,     // the prepared mm now belongs to a published thread
  kMmDrop,       // last user gone
  kMmLimits,     // b = RLIMIT_AS, c = RLIMIT_DATA, in bytes; flags =
                 // RLIMIT_STACK in pages, all ones: none
  kMmLockLimit,  // b = bytes that may be locked, all ones: no limit
};

inline constexpr u32 kRingShareFiles = 1;  // CLONE_FILES
inline constexpr u32 kRingShareFs = 2;     // CLONE_FS

struct RingRecord {
  RingOp op;
  u32 flags;
  u64 a;
  u64 b;
  u64 c;
};
static_assert(sizeof(RingRecord) == 32);

// Exactly one page, shared by two servers. Positions count up for ever; slot =
// position % kSlots. Written by: tail the producer (through the kernel), head
// the consumer (release, after it has acted).
struct Ring {
  static constexpr u64 kSlots = 120;
  u64 tail;
  u64 pad0[7];
  u64 head;
  u64 pad1[7];
  RingRecord slots[kSlots];
};
static_assert(sizeof(Ring) <= 4096);

}  // namespace tine

#endif  // SERVERS_PROTOCOL_RING_H_
