// The process server: tasks, pids, the tree, fork, exec, exit, wait, signals,
// identity, limits and time. Order of calls: process > vfs > memory > kernel.
//
// A handler changes state, and notes what the kernel has to do about it with
// defer(). When it returns, handle() runs all that was deferred in one batch
// together with the answer. What can fail is done before any state changes.
#ifndef SERVERS_PROCESS_PROCESS_SERVER_H_
#define SERVERS_PROCESS_PROCESS_SERVER_H_

#include "servers/linux_abi/capability.h"
#include "servers/linux_abi/syscall_table.h"
#include "servers/process/board.h"
#include "servers/process/call.h"
#include "servers/process/clock.h"
#include "servers/process/clock_adjustment.h"
#include "servers/process/clone_request.h"
#include "servers/process/deferred_ops.h"
#include "servers/process/exec/executables.h"
#include "servers/process/exec/program_loader.h"
#include "servers/process/futex/futexes.h"
#include "servers/process/journal.h"
#include "servers/process/mm_table.h"
#include "servers/process/namespace/new_namespaces.h"
#include "servers/process/namespace/pid_views.h"
#include "servers/process/own_capabilities.h"
#include "servers/process/pidfd/pidfd_target.h"
#include "servers/process/ptrace/trace.h"
#include "servers/process/ptrace/traced_thread.h"
#include "servers/process/scheduler.h"
#include "servers/process/seccomp/filter_store.h"
#include "servers/process/signal/signal_actions.h"
#include "servers/process/signal/signals.h"
#include "servers/process/sysv/message_queues.h"
#include "servers/process/sysv/semaphores.h"
#include "servers/process/sysv/shared_segments.h"
#include "servers/process/task_clocks.h"
#include "servers/process/timers/interval_timers.h"
#include "servers/process/timers/posix_timers.h"
#include "servers/process/user_memory.h"
#include "servers/process/waiting_calls.h"
#include "servers/protocol/process_text.h"
#include "servers/protocol/vfs.h"
#include "servers/runtime/random.h"
#include "servers/runtime/server_loop.h"

namespace tine::hw {
struct TrapFrame;
}

namespace tine::process {

class TextBuilder;

// Whether a thread with this stack pointer is on its alternate stack.
bool is_on_stack(const linux_abi::SigAltStack& stack, u64 sp);

class ProcessServer final : private sysv::IpcTasks, private SignalTargets {
 public:
  ProcessServer(Heap& heap, const ServerConfig& config);

  // Makes the route and starts pid 1 from /init. Ends the run if it cannot.
  void start();

  Outcome handle(const sys::Message& in);
  Outcome commit_failed(const sys::BatchResult& result);
  Outcome poke_failed(const Outcome& asked);

  // For the invariant checker.
  const TaskTable& tasks() const { return tasks_; }
  u32 live_mms() const { return mms_.live(); }
  const TaskBoard& board() const { return board_; }
  u64 live_processes() const { return processes_.live(); }
  u64 live_handlers() const { return actions_.live(); }
  u64 live_signals() const { return signal_store_.live(); }
  u64 counted_signals() const { return signal_store_.counted(); }
  u64 live_posix_timers() const { return posix_timers_.live(); }
  u64 live_filters() const { return filters_.live(); }
  u64 live_filter_pieces() const { return filters_.live_pieces(); }
  u64 live_traces() const { return traces_.live(); }
  u64 live_uts() const { return uts_.live(); }
  u64 live_capabilities() const { return own_capabilities_.live(); }
  const IoContexts& io_contexts() const { return io_contexts_; }
  u64 live_pid_namespaces() const { return pid_spaces_.live(); }
  i32 number_in(const PidNamespace* space, Pid pid) const {
    return pid_spaces_.seen_in(space, pid);
  }
  u32 pid_numbers() const { return pid_spaces_.used_numbers(); }
  u64 live_executables() const { return executables_.live(); }
  const Executable* idle_executables() const { return executables_.idle(); }
  u64 live_ipc_blocks() const { return ipc_blocks_.live(); }
  u64 live_undo_lists() const { return semaphores_.live_lists(); }
  const sysv::SharedSegments& segments() const { return segments_; }
  u64 counted_ipc_blocks() const {
    return segments_.blocks() + semaphores_.blocks() + messages_.blocks() +
           futexes_.blocks();
  }

 private:
  using Handler = Outcome (ProcessServer::*)(const Call&);
  struct Dispatch;  // the table of handlers

