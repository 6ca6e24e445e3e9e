// What the process server knows about one thread.
#ifndef SERVERS_PROCESS_TASK_H_
#define SERVERS_PROCESS_TASK_H_

#include "servers/linux_abi/seccomp.h"
#include "servers/process/cpu_clock.h"
#include "servers/process/io_contexts.h"
#include "servers/process/signal/ending.h"
#include "servers/process/sysv/ipc_wait.h"

namespace tine::process {

struct OwnCapabilities;
struct PidNamespace;
struct SeccompFilter;
struct Trace;
struct UtsNamespace;
namespace sysv {
struct UndoList;
}

inline constexpr u32 kMostGroups = 32;

struct Credentials {
  u32 uid = 0, euid = 0, suid = 0, fsuid = 0;
  u32 gid = 0, egid = 0, sgid = 0, fsgid = 0;
  u32 group_count = 0;
  u32 groups[kMostGroups] = {};
};

inline constexpr u32 kNameBytes = 16;

// What a new thread starts with a copy of.
struct Inherited {
  u64 blocked = 0;
  linux_abi::SigAltStack alt_stack{0, linux_abi::kSsDisable, 0, 0};
  u64 timer_slack_ns = 50'000;
  u64 default_slack_ns = 50'000;  // its creator's of then
  i32 nice = 0;
  u32 persona = 0;
  IoContextId io = 0;  // held
  linux_abi::MceKill mce_kill = linux_abi::kMceKillDefault;
  bool is_io_flusher = false;
  i32 policy = 0;       // SCHED_OTHER
  i32 rt_priority = 0;  // of SCHED_FIFO and SCHED_RR
  bool reset_on_fork = false;
  bool no_huge_pages = false;
  bool no_new_privileges = false;
  bool is_watched = false;  // its calls come here first (watched_call.cc)
  linux_abi::SeccompMode seccomp_mode = linux_abi::kSeccompOff;
  char name[kNameBytes] = {};
  SeccompFilter* filter = nullptr;  // the newest, held
  UtsNamespace* uts = nullptr;      // held
  sysv::UndoList* undo = nullptr;   // shared by CLONE_SYSVSEM only
  // Held; null: those that its ids say (capabilities_of_ids()).
  OwnCapabilities* capabilities = nullptr;
  // Where its children are born; held; null: the first.
  PidNamespace* child_pids = nullptr;
  Credentials credentials;  // last: of its groups only those in use are copied
};

// A zombie is a leader that ended: it goes with its process.
enum class TaskState : u8 { kFree, kEmbryo, kLive, kZombie };

// Why the process server withholds the answer to a task's call.
enum class Wait : u8 {
  kNone,
  kChild,
  kVfork,
  kSleep,
  kCpuSleep,  // until a clock of CPU time has reached a time
  kPause,
  kSignal,
  kFutex,
  kFiles,  // of a Restart: poll's, at the vfs server
  // These are rare: leave_rare_wait().
  kFutexRequeue,  // for a word, to go on with a lock with inheritance
  kFutexPi,       // for such a lock
  kFutexVector,   // for any of many words
  kSemaphore,
  kSendMessage,
  kReceiveMessage,
};

// Which children wait4 or waitid takes, and where it reports.
struct WaitRequest {
  linux_abi::WaitId kind = linux_abi::kIdAll;
  Pid id = {};
  u32 options = 0;
  bool is_waitid = false;
  u64 status = 0;  // address of the status, or of waitid's siginfo
  u64 usage = 0;   // address of the rusage
};

// Which word a futex call means: a private one by mm and address, a shared one
// by what is mapped there.
struct FutexKey {
  u64 owner = 0;  // mm or object
  u64 place = 0;  // address or offset, and in its two lowest bits the kind
  constexpr bool operator==(const FutexKey&) const = default;
};

// That a task waits for one word.
struct FutexWaiter {
  FutexKey key = {};
  Task* task = nullptr;
  // Of those whose keys share a place in the FutexTable.
  FutexWaiter* next = nullptr;
  FutexWaiter* previous = nullptr;
  u32 bits = ~u32{0};
  u32 index = 0;  // of futex_waitv, whose result it is
};

struct FutexWait {
  FutexWaiter waiter = {};
  u64 address = 0;  // for a call that begins again
  u32 value = 0;
  bool is_private = false;
  bool was_requeued = false;    // Wait::kFutexPi: by FUTEX_CMP_REQUEUE_PI
  Task* owner = nullptr;        // Wait::kFutexPi: who has the lock
  Task* next_waiter = nullptr;  // Wait::kFutexPi: of the owner's
  Task* previous_waiter = nullptr;
  FutexKey requeue_key = {};  // Wait::kFutexRequeue: of the lock
  u64 requeue_address = 0;
};

// futex_waitv(): for many words at a time.
struct FutexVector {
  FutexWaiter* waiters;  // a block
  u32 count;
};

struct SleepWait {
  u64 deadline_ns;   // of CPU time, or as the timer has it
  u64 rest;          // address of the time that a signal leaves, or 0
  bool is_absolute;  // there is no rest
  CpuClock clock;    // of Wait::kCpuSleep
};

// A timed wait that ended early, and no handler ran: restart_syscall goes on
// with it for the rest of its time (struct restart_block).
struct Restart {
  u64 owner = 0;  // cookie of the task; another's, from before, means none
  Wait wait = Wait::kNone;
  u64 deadline_ns = 0;
  union {
    FutexWait futex = {};
    SleepWait sleep;
  };
};

struct Task {
  // ---- identity: set once for the slot, or at clone
  u32 index = 0;
  u32 generation = 1;
  TaskState state = TaskState::kFree;
  Pid tid;
  Process* process = nullptr;
  Task* next_thread = nullptr;  // of the process
  Task* previous_thread = nullptr;
  u32 created = 0;               // processes whose parent_task this is
  Task* vfork_parent = nullptr;  // whose vfork() returns when this one execs
  Task* vfork_child = nullptr;   // the other direction
  u64 files_record = 0;  // the journal's, by which vfs hears of the task

