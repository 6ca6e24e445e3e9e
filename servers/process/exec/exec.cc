// execve: a complete new mm is built beside the old one; one batch then moves
// the thread over. Any error before it leaves the old program as it was.
#include "arch/hw/trap_frame.h"
#include "arch/hw/user_state.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/fcntl.h"
#include "servers/process/process_server.h"
#include "servers/protocol/vfs.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// cap_bprm_creds_from_file(): nothing is gained under a tracer who could not do
// the same.
ProgramIds ids_after_exec(const ProgramLoader& loader, const Task& task) {
  ProgramIds ids = loader.ids(task);
  const Credentials& its = task.credentials();
  if (ids.is_secure && task.trace != nullptr &&
      !is_capable(*task.trace->tracer->leader, Capability::kSysPtrace) &&
      !is_capable(task, Capability::kSetuid)) {
    ids.user = its.uid;
    ids.group = its.gid;
  }
  return ids;
}

}  // namespace

// comm: the last component of the path, also of a script's.
void ProcessServer::name_after_program(Task& task) {
  const char* base = loader_.path();
  for (const char* c = base; *c != '\0'; ++c) {
    if (*c == '/') base = c + 1;
  }
  u32 i = 0;
  for (; i + 1 < kNameBytes && base[i] != '\0'; ++i) {
    task.inherited.name[i] = base[i];
  }
  for (; i < kNameBytes; ++i) task.inherited.name[i] = '\0';
}

// de_thread(): the one that goes on leads the process, by the pid that all
// know it by. They end only now that nothing can fail any more (A18).
void ProcessServer::end_other_threads(Task& task) {
  Process& process = *task.process;
  Task& leader = *process.leader;
  for_each_thread(process, [&](Task& other) {
    if (&other == &task) return;
    // Its tracer hears of the exec.
    if (Trace* trace = other.trace; trace != nullptr) {
      const bool is_dead = trace->stop == TraceStop::kDead;
      end_trace(*trace);
      if (is_dead && &other != &leader) release_thread(other);
    }
    doom(other, 0);
  });
  if (&leader == &task) return;
  tasks_.swap_tids(leader, task);
  process.leader = &task;
  if (leader.state == TaskState::kZombie) release_thread(leader);
}

// commit_creds()
void ProcessServer::become(Task& task, const ProgramIds& ids) {
  Credentials& its = task.credentials();
  Process& process = *task.process;
  const bool was_other = its.euid != its.uid || its.egid != its.gid;
  const bool changes = its.euid != ids.user || its.egid != ids.group ||
                       its.fsuid != ids.user || its.fsgid != ids.group;
  its.euid = its.suid = its.fsuid = ids.user;
  its.egid = its.sgid = its.fsgid = ids.group;
  process.dumpable = was_other || changes ? 0 : 1;
  if (changes || ids.is_secure) task.death_signal = 0;
  fix_after_exec(task);
  if (!changes) return;
  board_.show_credentials(task);
  tell_lock_limit(task);
}

// Moves the thread over. On failure nothing has changed.
i64 ProcessServer::commit_exec(const Call& call, Mm& mm, Handlers& handlers,
                               const ProgramIds& ids) {
  Task& task = call.task;
  Process& process = *task.process;
  const Rlimit* const limits = process.limits;
  const bool is_limited = limits[kLimitAddressSpace].soft != kUnlimited ||
                          limits[kLimitData].soft != kUnlimited;
  const u64 lock_limit_now = lock_limit(task);
  const bool is_lock_limited = lock_limit_now != kUnlimited;
  if (!journal_.reserve(2 + u64{is_limited} + u64{is_lock_limited})) {
    return -ENOMEM;
  }
  if (task.inherited.capabilities != nullptr && !own_capabilities(task))
      [[unlikely]] {
    return -ENOMEM;
  }
  measure(task);
  Utcb& block = sys::utcb();
  hw::init_user_frame(*reinterpret_cast<hw::TrapFrame*>(block.registers),
                      loader_.image().entry, loader_.image().stack_pointer);
  hw::init_user_state(*reinterpret_cast<hw::UserState*>(block.user_state));
  journal_.mark();
  if (is_limited) write_mm_limits(process, mm);
  if (is_lock_limited) {
    journal_.write(RingOp::kMmLockLimit, mm.id, lock_limit_now);
  }
  journal_.write(RingOp::kMmCommit, mm.id);
  journal_.write(RingOp::kFilesExec, task.cookie());
  sys::Batch batch;
  batch.add(OpCode::kThreadSpace, kNoHandle, call.token, mm.space);
  batch.add(OpCode::kThreadRegisters, kNoHandle, call.token,
            static_cast<u64>(RegistersAction::kSet));
  journal_.publish(batch);
  if (batch.run().status != Status::kOk) {
    journal_.take_back();
    return -ENOMEM;
  }

  process.past_faults = process.usage.faults;
  leave_mm(task);
  drop_mm(*task.mm, process.pid);
  task.mm = &mm;
  end_other_threads(task);
  actions_.drop_of(process);
  process.own_handlers = &handlers;
  task.inherited.alt_stack = {0, kSsDisable, 0, 0};
  posix_timers_.free_all(process);
  process.exit_signal = kSigChld;
  process.has_execed = true;
  ++process.execs;
  become(task, ids);
  name_after_program(task);
  board_.exec(task, loader_.image());
  return 0;
}

i64 ProcessServer::do_exec(const Call& call, const ProgramPath& path, u64 argv,
                           u64 envp) {
  Task& task = call.task;
  executables_.close_idle();
  i64 error = loader_.begin(*task.mm, path, argv, envp);
  if (error == 0) error = loader_.find(task);
  if (error != 0) return error;

  // The program's object is open from here on.
  const u64 file = loader_.file();
  Handlers* handlers = actions_.after_exec(*task.process);
  Executable* executable = executables_.make(file);
  Mm* mm = mms_.take();
  const ProgramIds ids = ids_after_exec(loader_, task);
  error = handlers != nullptr && executable != nullptr && mm != nullptr
              ? loader_.load(task, *mm, ids)
              : -ENOMEM;
  loader_.close();
  if (error == 0) {
    error = commit_exec(call, *mm, *handlers, ids);
    if (error == 0) {
      executables_.run(*mm, *executable);
      return 0;
    }
    abort_mm(*mm);
  }
  if (mm != nullptr) mms_.release(*mm);
  if (executable != nullptr) executables_.free(*executable);
  if (handlers != nullptr) actions_.drop(handlers);
  ProgramFile::forget(file);
  return error;
}

Outcome ProcessServer::sys_execve(const Call& call) {
  const Pid tid = call.task.tid;
  const i64 error =
      do_exec(call, {call.argument(0)}, call.argument(1), call.argument(2));
  if (error == 0 && call.task.trace != nullptr) trace_exec(call.task, tid);
  return error == 0 ? answer_resume(call.token) : call.result(error);
}

Outcome ProcessServer::sys_execveat(const Call& call) {
  const u32 flags = call.uint_argument(4);
  if ((flags & ~(kAtEmptyPath | kAtSymlinkNoFollow)) != 0) {
    return call.result(-EINVAL);
  }
  const Pid tid = call.task.tid;
  const i64 error =
      do_exec(call, {call.argument(1), call.int_argument(0), flags},
              call.argument(2), call.argument(3));
  if (error == 0 && call.task.trace != nullptr) trace_exec(call.task, tid);
  return error == 0 ? answer_resume(call.token) : call.result(error);
}

}  // namespace tine::process