  // ---- dispatch.cc
  Outcome direct_call(Task& task, const sys::Message& in);
  Outcome own_call(Task& task, const sys::Message& in);
  Outcome system_call(Task& task, const sys::Message& in);
  // Whether a handler left something for finish().
  bool has_unfinished() const {
    return doomed_ != nullptr || waiting_.has_noticed() ||
           !deferred_.is_empty();
  }
  Outcome event(const sys::Message& in);
  Outcome poke_now(const Outcome& asked);
  void retry_if_short(Task& task, u64 token, Outcome& outcome);
  Outcome dispatch(const sys::Message& in);
  // Runs what a handler left to do together with its answer.
  void finish(const sys::Message& in, Outcome& outcome);

  // ---- what the parts ask of the whole
  void wake(Task& task, i64 result) override { waiting_.wake(task, result); }
  i64 hand_over(Task& receiver, const sysv::Message& message) override;
  void end_process(Process& process, i32 status) override;
  void kill_process(Process& process) override;
  void wake_waiters(Process& parent, Process* child) override;

  // ---- out_of_memory.cc
  const Mm* largest_mm() const;
  void make_room(Task& task);
  Outcome out_of_memory(Task& task, u64 token);

  // ---- start.cc
  void make_route();
  void make_watched_route();

  // ---- watched_call.cc
  void watch(Task& task);
  Outcome pass_on(Task& task, const sys::Message& in);
  Outcome watched_call(Task& task, const sys::Message& in);
  bool stops_before_end(Task& task, const sys::Message& in);
  bool stops_at_entry(Task& task, const sys::Message& in);
  static bool leaves_call_out(Trace& trace, const sys::Message& in);
  void leave_call(Task& task);
  void leave_answered(const sys::Message& in, const Outcome& outcome);
  Outcome traced_or_not(Task& task, const sys::Message& in);
  Outcome filtered_or_not(Task& task, const sys::Message& in);
  Outcome strict_call(Task& task, const sys::Message& in);
  Outcome filtered_call(Task& task, const sys::Message& in);
  Outcome trap_filtered(Task& task, const sys::Message& in, i32 value);
  // Of a held thread.
  u64 pc_of(u64 token);

  // ---- ptrace/stop.cc
  // What a held thread goes on with once nobody stops it any more.
  void keep_ending(Task& task, u64 token, Ending ending);
  void begin_trace_stop(Trace& trace, TraceStop stop, i32 code);
  void trace_stop(Task& task, TraceStop stop, i32 code);
  void tell_of_traced_clone();
  void tell_tracer(Trace& trace);
  bool stops_for_tracer(Task& task, u64 token, Ending& ending);
  bool stops_with_process(Task& task, u64 token, Ending ending);
  static i32 call_stop_code(const Trace& trace);
  void take_back_result(Task& task);
  bool asks_tracer(Task& task, u64 token, Ending ending,
                   const linux_abi::SigInfo& info);
  bool take_verdict(Task& task, linux_abi::SigInfo& info, i32* signal);
  i64 report_trace(Task& waiter, const WaitRequest& request, Trace& trace);
  bool try_wait_traced(Task& waiter, const WaitRequest& request,
                       bool* has_candidate, i64* result);

  // ---- ptrace/attach.cc
  i64 begin_trace(Task& task, Process& tracer, u32 options, bool seizes);
  void end_trace(Trace& trace);
  void end_traces_of(Process& tracer);
  i64 trace_me(Task& task);
  i64 attach(Task& by, Task& task, u32 options, bool seizes);
  void trace_child(Task& parent, Task& child);
  bool trace_clone(const Call& call, const CloneRequest& request, Task& child);
  void trace_exec(Task& task, Pid old_tid);
  void show_going_on(const Task& task);

  // ---- ptrace/end.cc
  bool stops_at_end(Task& task, u64 token, i32 status, bool ends_process);
  void end_traced(Task& task);
  void tell_of_end(Trace& trace);
  void tell_of_end(Process& process);
  static i32 end_status(const Task& task);
  void bury_traced(Trace& trace);
  i64 report_traced_end(Task& waiter, const WaitRequest& request, Trace& trace);

  // ---- ptrace/requests.cc
  i64 signal_mask(const Call& call, Task& task, bool sets);
  i64 listen(Task& task);
  i64 go_on(Task& task, u32 request, u64 signal);
  i64 detach(Task& task, u64 signal);
  i64 trace_request(const Call& call, u32 request, Task& task);

