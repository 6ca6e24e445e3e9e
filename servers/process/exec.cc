// execve: a complete new mm is built beside the old one; one batch then moves
// the thread over. Any error before it leaves the old program as it was.
#include "arch/hw/trap_frame.h"
#include "arch/hw/user_state.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/fcntl.h"
#include "servers/process/exec_work.h"
#include "servers/process/process_server.h"
#include "servers/protocol/vfs.h"

namespace tine::process {

using namespace linux_abi;

// Into exec_.path, up to its NUL; page by page, as it may end before one that
// is not there.
i64 ProcessServer::read_path(const Mm& mm, u64 from) {
  char* path = exec_.path;
  for (u64 done = 0; done < kPathMax;) {
    const u64 in_page = kPageSize - ((from + done) & kPageMask);
    // Most paths are short: a first small piece spares copying a page.
    u64 count = done == 0 && in_page > 128 ? 128 : in_page;
    if (count > kPathMax - done) count = kPathMax - done;
    if (read_user(mm, from + done, path + done, count) != 0) return -EFAULT;
    for (u64 i = done; i < done + count; ++i) {
      if (path[i] == '\0') return i == 0 ? -ENOENT : 0;
    }
    done += count;
  }
  return -ENAMETOOLONG;
}

// From arguments to a program file found and open. Linux's order of checks.
i64 ProcessServer::prepare_exec(const Task& task) {
  static constexpr const char* kNoArguments[] = {""};
  ExecWork& work = exec_;
  work.pointer_window.start = work.string_window.start = 1;
  i64 error = count_pointers(work.arguments);
  if (error == 0) error = count_pointers(work.environment);
  if (error == 0) error = measure(work.arguments);
  if (error == 0) error = measure(work.environment);
  if (error == 0 && work.arguments.strings() == 0) {
    // There is always an argv[0].
    work.arguments.fixed = kNoArguments;
    work.arguments.fixed_count = 1;
  }
  return error != 0 ? error : find_program(task);
}

// `mm` is a record with nothing behind it yet; on failure again.
i64 ProcessServer::make_image(const Task& task, Mm& mm) {
  const sys::Message made =
      sys::call(kCallMemory, sys::make_message(MemoryLabel::kMmNew, mm.space));
  if (sys::result_of(made, -ENOMEM) != 0) return -ENOMEM;
  mm.id = made.words[1];
  i64 error = load_program(task, mm);
  if (error == 0) {
    error = sys::result_of(
        sys::call(kCallMemory, sys::make_message(MemoryLabel::kMmSetBreak,
                                                 mm.id, exec_.end)),
        -ENOMEM);
  }
  if (error == 0) error = build_stack(task, mm);
  if (error == 0) return 0;
  (void)sys::call(kCallMemory, sys::make_message(MemoryLabel::kMmAbort, mm.id));
  (void)sys::run({OpCode::kHandleClose, mm.space});
  return error;
}

// flush_signal_handlers(): what is ignored stays ignored.
Handlers* ProcessServer::handlers_after_exec(const Task& task) {
  Handlers* old = task.process->handlers();
  if (old->custom == 0) {
    ++old->holders;
    return old;
  }
  Handlers* fresh = handlers_.make();
  if (fresh == nullptr) return nullptr;
  for (i32 i = 0; i < kSignals; ++i) {
    if (old->actions[i].handler == kHandlerIgnore) {
      fresh->actions[i].handler = kHandlerIgnore;
    }
  }
  return fresh;
}

// comm: the last component of the path, also of a script's.
void ProcessServer::name_after_program(Task& task) {
  const char* base = exec_.path;
  for (const char* c = exec_.path; *c != '\0'; ++c) {
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
    if (&other != &task) doom(other, 0);
  });
  if (&leader == &task) return;
  tasks_.swap_tids(leader, task);
  process.leader = &task;
  if (leader.state == TaskState::kZombie) release_thread(leader);
}

