// The task board (A12): what other servers may know about tasks. The process
// server writes it; the vfs server reads it, for permission checks, rules of
// terminals and /proc, so that nobody ever has to call upwards.
//
// An array of ServerConfig::board_records records at ServerConfig::board, in
// wired pages that the vfs server cannot write. A task's record is the one at
// the low 32 bits of its cookie.
#ifndef SERVERS_PROTOCOL_TASK_BOARD_H_
#define SERVERS_PROTOCOL_TASK_BOARD_H_

#include "kernel/base/types.h"
#include "servers/linux_abi/capability.h"

namespace tine {

inline constexpr u32 kBoardGroups = 32;
inline constexpr u32 kBoardNameBytes = 16;

// Of BoardRecord::flags.
enum BoardFlag : u16 {
  kBoardSessionLeader = 1,
  kBoardExiting = 2,
  kBoardForkedNoExec = 4,  // since its fork it has not run exec
  kBoardDumpable = 8,      // /proc/PID belongs to its own user
  kBoardNoNewPrivileges = 16,
  kBoardOwnCapabilities = 64,  // `capabilities` mean something
  kBoardSeccompStrict = 128,
  kBoardSeccompFilter = 256,
};

// One task, that is, one thread of a process.
struct BoardRecord {
  u32 sequence;  // odd while it is being written
  u16 flags;     // BoardFlag
  char state;    // as /proc shows it: R S D T t Z X; 0: the record is free
  u8 pid_space;  // id of its pid namespace (pid_numbers.h); 0: the first
  u64 cookie;
  i32 tid, tgid, ppid, pgid, sid;  // numbers in the first pid namespace
  i32 exit_signal;                 // -1: not the leader of its process
  i32 threads;                     // of its process
  i32 priority;  // as /proc shows it: 20 + nice, or -1 - real-time priority
  std::int8_t nice;
  u8 uts_space;                // id of its names' namespace; 0: the first
  i16 oom_adjust;              // oom_score_adj
  i32 tracer;                  // tid, or 0
  u8 policy;                   // SCHED_*
  u8 child_pid_space;          // id of that where its children are born
  i16 least_oom_adjust;        // below it only the superuser may set it
  char name[kBoardNameBytes];  // ends with NUL

  // ---- credentials
  u32 uid, euid, suid, fsuid;
  u32 gid, egid, sgid, fsgid;
  u32 group_count;
  // Only the first `group_count` mean something.
  u32 groups[kBoardGroups];

  // ---- signals: bit n-1 is signal n
  u64 pending;         // of the thread
  u64 shared_pending;  // of the process
  u64 blocked;
  u64 ignored;
  u64 caught;

  // ---- times
  u64 start_ns;   // since boot
  u64 user_ns;    // CPU time, as last measured
  u64 system_ns;  // served time, likewise
  u64 minor_faults;
  // Of the process's children that were waited for; in its leader's record.
  u64 children_user_ns, children_system_ns, children_minor_faults;

  // Only if kBoardOwnCapabilities is set; else they follow from the ids.
  linux_abi::CapabilitySets capabilities;

  // ---- memory: addresses in the program
  u64 mm;  // badge of its space; 0: none any more
  u64 start_code, end_code, start_stack;
  u64 arguments_begin, arguments_end;
  u64 environment_begin, environment_end;
};
static_assert(sizeof(BoardRecord) == 440);

inline linux_abi::CapabilitySets capabilities_of(const BoardRecord& record) {
  if ((record.flags & kBoardOwnCapabilities) != 0) return record.capabilities;
  return linux_abi::capabilities_of_ids(record.uid, record.euid, record.suid,
                                        record.fsuid);
}

// The writer's brackets around a change. Seqlock: a reader that sees the same
// even number before and after has read one state.
inline void board_begin(BoardRecord& record) {
  __atomic_store_n(&record.sequence, record.sequence + 1, __ATOMIC_RELAXED);
  // Release fence: no change is seen before the odd number.
  __atomic_thread_fence(__ATOMIC_RELEASE);
}
inline void board_end(BoardRecord& record) {
  // Release: all changes are seen with the even number.
  __atomic_store_n(&record.sequence, record.sequence + 1, __ATOMIC_RELEASE);
}

// The reader's: `read(record)` runs until nothing was written meanwhile. With
// one CPU the writer has always finished, and it runs once.
template <typename Read>
void board_read(const BoardRecord& record, Read read) {
  for (;;) {
    // Acquire: what is read is not older than the number.
    const u32 before = __atomic_load_n(&record.sequence, __ATOMIC_ACQUIRE);
    if ((before & 1) != 0) continue;
    read(record);
    // Acquire fence: what was read is not younger than the number.
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (__atomic_load_n(&record.sequence, __ATOMIC_RELAXED) == before) return;
  }
}

}  // namespace tine

#endif  // SERVERS_PROTOCOL_TASK_BOARD_H_