  // ---- seccomp/seccomp.cc
  i32 unsyncable_thread(const Task& task) const;
  void filter_calls(Task& task, linux_abi::SeccompMode mode,
                    SeccompFilter* filter);
  i64 set_strict(Task& task);
  i64 set_filter(Task& task, u32 flags, u64 program);
  Outcome set_seccomp(const Call& call);

  // ---- namespace/unshare.cc
  i64 check_namespaces(const Task& task, u64 flags) const;
  UtsNamespace* copy_uts(const UtsNamespace& from);
  void drop_uts(UtsNamespace* uts);
  void hold_inherited(Task& child, u64 flags);
  void drop_inherited(Task& task);
  i64 new_namespaces(const Task& task, u64 flags, NewNamespaces& made);
  void undo_namespaces(const NewNamespaces& made);

  // ---- pidfd/pidfd.cc
  i64 make_pidfd(const Task& task, Process& process, u32 flags, VfsLabel label);
  i64 find_pidfd(const Task& task, i32 fd, PidFdTarget& target,
                 bool takes_directory = false);
  void tell_pidfds(const Process& process);
  void cancel_pidfd();

  // ---- namespace/end_namespace.cc
  static void enter_pid_namespace(Process& process, const Process& creator);
  Task& reaper_of(const Process& process) const;
  bool end_pid_namespace(Process& init, bool is_leader);
  void look_at_emptied();
  void end_namespace_init(Task& task);

  // ---- capabilities.cc, own_capabilities.cc, process_vm.cc
  linux_abi::CapabilitySets capabilities_of(const Task& task) const;
  u32 secure_bits_of(const Task& task) const;
  bool own_capabilities(Task& task);
  void settle_capabilities(Task& task);
  i64 change_capabilities(Task& task, const linux_abi::CapabilitySets& sets,
                          u32 secure_bits);
  void drop_capabilities(OwnCapabilities* own);
  void fix_after_setuid(Task& task, const Credentials& old);
  void fix_after_exec(Task& task);
  i64 ambient_capability(Task& task, u64 what, u64 number);
  Outcome capability_option(const Call& call);
  u32 read_capability_header(const Call& call,
                             linux_abi::CapabilityHeader& header, i64* error);
  bool may_access(const Task& by, const Task& task) const;
  Outcome copy_between(const Call& call, bool writes);

  // ---- kcmp.cc
  i64 identity_below(const Task& task, VfsIdentity what, u64* identity,
                     u64 fd = 0, u64 watched_fd = 0, u64 skip = 0);
  i64 identity_of(const Task& task, i32 what, u64 index, u64* identity);

  // ---- clone.cc, clone_arguments.cc, inherit.cc
  Outcome do_clone(const Call& call, const CloneRequest& request);
  i64 check_clone(const Task& parent, const CloneRequest& request) const;
  bool may_have_another_thread(const Task& parent);
  i64 check_wanted_tids(const Task& parent, const CloneRequest& request);
  i64 read_clone_arguments(const Call& call,
                           linux_abi::CloneArguments& arguments);
  i64 read_wanted_tids(const Call& call,
                       const linux_abi::CloneArguments& arguments, i32* tids);
  i64 duplicate_mm(Task& child, const Task& parent, u64 flags);
  i64 store_own_tid(Task& child, const CloneRequest& request);
  void store_shared_tids(Task& child, const Task& parent,
                         const CloneRequest& request);
  i64 make_child(const Call& call, const CloneRequest& request, Task** made);
  Outcome clone_failed();
  void inherit(Task& child, Task& parent, const CloneRequest& request);
  void begin_process(Process& process, Task& leader);
  void inherit_process(Process& process, Task& leader, Task& creator,
                       const CloneRequest& request);
  void undo_clone(Task& child);

  // ---- exec/exec.cc
  i64 do_exec(const Call& call, const ProgramPath& path, u64 argv, u64 envp);
  void become(Task& task, const ProgramIds& ids);
  i64 commit_exec(const Call& call, Mm& mm, Handlers& handlers,
                  const ProgramIds& ids);
  void end_other_threads(Task& task);
  void name_after_program(Task& task);

  // ---- exit.cc
  // Ends the thread once the handler is done. `status` as wait4 reports it.
  void doom(Task& task, i32 status);
  void end_doomed();
  void end_task(Task& task);
  void drop_signals(Task& task, bool is_last);
  void end_run(const Process& init);
  void leave_mm(Task& task);
  void forget_mm(Mm& mm, Pid pid);
  void drop_mm(Mm& mm, Pid pid);
  void kill(Task& task);
  // Null: the process is a zombie.
  Task* live_thread(const Process& process) const;
  Task& heir_of(const Process& process) const;
  void reparent_children(Task& task);
  void notify_parent(Process& process);
  void release_thread(Task& task);
  void release_process(Process& process);

