// One-way journal from the process server to the servers below it (A5).
//
// The producer reserves a slot before its commit point, fills it, and lets the
// commit batch store the tail (OpCode::kStore, release): nothing published is
// ever retracted, nothing unpublished is ever seen. All readers read all of it,
// so that one store tells them all; each acts on the records that are for it,
// and before it handles any request, so ring order is happens-before.
#ifndef SERVERS_PROTOCOL_RING_H_
#define SERVERS_PROTOCOL_RING_H_

#include "kernel/base/types.h"

namespace tine {

enum class RingOp : u32 {
  kNone = 0,
  // For vfs. a, b = cookies of tasks.
  kFilesNew,      // a = first task: console on 0, 1, 2; cwd /
  kFilesDup,      // a = parent, b = child, flags: kRingShare*
  kFilesExec,     // a = task: close-on-exec, unshare
  kFilesDrop,     // a = task
  kFilesUnshare,  // a = task, flags: kRingShare* that it leaves
  kFilesPidFd,    // a = task: the descriptor reserved for it is there
  kProcessEnded,  // a = serial number of a process with a pidfd, b = its leader
  kFilesLimit,    // a = task, b = RLIMIT_NOFILE, c = RLIMIT_FSIZE, flags =
                  // RLIMIT_MSGQUEUE, all ones: as good as none
  // For memory. a = mm badge.
  kMmCommit,     // the prepared mm now belongs to a published thread
  kMmDrop,       // last user gone, and its space destroyed
  kMmLimits,     // b = RLIMIT_AS, c = RLIMIT_DATA, in bytes; flags =
                 // RLIMIT_STACK in pages, all ones: none
  kMmLockLimit,  // b = bytes that may be locked, all ones: no limit
};

constexpr bool is_for_memory(RingOp op) { return op >= RingOp::kMmCommit; }

// Whether it may end what some call waits for: closed files, ended processes.
// Its reader is told at once. All others are in time before the next request.
constexpr bool may_wake(RingOp op) {
  return op == RingOp::kFilesExec || op == RingOp::kFilesDrop ||
         op == RingOp::kFilesUnshare || op == RingOp::kProcessEnded;
}

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

enum class RingReader : u8 { kMemory, kVfs };
inline constexpr unsigned kRingReaders = 2;

// Exactly one page, shared by the servers. Positions count up for ever; slot =
// position % kSlots. Written by: tail the producer (through the kernel), head
// each reader its own (release, after it has acted).
struct Ring {
  static constexpr u64 kSlots = 120;
  struct alignas(64) Position {
    u64 value;
  };
  Position tail;
  Position heads[kRingReaders];
  RingRecord slots[kSlots];

  Position& head(RingReader reader) {
    return heads[static_cast<unsigned>(reader)];
  }
};
static_assert(sizeof(Ring) <= 4096);

// The reader's end: what was published since the last time. Whether there was
// anything.
template <typename Apply>
inline bool drain(Ring* ring, RingReader reader, Apply apply) {
  if (ring == nullptr) return false;
  // Acquire: the records below the tail are complete.
  const u64 tail = __atomic_load_n(&ring->tail.value, __ATOMIC_ACQUIRE);
  u64& position = ring->head(reader).value;
  u64 head = position;
  if (head == tail) [[likely]]
    return false;
  for (; head != tail; ++head) {
    const RingRecord& record = ring->slots[head % Ring::kSlots];
    if (is_for_memory(record.op) == (reader == RingReader::kMemory)) {
      apply(record);
    }
  }
  // Release: the slots up to here may be written again.
  __atomic_store_n(&position, head, __ATOMIC_RELEASE);
  return true;
}

}  // namespace tine

#endif  // SERVERS_PROTOCOL_RING_H_
