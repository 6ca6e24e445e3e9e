// What the process server knows about one process: a group of threads with one
// pid, one place in the tree, one set of signal actions and limits.
#ifndef SERVERS_PROCESS_PROCESS_H_
#define SERVERS_PROCESS_PROCESS_H_

#include <compare>

#include "kernel/abi/batch.h"
#include "servers/linux_abi/process.h"
#include "servers/linux_abi/signal.h"
#include "servers/process/signal/pending.h"
#include "servers/process/timers/timer.h"
#include "servers/protocol/memory.h"

namespace tine::process {

struct Executable;
struct PidNamespace;
struct Task;
struct Trace;

// Numbers a thread (tid), a process (the tid of its leader), a process group or
// a session, in the first pid namespace. Programs in others see other numbers.
struct Pid {
  i32 value = 0;
  constexpr auto operator<=>(const Pid&) const = default;
};
inline constexpr Pid kInitPid{1};

// What an mm's program has asked for, inherited by fork.
enum MmTrait : u32 {
  kMmHasSegments = 1,  // shmat was called
  kMmHasBarriers = 2,  // membarrier() is registered for
  kMmHasCoreBarriers = 4,
};
inline constexpr i32 kPidMax = 32768;  // exclusive
// Where numbers go on after the largest: the low ones stay with the system.
inline constexpr i32 kFirstReusedPid = 300;

// An address space as far as it concerns processes.
struct Mm {
  MmId id = 0;
  Handle space = kNoHandle;  // slot of this record for its Space
  u32 users = 0;             // tasks
  Executable* executable = nullptr;
  u32 traits = 0;  // MmTrait
  Mm* next_free = nullptr;
};

// Signal actions. Processes share a table until one of them changes it.
struct Handlers {
  u32 holders = 1;  // processes, and boxes of SharedActions
  u64 custom = 0;   // signals whose handler is a function
  linux_abi::SigAction actions[linux_abi::kSignals] = {};

  const linux_abi::SigAction& of(i32 signal) const {
    return actions[signal - 1];
  }
};

// The table of processes that see each other's changes (CLONE_SIGHAND without
// CLONE_THREAD).
struct SharedActions {
  u32 holders = 1;  // processes
  Handlers* handlers = nullptr;
};

// Of memory, in pages and faults.
struct MemoryUsage {
  u64 most_pages = 0;
  u64 faults = 0;

  void add(const MemoryUsage& other) {
    if (other.most_pages > most_pages) most_pages = other.most_pages;
    faults += other.faults;
  }
};

// CPU time.
struct CpuUsage {
  u64 user_ns = 0;    // the program's own
  u64 system_ns = 0;  // that servers worked for it

  void add(const CpuUsage& other) {
    user_ns += other.user_ns;
    system_ns += other.system_ns;
  }
};

// Whether all threads of a process are held by a stop signal.
enum class StopState : u8 { kRunning, kStopping, kStopped };

// An interval timer of CPU time.
struct CpuTimer {
  u64 deadline_ns = 0;  // of CPU time; 0: not set
  u64 interval_ns = 0;
};

struct Process {
  // Leaves all but signals and timers to whoever fills it: fork writes each
  // field once.
  Process() {}

  // ---- identity
  Pid pid;
  u64 serial;  // no other process ever has it
  Pid group;
  Pid session;
  PidNamespace* pids;  // its own; null: the first

  // ---- threads, in order of creation. The leader, whose tid is the pid, stays
  // in the list until the process is reaped, dead or not.
  Task* leader;
  Task* first_thread;
  Task* last_thread;
  u32 live_threads;

  // ---- tree. Children are in order of creation.
  Process* parent;
  Task* parent_task;  // the parent's thread that counts as the creator
  Process* first_child;
  Process* last_child;
  Process* next_sibling;
  Process* previous_sibling;
  Trace* traces;  // of threads that it traces

  // ---- life
  i32 exit_signal;
  i32 exit_status;  // as wait4 reports it, once is_exiting
  bool is_exiting;  // exit_group or a fatal signal: all threads end
  bool is_subreaper;
  bool has_pidfd;   // there may be a descriptor for it
  bool has_execed;  // since it was cloned: setpgid by its parent
  // Process 1 of a pid namespace: what it does not handle does not reach it.
  bool is_unkillable;
  u8 dumpable;
  // Programs run since it was cloned. A child that was cloned before its
  // parent's last exec reports its end by SIGCHLD and nothing else.
  u32 execs;
  u32 parent_execs;  // of the parent, when this was cloned

  // ---- stop and continue, for wait
  StopState stop_state;
  bool stop_unreported;  // a wait for stopped children has not taken it yet
  bool continued;        // the same of a continuation
  i32 stop_signal;
  u32 parked_threads;  // those that stand still

  // ---- signals. Only in truly shared tables do the actions lie in the box.
  Handlers* own_handlers;
  SharedActions* shared_actions;
  PendingSignals pending;  // to whichever thread takes them

  // ---- timers. The forms of a child's begin unset.
  Timer real_timer;  // ITIMER_REAL
  u64 real_interval_ns;
  Timer cpu_watch;         // looks at cpu_timers
  CpuTimer cpu_timers[2];  // ITIMER_VIRTUAL, ITIMER_PROF
  PosixTimer* posix_timers;
  i32 next_timer_id;

  // ---- resources
  u64 past_faults;             // of the programs before an exec
  MemoryUsage usage;           // as last measured
  MemoryUsage children_usage;  // of those that were waited for
  CpuUsage past_cpu;           // of threads that have ended
  CpuUsage children_cpu;
  linux_abi::Rlimit limits[linux_abi::kLimits];

  Handlers*& handlers() {
    return shared_actions == nullptr ? own_handlers : shared_actions->handlers;
  }
  const Handlers& handlers() const {
    return shared_actions == nullptr ? *own_handlers
                                     : *shared_actions->handlers;
  }
  // All its threads have ended; it waits to be waited for.
  bool is_zombie() const { return live_threads == 0; }
  // The first process of all.
  bool is_init() const { return pid == kInitPid; }
};

// Whether the signal ends it by default.
inline bool is_fatal(const Process& process, i32 signal) {
  constexpr u64 kNotFatal =
      linux_abi::kIgnoredByDefault | linux_abi::kStopsByDefault;
  return process.handlers().of(signal).handler == linux_abi::kHandlerDefault &&
         (linux_abi::signal_bit(signal) & kNotFatal) == 0;
}

}  // namespace tine::process

#endif  // SERVERS_PROCESS_PROCESS_H_