// Moves the thread over. On failure nothing has changed.
i64 ProcessServer::commit_exec(const Call& call, Mm& mm, Handlers& handlers) {
  Task& task = call.task;
  Process& process = *task.process;
  const Rlimit* const limits = process.limits;
  const bool is_limited = limits[kLimitAddressSpace].soft != kUnlimited ||
                          limits[kLimitData].soft != kUnlimited;
  const u64 lock_limit_now = lock_limit(task);
  const bool is_lock_limited = lock_limit_now != kUnlimited;
  if (!memory_.reserve(1 + u64{is_limited} + u64{is_lock_limited}) ||
      !files_.reserve(1)) {
    return -ENOMEM;
  }
  measure(task);
  Utcb& block = sys::utcb();
  hw::init_user_frame(*reinterpret_cast<hw::TrapFrame*>(block.registers),
                      exec_.entry, exec_.stack_pointer);
  hw::init_user_state(*reinterpret_cast<hw::UserState*>(block.user_state));
  memory_.mark();
  files_.mark();
  if (is_limited) write_mm_limits(process, mm);
  if (is_lock_limited) {
    memory_.write(RingOp::kMmLockLimit, mm.id, lock_limit_now);
  }
  memory_.write(RingOp::kMmCommit, mm.id);
  files_.write(RingOp::kFilesExec, task.cookie());
  sys::Batch batch;
  batch.add(OpCode::kThreadSpace, kNoHandle, call.token, mm.space);
  batch.add(OpCode::kThreadRegisters, kNoHandle, call.token,
            static_cast<u64>(RegistersAction::kSet));
  memory_.publish(batch);
  files_.publish(batch);
  if (batch.run().status != Status::kOk) {
    memory_.take_back();
    files_.take_back();
    return -ENOMEM;
  }

  process.past_faults = process.usage.faults;
  leave_mm(task);
  drop_mm(*task.mm);
  task.mm = &mm;
  end_other_threads(task);
  drop_actions(process);
  process.own_handlers = &handlers;
  task.inherited.alt_stack = {0, kSsDisable, 0, 0};
  free_posix_timers(process);
  process.dumpable = 1;
  task.inherited.keep_capabilities = false;
  process.exit_signal = kSigChld;
  process.has_execed = true;
  ++process.execs;
  Credentials& credentials = task.credentials();
  credentials.suid = credentials.fsuid = credentials.euid;
  credentials.sgid = credentials.fsgid = credentials.egid;
  name_after_program(task);
  board_.exec(task, exec_);
  return 0;
}

i64 ProcessServer::do_exec(const Call& call, u64 path, u64 argv, u64 envp) {
  Task& task = call.task;
  close_idle_executables();
  exec_.source = task.mm;
  if (const i64 error = read_path(*task.mm, path); error != 0) return error;
  exec_.arguments = {.array = argv};
  exec_.environment = {.array = envp};
  if (const i64 error = prepare_exec(task); error != 0) return error;

  // The program's object is open from here on.
  const u64 file = exec_.program.file;
  Handlers* handlers = handlers_after_exec(task);
  Executable* executable = executables_.make(Executable{.file = file});
  Mm* mm = mms_.take();
  i64 error = handlers != nullptr && executable != nullptr && mm != nullptr
                  ? make_image(task, *mm)
                  : -ENOMEM;
  close_program(kProgramHandle);
  if (error == 0) {
    error = commit_exec(call, *mm, *handlers);
    if (error == 0) {
      run_executable(*mm, *executable);
      return 0;
    }
    (void)sys::call(kCallMemory,
                    sys::make_message(MemoryLabel::kMmAbort, mm->id));
    (void)sys::run({OpCode::kHandleClose, mm->space});
  }
  if (mm != nullptr) mms_.release(*mm);
  if (executable != nullptr) executables_.free(executable);
  if (handlers != nullptr) drop_handlers(handlers);
  (void)sys::call(kCallVfs, sys::make_message(VfsLabel::kExecClose, file));
  return error;
}

Outcome ProcessServer::sys_execve(const Call& call) {
  const i64 error =
      do_exec(call, call.argument(0), call.argument(1), call.argument(2));
  if (error == 0 && call.task.trace != nullptr) trace_exec(call.task);
  return error == 0 ? answer_resume(call.token) : call.result(error);
}

// With a path that needs no descriptor the same as execve.
Outcome ProcessServer::sys_execveat(const Call& call) {
  const u32 flags = call.uint_argument(4);
  if ((flags & ~(kAtEmptyPath | kAtSymlinkNoFollow)) != 0) {
    return call.result(-EINVAL);
  }
  char first;
  if (read_user(*call.task.mm, call.argument(1), first) != 0) {
    return call.result(-EFAULT);
  }
  const bool from_cwd = call.int_argument(0) == kAtFdCwd && first != '\0';
  if (flags != 0 || (first != '/' && !from_cwd)) return call.result(-ENOSYS);
  const i64 error =
      do_exec(call, call.argument(1), call.argument(2), call.argument(3));
  if (error == 0 && call.task.trace != nullptr) trace_exec(call.task);
  return error == 0 ? answer_resume(call.token) : call.result(error);
}

}  // namespace tine::process