  // ---- life
  i32 status = 0;  // as wait4 reports it; also of a doomed task
  i32 death_signal = 0;
  bool is_doomed = false;   // in the list of tasks to end
  bool is_in_call = false;  // with tine.trace=calls
  Task* next_doomed = nullptr;

  // ---- the call whose answer is withheld
  Wait wait = Wait::kNone;
  u64 token = 0;
  Timer timer;
  union {
    WaitRequest wait_request = {};
    FutexWait futex;
    FutexVector futex_vector;
    struct {
      u64 set;
      u64 info;      // address of the siginfo
      bool is_read;  // of a signalfd: a signalfd_siginfo is read there
    } signal_wait;
    SleepWait sleep;
    sysv::IpcWait ipc;
  };

  // ---- what it does before it returns to the program (signal/notice.cc)
  bool is_noticed = false;      // in the list of threads to be settled
  bool has_ending = false;      // held by `token`, to be answered with `ending`
  bool is_parked = false;       // stands still, its process being stopped
  bool has_saved_mask = false;  // of a wait with a mask of its own
  Task* next_noticed = nullptr;
  Ending ending;
  u64 saved_mask = 0;  // blocked again when that wait is over
  Restart restart;

  // ---- memory and signals
  Mm* mm = nullptr;
  PendingSignals pending;  // to this thread alone
  u64 fault_address = 0;   // of its last fault
  Trace* trace = nullptr;  // null: not traced
  u64 clear_child_tid = 0;
  u64 robust_list = 0;
  // Tasks whose futex.owner this is, and the best real-time priority that they
  // run at (scheduler.h); none in a free slot.
  Task* pi_waiters = nullptr;
  i32 boost = 0;

  Inherited inherited;

  // By which the kernel and the vfs server name it; at least kFirstUserBadge.
  u64 cookie() const { return u64{generation} << 32 | index; }
  Credentials& credentials() { return inherited.credentials; }
  const Credentials& credentials() const { return inherited.credentials; }
  bool is_leader() const { return process->leader == this; }
};

inline Pid pid_of(const Task& task) { return task.process->pid; }

// Tracers have waited for the zombie and its threads (ptrace/end.cc).
inline bool is_told_of(const Process& zombie) {
  return zombie.leader->trace == nullptr &&
         zombie.first_thread == zombie.last_thread;
}

// 0 for who has no parent.
inline i32 parent_pid(const Process& process) {
  return process.parent != nullptr ? process.parent->pid.value : 0;
}

}  // namespace tine::process

#endif  // SERVERS_PROCESS_TASK_H_
