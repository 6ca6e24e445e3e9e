// What a new thread or process starts with, and taking it away again.
#include "servers/linux_abi/errno.h"
#include "servers/process/copy_words.h"
#include "servers/process/process_server.h"
#include "servers/runtime/trace.h"

namespace tine::process {

using namespace linux_abi;

namespace {

void copy_inherited(Inherited& to, const Inherited& from) {
  static_assert(alignof(Inherited) == sizeof(u64));
  constexpr u64 kFixed = __builtin_offsetof(Inherited, credentials.groups);
  const u64 groups = u64{from.credentials.group_count} * sizeof(u32);
  copy_words(&to, &from, (kFixed + groups + sizeof(u64) - 1) / sizeof(u64));
}

}  // namespace

// Everything of a task that does not depend on what a slot was used for before.
void ProcessServer::inherit(Task& child, Task& parent,
                            const CloneRequest& request) {
  const u64 flags = request.flags;
  child.created = 0;
  child.trace = nullptr;
  child.vfork_parent = child.vfork_child = nullptr;
  child.status = 0;
  child.death_signal = 0;
  child.is_doomed = false;
  child.is_in_call = sys::traces_calls;
  child.wait = Wait::kNone;
  child.token = 0;
  child.timer.deadline_ns = 0;
  child.pending = {};
  child.fault_address = 0;
  child.has_ending = child.is_parked = child.has_saved_mask = false;
  child.clear_child_tid =
      (flags & kCloneChildCleartid) != 0 ? request.child_tid : 0;
  child.robust_list = 0;
  copy_inherited(child.inherited, parent.inherited);
  child.inherited.default_slack_ns = parent.inherited.timer_slack_ns;
  hold_inherited(child, flags);
  if (child.inherited.reset_on_fork) [[unlikely]] {
    if (child.inherited.rt_priority != 0) {
      child.inherited.policy = child.inherited.rt_priority = 0;
      child.inherited.nice = 0;
    }
    if (child.inherited.nice < 0) child.inherited.nice = 0;
    child.inherited.reset_on_fork = false;
  }
  if ((flags & kCloneVm) != 0 && (flags & kCloneVfork) == 0) {
    child.inherited.alt_stack = {0, kSsDisable, 0, 0};
  }
  if ((flags & kCloneVfork) != 0) {
    child.vfork_parent = &parent;
    parent.vfork_child = &child;
  }
}

// What every process begins with, its first thread being `leader`. The actions
// are there already.
void ProcessServer::begin_process(Process& process, Task& leader) {
  process.pid = leader.tid;
  process.serial = leader.cookie();
  process.leader = &leader;
  process.first_thread = process.last_thread = nullptr;
  process.live_threads = 1;
  link_thread(process, leader);
  process.first_child = process.last_child = nullptr;
  process.traces = nullptr;
  process.next_sibling = process.previous_sibling = nullptr;
  process.is_exiting = process.is_subreaper = process.has_execed = false;
  process.is_unkillable = process.has_pidfd = false;
  process.execs = 0;
  process.stop_state = StopState::kRunning;
  process.stop_unreported = process.continued = false;
  process.parked_threads = 0;
  process.posix_timers = nullptr;
  process.next_timer_id = 0;
  process.past_faults = 0;
  process.usage = process.children_usage = {};
  process.past_cpu = process.children_cpu = {};
}

void ProcessServer::inherit_process(Process& process, Task& leader,
                                    Task& creator,
                                    const CloneRequest& request) {
  Process& from = *creator.process;
  begin_process(process, leader);
  process.pids = leader.inherited.child_pids;
  process.dumpable = from.dumpable;
  constexpr u64 kLimitWords = kLimits * sizeof(Rlimit) / 8;
  copy_words(process.limits, from.limits, kLimitWords);
  if (process.limits[kLimitCpu].soft != kUnlimited) [[unlikely]] {
    interval_timers_.watch_cpu_time(process);
    // The batch that commits the clone is no place for what is deferred.
    deferred_.flush();
  }
  tasks_.join(process, from.group, from.session);
  if (process.pids != nullptr) [[unlikely]]
    enter_pid_namespace(process, from);
  if ((request.flags & kCloneParent) != 0) {
    process.exit_signal = from.exit_signal;
    link_child(*from.parent_task, process);
    process.parent_execs = from.parent_execs;
  } else {
    process.exit_signal = request.exit_signal;
    link_child(creator, process);
    process.parent_execs = from.execs;
  }
}

}  // namespace tine::process