  // ---- wait.cc
  Outcome do_wait(const Call& call, const WaitRequest& request);
  // Decides a wait now, if it can be.
  bool try_wait(Task& waiter, const WaitRequest& request, i64* result);
  i64 report_child(Task& waiter, const WaitRequest& request, Process& child);
  i64 write_child_info(const Task& waiter, const WaitRequest& request,
                       const linux_abi::SigInfo& info);

  // ---- signal/notice.cc
  void settle(const sys::Message& in, Outcome& outcome);
  void settle_caller(Task& task, const sys::Message& in, Outcome& outcome);
  void settle_other(Task& task);
  void answer_later(const Outcome& outcome);
  void bring_here(Task& task);
  void park(Task& task, u64 token, Ending ending);
  i64 interrupt_wait(Task& task);
  i64 tell_rest_of_sleep(Task& task, Wait wait);

  // ---- signal/deliver.cc
  // Acts on all that is pending; the answer that lets the thread go on, or none
  // if it ended, stopped, or waits on.
  Outcome deliver(Task& task, u64 token, Ending ending);
  void act_by_default(Process& process, i32 signal);
  Outcome answer_ending(Task& task, u64 token, Ending ending);
  void end_for_handler(hw::TrapFrame& frame, Ending ending,
                       const linux_abi::SigAction& action);

  // ---- signal/handler_frame.cc
  bool push_frame(Task& task, const linux_abi::SigAction& action,
                  const linux_abi::SigInfo& info);
  bool write_frame(Task& task, u64 to, const void* from, u64 bytes);
  void run_handler(Task& task, u64 token, Ending& ending, i32 signal,
                   const linux_abi::SigInfo& info);
  void force_signal(Task& task, u64 token, Ending& ending,
                    const linux_abi::SigInfo& info, bool ends);

  // ---- signal/faults.cc
  Outcome exception(Task& task, const sys::Message& in);
  Outcome raised(Task& task, const sys::Message& in);
  void take_terminal_signals();
  void tell_owner(const sys::Message& taken, Pid id, i32 signal);
  Outcome force(Task& task, u64 token, const linux_abi::SigInfo& info);

  // ---- process_text.cc
  static constexpr u64 kTextBytes = 128;  // of what is written, with its NUL
  Outcome text_request(Task& caller, const sys::Message& in);
  i64 read_text(Task& caller, const Task* task, const TextRequest& request);
  i64 write_text(Task& caller, Task* task, const TextRequest& request);
  i64 store_text(Task& caller, Task* task, ProcessText kind, const char* text);
  i64 set_oom_adjust(Task& caller, Task& task, const char* text);

  // ---- signal/descriptors.cc
  Outcome read_signals(Task& task, const sys::Message& in);
  Outcome signal_descriptor(const Call& call, u32 flags);

  // ---- signal/actions.cc, waits.cc
  i64 read_signal_set(const Call& call, u64 from, u64 bytes, u64* set);
  i64 change_alt_stack(Task& task, const linux_abi::SigAltStack& wanted,
                       u64 sp);
  void begin_masked_wait(Task& task, u64 blocked);
  void end_masked_wait(Task& task);

  // ---- signal/queue_info.cc
  i64 read_info(const Call& call, u64 from, i32 signal, bool to_self,
                linux_abi::SigInfo& info);

  // ---- timers/expire.cc
  void expire_timers();
  void expire(Timer& timer, u64 deadline_ns);
  void end_timed_wait(Task& task);

  // ---- restart.cc
  void keep_for_restart(Task& task, Wait wait, u64 deadline_ns);
  Outcome restart_wait(const Task& task, u64 token);

  // ---- sysv/ipc_life.cc, and the calls of System V IPC
  u64 now_seconds() const;  // of the calendar
  void inherit_undo(Task& child, bool shares);
  void list_segments(const Task& caller, TextBuilder& out);
  void list_queues(const Task& caller, TextBuilder& out);
  void list_semaphores(TextBuilder& out);
  void note_forked_segments(const Mm& mm, const Task& parent);
  void note_detached_segments(const Mm& mm, Pid pid);
  i64 tell_of_segments(const Call& call, i32 command);
  i64 change_segment(const Call& call, i32 command);
  i64 lock_segment(const Call& call, bool locks);
  Outcome operate_semaphores(const Call& call, u64 timeout_at);
  i64 tell_of_semaphores(const Call& call, i32 command);
  i64 tell_semaphore_set(const Call& call, i32 command);
  i64 change_semaphore_set(const Call& call, i32 command);
  i64 copy_semaphore_values(const Call& call, sysv::SemaphoreSet& set,
                            bool sets);
  i64 use_semaphore(const Call& call, i32 command);
  i64 write_message(const Task& task, const sysv::Message& message,
                    const sysv::ReceiveBuffer& buffer);
  i64 tell_of_queues(const Call& call, i32 command);
  i64 tell_queue(const Call& call, i32 command);
  i64 change_queue(const Call& call, i32 command);

