// Signals between being sent and being taken: who gets one, what it does at
// once, and how processes stop and continue.
#ifndef SERVERS_PROCESS_SIGNAL_SIGNALS_H_
#define SERVERS_PROCESS_SIGNAL_SIGNALS_H_

#include "servers/process/board.h"
#include "servers/process/deferred_ops.h"
#include "servers/process/namespace/pid_views.h"
#include "servers/process/own_capabilities.h"
#include "servers/process/ptrace/trace.h"
#include "servers/process/signal/pending.h"
#include "servers/process/user_memory.h"
#include "servers/process/waiting_calls.h"

namespace tine::process {

// What these ask of the process server.
class SignalTargets {
 public:
  // All threads of the process end. `status` as wait4 reports it.
  virtual void end_process(Process& process, i32 status) = 0;
  // By SIGKILL.
  virtual void kill_process(Process& process) = 0;
  // Something has come of a child that its parent may wait for.
  virtual void wake_waiters(Process& parent, Process* child) = 0;

 protected:
  ~SignalTargets() = default;
};

// Whether the process has no use for the signal, blocked or not.
bool is_ignored(const Process& process, i32 signal);

// A signal that the thread can take, or a stop.
inline bool has_work(const Task& task) {
  const Process& process = *task.process;
  return ((task.pending.set | process.pending.set) & ~task.inherited.blocked) !=
             0 ||
         process.stop_state != StopState::kRunning ||
         (task.trace != nullptr && task.trace->stop_is_due);
}

class Signals {
 public:
  Signals(SignalTargets& targets, SignalStore& store, TaskTable& tasks,
          const PidViews& pids, TaskBoard& board, WaitingCalls& waiting,
          UserMemory& user, DeferredOps& deferred)
      : targets_(targets),
        store_(store),
        tasks_(tasks),
        pids_(pids),
        board_(board),
        waiting_(waiting),
        user_(user),
        deferred_(deferred) {}

  // ---- send.cc
  // To the process, or to its thread `only`. 0, or -EAGAIN: the limit of
  // queued signals.
  // `is_forced`: SIGKILL and SIGSTOP reach process 1 of a namespace, too.
  i64 send(Process& process, Task* only, const linux_abi::SigInfo& info,
           bool is_forced = false);
  // The same from the kernel.
  void send_signal(Process& process, i32 signal);
  void send_signal(Task& task, i32 signal);
  // Whether nothing comes of it. `insists`: it is from outside of the pid
  // namespace that the process is the first of, or from the kernel.
  bool drops(const Process& process, const Task* only, i32 signal,
             bool insists) const;
  // The last step: what is pending now, by `pending` of `process` or its thread
  // `only`, comes to somebody's attention.
  void signal_is_pending(Process& process, Task* only, i32 signal);
  void discard_pending(Process& process, u64 signals);
  // What is pending has become less.
  void show_pending(const Process& process);
  void set_blocked(Task& task, u64 blocked);
  // `signals` of the process that a thread may have been about to take, and
  // does not any more.
  void retarget(Process& process, u64 signals);
  // Takes one of `set` for a call that waits for them, and tells at `to` what
  // it was. The signal, or a negated errno: -EAGAIN if there is none.
  i64 take_waited(Task& task, u64 set, u64 to);
  // The same for a read of a signalfd: the bytes, or a negated errno.
  i64 take_read(Task& task, u64 set, u64 to);
  // From now on the vfs server hears of each signal that is pending.
  void tell_descriptors() { has_descriptors_ = true; }
  // The next that the thread does not block, faults first; 0: none.
  i32 take(Task& task, linux_abi::SigInfo& info);

  // ---- senders.cc. 0 or a negated errno.
  bool may_signal(const Task& sender, const Task& target, i32 signal) const;
  i64 kill_one(const Task& sender, Process& target,
               const linux_abi::SigInfo& info);
  i64 kill_thread(const Task& sender, Task* target,
                  const linux_abi::SigInfo& info);
  i64 kill_group(const Task& sender, Pid group, const linux_abi::SigInfo& info);
  i64 kill_all(const Task& sender, const linux_abi::SigInfo& info);
  // What a signal says of its sender, who is named as it names itself.
  linux_abi::SigInfo info_from(const Task& sender, i32 signal, i32 code) const;
  // What `to` is told about a thread or its process.
  linux_abi::SigInfo info_about(const Task& task, const Process& to, i32 signal,
                                i32 code) const;

  // ---- stop.cc
  void stop_process(Process& process, i32 signal);
  // Whether the last thread has come to stand still.
  void check_stopped(Process& process);
  // A process that ends is not stopped.
  void forget_stop(Process& process);
  // Does nobody outside the group, but in its session, care for it: the parent
  // of one of its members? `without` does not count as one (it ends).
  bool is_orphaned(Pid group, const Process* without) const;
  // `process` ends, or its `old_parent` does.
  void hang_up_orphans(Process& process, Process& old_parent, bool ends);

 private:
  // The next of `set`; 0: none.
  i32 take(Task& task, u64 set, linux_abi::SigInfo& info);
  i64 send_from(const Task& sender, Process& target, Task* only,
                const linux_abi::SigInfo& info);
  void continue_process(Process& process);
  void tell_seized(Process& process);
  void tell_parent(Process& process, linux_abi::ChildCode code);

  SignalTargets& targets_;
  SignalStore& store_;
  TaskTable& tasks_;
  const PidViews& pids_;
  TaskBoard& board_;
  WaitingCalls& waiting_;
  UserMemory& user_;
  DeferredOps& deferred_;
  bool has_descriptors_ = false;  // signalfd() has been called
  u32 stopped_processes_ = 0;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_SIGNAL_SIGNALS_H_
