// What the process server knows about one process.
//
// A process has one thread so far, so a Task is both; what threads of one
// process will share is reached through pointers (mm, handlers) already.
#ifndef SERVERS_PROCESS_TASK_H_
#define SERVERS_PROCESS_TASK_H_

#include <compare>

#include "kernel/abi/batch.h"
#include "servers/linux_abi/process.h"
#include "servers/linux_abi/signal.h"
#include "servers/protocol/memory.h"

namespace tine::process {

struct Pid {
  i32 value = 0;
  constexpr auto operator<=>(const Pid&) const = default;
};
inline constexpr Pid kInitPid{1};

// A program file that runs somewhere: told to the vfs server when it no longer
// does.
struct Executable {
  u64 file = 0;
  u32 users = 0;  // mms
  Executable* next_idle = nullptr;
};

// An address space as far as it concerns processes.
struct Mm {
  MmId id = 0;
  Handle space = kNoHandle;  // slot of this record for its Space
  u32 users = 0;             // tasks
  Executable* executable = nullptr;
  Mm* next_free = nullptr;
};

// Signal actions. Tasks share a table until one of them changes it.
struct Handlers {
  u32 holders = 1;
  u64 custom = 0;  // signals whose handler is a function
  linux_abi::SigAction actions[linux_abi::kSignals] = {};

  const linux_abi::SigAction& of(i32 signal) const {
    return actions[signal - 1];
  }
};

inline constexpr u32 kMostGroups = 32;

struct Credentials {
  u32 uid = 0, euid = 0, suid = 0, fsuid = 0;
  u32 gid = 0, egid = 0, sgid = 0, fsgid = 0;
  u32 group_count = 0;
  u32 groups[kMostGroups] = {};

  bool is_root() const { return euid == 0; }
};

inline constexpr u32 kNameBytes = 16;

// Of memory, in pages and faults.
struct MemoryUsage {
  u64 most_pages = 0;
  u64 faults = 0;

  void add(const MemoryUsage& other) {
    if (other.most_pages > most_pages) most_pages = other.most_pages;
    faults += other.faults;
  }
};

// What a child starts with a copy of.
struct Inherited {
  Credentials credentials;
  linux_abi::Rlimit limits[linux_abi::kLimits] = {};
  u64 blocked = 0;
  linux_abi::SigAltStack alt_stack{0, linux_abi::kSsDisable, 0, 0};
  u64 timer_slack_ns = 50'000;
  i32 nice = 0;
  u32 persona = 0;
  i32 policy = 0;       // SCHED_OTHER
  i32 rt_priority = 0;  // of SCHED_FIFO and SCHED_RR
  bool reset_on_fork = false;
  bool no_huge_pages = false;
  u8 dumpable = 1;
  bool no_new_privileges = false;
  bool keep_capabilities = false;
  char name[kNameBytes] = {};
};

enum class TaskState : u8 { kFree, kEmbryo, kLive, kZombie };

// Why the process server withholds the answer to a task's call.
enum class Wait : u8 { kNone, kChild, kVfork, kSleep, kPause, kSignal, kFutex };

// Which children wait4 or waitid takes, and where it reports.
struct WaitRequest {
  linux_abi::WaitId kind = linux_abi::kIdAll;
  Pid id = {};
  u32 options = 0;
  bool is_waitid = false;
  u64 status = 0;  // address of the status, or of waitid's siginfo
  u64 usage = 0;   // address of the rusage
};

struct FutexWait {
  u64 address = 0;
  u32 bits = 0;
  bool is_private = false;
};

struct Task {
  // ---- identity: set once for the slot, or at clone
  u32 index = 0;
  u32 generation = 1;
  TaskState state = TaskState::kFree;
  Pid pid;
  Pid group;
  Pid session;

  // ---- tree. Children are in order of creation.
  Task* parent = nullptr;
  Task* first_child = nullptr;
  Task* last_child = nullptr;
  Task* next_sibling = nullptr;
  Task* previous_sibling = nullptr;
  Task* vfork_parent = nullptr;  // whose vfork() returns when this one execs
  Task* vfork_child = nullptr;   // the other direction

  // ---- life
  i32 exit_signal = 0;
  i32 status = 0;  // as wait4 reports it; also of a doomed task
  i32 death_signal = 0;
  bool is_doomed = false;  // in the list of tasks to end
  bool is_subreaper = false;
  bool has_execed = false;  // since it was cloned: setpgid by its parent
  Task* next_doomed = nullptr;

  // ---- the call whose answer is withheld
  Wait wait = Wait::kNone;
  u64 token = 0;
  u64 deadline_ns = 0;  // 0: not in the timer list
  Task* next_timer = nullptr;
  Task* previous_timer = nullptr;
  union {
    WaitRequest wait_request = {};
    FutexWait futex;
    struct {
      u64 set;
      u64 info;  // address of the siginfo
    } signal_wait;
  };

  // ---- memory and signals
  Mm* mm = nullptr;
  Handlers* handlers = nullptr;
  u64 pending = 0;
  u64 clear_child_tid = 0;
  u64 robust_list = 0;
  u64 past_faults = 0;         // of the programs before an exec
  MemoryUsage usage;           // as last measured
  MemoryUsage children_usage;  // of those that were waited for

  Inherited inherited;

  // By which the kernel and the vfs server name it; at least kFirstUserBadge.
  u64 cookie() const { return u64{generation} << 32 | index; }
  Credentials& credentials() { return inherited.credentials; }
  const Credentials& credentials() const { return inherited.credentials; }
};

// As getppid answers: 0 for who has no parent.
inline i32 parent_pid(const Task& task) {
  return task.parent != nullptr ? task.parent->pid.value : 0;
}

}  // namespace tine::process

#endif  // SERVERS_PROCESS_TASK_H_