  // ---- poll.cc
  // Passes the call on to the vfs server, which waits; with a mask for that
  // time if there is one at `mask`.
  Outcome forward_to_vfs(const Call& call, u16 label);
  Outcome forward_with_mask(const Call& call, u64 mask, u64 bytes);

  // ---- time.cc
  Outcome sleep(const Call& call, i32 clock, bool absolute, u64 request,
                u64 rest);
  i64 adjust_clock(const Call& call, u64 address);
  Outcome begin_sleep(const Call& call, Wait wait, const SleepWait& sleep);
  bool is_asleep_on_cpu(Task& task, const SleepWait& sleep);

  // ---- identity.cc, sessions.cc, limits.cc, host.cc, scheduling.cc, prctl.cc
  template <typename F>
  Outcome change_ids(const Call& call, F change);
  Outcome write_ids(const Call& call, u32 first, u32 second, u32 third);
  Outcome set_name(const Call& call, char* to);
  void tell_limit(const Process& process, u32 resource);
  void write_mm_limits(const Process& process, const Mm& mm);
  void tell_lock_limit(const Task& task);
  u64 lock_limit(const Task& task) const;
  void measure(Task& task);
  static void note_memory(Process& process, const Op& stat);
  i64 change_limit(Process& process, u32 resource,
                   const linux_abi::Rlimit& limit, const Task& by);
  i64 set_policy(const Task& by, Task& task, i32 policy, i32 priority,
                 bool reset_on_fork);
  bool may_have_nice(const Task& by, const Task& task, i32 nice) const;
  template <typename F>
  void for_each_priority_target(const Task& task, i32 which, i32 who, F f);
  // The task that a pid argument names, 0 being the caller.
  Task* named(Task& caller, i32 pid);
  // Does any process have this group (and, if given, this session)?
  bool is_group(Pid group, const Pid* session) const;

#define X(name, handler, support, note) Outcome sys_##handler(const Call& call);
  TINE_PROCESS_CALLS(X)
#undef X

  // The commit batch that handle() returned last.
  enum class Commit : u8 { kNone, kClone, kDeferred };

  const ServerConfig& config_;
  PidNamespaces pid_spaces_;
  TaskTable tasks_;
  MmTable mms_;
  Slab<Process> processes_;
  SignalActions actions_;
  Executables executables_;
  FilterStore filters_;
  Slab<UtsNamespace> uts_;
  bool uts_ids_[kMostUtsNamespaces] = {};  // those in use, but the first's
  Slab<OwnCapabilities> own_capabilities_;
  IoContexts io_contexts_;
  Slab<Trace> traces_;
  FutexTable futex_table_;
  TaskBoard board_;
  SignalStore signal_store_;
  sysv::BlockPool ipc_blocks_;
  sysv::SharedSegments segments_;
  sysv::Semaphores semaphores_;
  sysv::MessageQueues messages_;
  Journal journal_;
  DeferredOps deferred_;
  Scheduler scheduler_;
  TimerQueue timers_;
  Clock clock_;
  ClockAdjustment adjustment_;
  linux_abi::Timezone timezone_{};
  WaitingCalls waiting_;
  Random random_;
  ForkMode fork_mode_;
  UserMemory user_;
  PidViews pids_;
  TaskClocks clocks_;
  Signals signals_;
  IntervalTimers interval_timers_;
  PosixTimers posix_timers_;
  TracedThreads traced_;
  ProgramLoader loader_;
  Futexes futexes_;

  Commit commit_ = Commit::kNone;
  Task* cloning_ = nullptr;
  Task* cloning_traced_ = nullptr;  // who clones, if it is traced
  u64 cloning_token_ = 0;
  bool cloning_is_made_ = false;  // its thread is there, unpublished
  Task* doomed_ = nullptr;
};

}  // namespace tine::process

namespace tine {
using process::ProcessServer;
}

#endif  // SERVERS_PROCESS_PROCESS_SERVER_H_
