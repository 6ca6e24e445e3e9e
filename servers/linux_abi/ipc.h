// System V IPC: structures and constants (linux/ipc.h, shm.h, sem.h, msg.h),
// the same on both architectures but for arch/semaphore_status.h.
#ifndef SERVERS_LINUX_ABI_IPC_H_
#define SERVERS_LINUX_ABI_IPC_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

inline constexpr i32 kIpcPrivate = 0;

// Flags of the get calls, beside the nine bits of permissions.
inline constexpr u32 kIpcCreate = 01000;
inline constexpr u32 kIpcExclusive = 02000;
inline constexpr u32 kIpcNoWait = 04000;
inline constexpr u32 kIpcModeMask = 0777;

// Commands of the ctl calls.
enum IpcCommand : i32 {
  kIpcRemove = 0,
  kIpcSet = 1,
  kIpcStat = 2,
  kIpcInfo = 3,

  kShmLock = 11,
  kShmUnlock = 12,
  kShmStat = 13,
  kShmInfo = 14,
  kShmStatAny = 15,

  kSemGetPid = 11,
  kSemGetValue = 12,
  kSemGetAll = 13,
  kSemGetWaiting = 14,      // GETNCNT
  kSemGetZeroWaiting = 15,  // GETZCNT
  kSemSetValue = 16,
  kSemSetAll = 17,
  kSemStat = 18,
  kSemInfo = 19,
  kSemStatAny = 20,

  kMsgStat = 11,
  kMsgInfo = 12,
  kMsgStatAny = 13,
};

// struct ipc64_perm.
struct IpcPermissions {
  i32 key;
  u32 uid;
  u32 gid;
  u32 cuid;
  u32 cgid;
  u32 mode;
  u16 sequence;
  u16 padding[3];
  u64 reserved[2];
};
static_assert(sizeof(IpcPermissions) == 48);

// ---- shared memory

inline constexpr u32 kShmHugePages = 04000;  // of shmget
inline constexpr u32 kShmNoReserve = 010000;
inline constexpr u32 kShmReadOnly = 010000;  // of shmat
inline constexpr u32 kShmRound = 020000;
inline constexpr u32 kShmRemap = 040000;
inline constexpr u32 kShmExecute = 0100000;
inline constexpr u32 kShmDestroyed = 01000;  // in the mode: SHM_DEST
inline constexpr u32 kShmLocked = 02000;

// struct shmid64_ds.
struct SegmentStatus {
  IpcPermissions permissions;
  u64 bytes;
  i64 attached;
  i64 detached;
  i64 changed;
  i32 creator;
  i32 last;
  u64 attachments;
  u64 reserved[2];
};
static_assert(sizeof(SegmentStatus) == 112);

// struct shminfo64.
struct SegmentLimits {
  u64 most_bytes;
  u64 least_bytes;
  u64 most;
  u64 most_per_process;
  u64 most_pages;
  u64 reserved[4];
};
static_assert(sizeof(SegmentLimits) == 72);

// struct shm_info.
struct SegmentUsage {
  i32 used;
  u64 pages;
  u64 resident;
  u64 swapped;
  u64 swap_attempts;
  u64 swap_successes;
};
static_assert(sizeof(SegmentUsage) == 48);

inline constexpr u32 kMostSegments = 4096;                     // SHMMNI
inline constexpr u64 kMostSegmentBytes = ~u64{0} - (1 << 24);  // SHMMAX

// ---- semaphores

// struct sembuf.
struct SemaphoreOperation {
  u16 number;
  i16 change;
  i16 flags;
};
static_assert(sizeof(SemaphoreOperation) == 6);
inline constexpr i32 kSemUndo = 0x1000;

// struct seminfo.
struct SemaphoreLimits {
  i32 map;
  i32 most_sets;
  i32 most_semaphores;
  i32 most_undos;
  i32 most_in_set;
  i32 most_operations;
  i32 most_undo_entries;
  i32 undo_bytes;  // SEM_INFO: sets in use
  i32 most_value;
  i32 most_adjustment;  // SEM_INFO: semaphores in use
};
static_assert(sizeof(SemaphoreLimits) == 40);

inline constexpr i32 kMostSets = 32000;               // SEMMNI
inline constexpr i32 kMostInSet = 32000;              // SEMMSL
inline constexpr i32 kMostSemaphores = 1024000000;    // SEMMNS
inline constexpr u32 kMostSemaphoreOperations = 500;  // SEMOPM
inline constexpr i32 kMostSemaphoreValue = 32767;     // SEMVMX, SEMAEM

// ---- message queues

inline constexpr u32 kMsgNoError = 010000;
inline constexpr u32 kMsgExcept = 020000;
inline constexpr u32 kMsgCopy = 040000;

// struct msqid64_ds.
struct QueueStatus {
  IpcPermissions permissions;
  i64 sent;
  i64 received;
  i64 changed;
  u64 bytes;
  u64 messages;
  u64 most_bytes;
  i32 last_sender;
  i32 last_receiver;
  u64 reserved[2];
};
static_assert(sizeof(QueueStatus) == 120);

// struct msginfo.
struct QueueLimits {
  i32 pool;  // MSG_INFO: queues
  i32 map;   // MSG_INFO: messages
  i32 most_message_bytes;
  i32 most_queue_bytes;
  i32 most_queues;
  i32 segment_bytes;
  i32 most_headers;  // MSG_INFO: bytes
  u16 segments;
};
static_assert(sizeof(QueueLimits) == 32);

inline constexpr i32 kMostQueues = 32000;       // MSGMNI
inline constexpr u64 kMostMessageBytes = 8192;  // MSGMAX
inline constexpr u64 kMostQueueBytes = 16384;   // MSGMNB

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_IPC_H_
