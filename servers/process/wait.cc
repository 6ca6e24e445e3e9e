// wait4 and waitid.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/fcntl.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// eligible_child(): by id, then by the kind of child: those whose exit signal
// is not SIGCHLD are "clone" children.
bool is_eligible(const Task& waiter, const WaitRequest& request,
                 const Process& child) {
  if (child.parent != waiter.process) return false;
  if ((request.options & kWaitNoThread) != 0 && child.parent_task != &waiter) {
    return false;
  }
  if (request.kind == kIdPid && child.pid != request.id) return false;
  if (request.kind == kIdGroup && child.group != request.id) return false;
  if ((request.options & kWaitAll) != 0) return true;
  const bool is_clone = child.exit_signal != kSigChld;
  return is_clone == ((request.options & kWaitClone) != 0);
}

// A stop that is to be told; of a child that it traces the parent is told
// otherwise.
bool has_reportable_stop(const WaitRequest& request, const Process& child) {
  const Trace* trace = child.leader->trace;
  return child.stop_unreported && (request.options & kWaitUntraced) != 0 &&
         (trace == nullptr || trace->tracer != child.parent);
}

bool is_reportable(const WaitRequest& request, const Process& child) {
  if (child.is_zombie()) {
    return (!request.is_waitid || (request.options & kWaitExited) != 0) &&
           is_told_of(child);
  }
  return has_reportable_stop(request, child) ||
         (child.continued && (request.options & kWaitContinued) != 0);
}

}  // namespace

bool ProcessServer::try_wait(Task& waiter, const WaitRequest& request,
                             i64* result) {
  bool has_candidate = false;
  if (waiter.process->traces != nullptr &&
      try_wait_traced(waiter, request, &has_candidate, result)) [[unlikely]] {
    return true;
  }
  for (Process* child = waiter.process->first_child; child != nullptr;
       child = child->next_sibling) {
    if (!is_eligible(waiter, request, *child)) continue;
    // A zombie only ever ends: it is nothing to wait for unless for its end.
    if (!child->is_zombie() || !is_told_of(*child)) has_candidate = true;
    if (is_reportable(request, *child)) {
      *result = report_child(waiter, request, *child);
      return true;
    }
  }
  if (has_candidate && (request.options & kWaitNoHang) == 0) return false;
  *result = has_candidate ? 0 : -ECHILD;
  // waitid says "nothing" by zeros.
  if (request.is_waitid && request.status != 0 &&
      write_child_info(waiter, request, {}) != 0) {
    *result = -EFAULT;
  }
  return true;
}

// The fields that a child's end has, and nothing behind them.
i64 ProcessServer::write_child_info(const Task& waiter,
                                    const WaitRequest& request,
                                    const SigInfo& info) {
  constexpr u64 kBytes = __builtin_offsetof(SigInfo, status) + sizeof(i32);
  return user_.write(*waiter.mm, request.status, &info, kBytes);
}

// The zombie is reaped before the result is stored: a bad address gives EFAULT
// and loses the child, as in Linux.
i64 ProcessServer::report_child(Task& waiter, const WaitRequest& request,
                                Process& child) {
  const bool has_ended = child.is_zombie();
  const bool has_stopped = !has_ended && has_reportable_stop(request, child);
  const i32 status = has_ended     ? child.exit_status
                     : has_stopped ? status_of_stop(child.stop_signal)
                                   : kStatusContinued;
  const i32 pid = pids_.seen_by(waiter, child.pid);
  MemoryUsage usage = child.usage;
  usage.add(child.children_usage);
  CpuUsage cpu = child.past_cpu;
  cpu.add(child.children_cpu);
  i64 error = 0;
  if (request.status != 0) {
    if (request.is_waitid) {
      SigInfo info =
          signals_.info_about(*child.leader, *waiter.process, kSigChld, 0);
      set_end(info, status);
      error = write_child_info(waiter, request, info);
    } else {
      error = user_.write(*waiter.mm, request.status, status);
    }
  }
  if (error == 0 && request.usage != 0) {
    error = user_.write(*waiter.mm, request.usage, rusage_of(usage, cpu));
  }
  // Want of memory passes: the child waits to be asked for again.
  if (error == -ENOMEM) return error;
  if ((request.options & kWaitNoWait) == 0) {
    if (has_ended) {
      waiter.process->children_usage.add(usage);
      waiter.process->children_cpu.add(cpu);
      board_.show_children(*waiter.process);
      release_process(child);
    } else if (has_stopped) {
      child.stop_unreported = false;
    } else {
      child.continued = false;
    }
  }
  if (error != 0) return -EFAULT;
  return request.is_waitid ? 0 : pid;
}

// `child` can be reported, or is null: only that there is one less to wait for.
// Who comes too late for it looks again whether there is anything left.
void ProcessServer::wake_waiters(Process& parent, Process* child) {
  for_each_thread(parent, [&](Task& waiter) {
    if (waiter.wait != Wait::kChild) return;
    const WaitRequest request = waiter.wait_request;
    i64 result;
    if (child == nullptr) {
      if (try_wait(waiter, request, &result)) waiting_.wake(waiter, result);
    } else if (is_eligible(waiter, request, *child) &&
               is_reportable(request, *child)) {
      result = report_child(waiter, request, *child);
      if (result != -ENOMEM && (request.options & kWaitNoWait) == 0) {
        child = nullptr;
      }
      waiting_.wake(waiter, result);
    }
  });
}

Outcome ProcessServer::do_wait(const Call& call, const WaitRequest& request) {
  i64 result;
  if (try_wait(call.task, request, &result)) return call.result(result);
  call.task.wait_request = request;
  return waiting_.withhold(call, Wait::kChild);
}

Outcome ProcessServer::sys_wait4(const Call& call) {
  constexpr u32 kOptions = kWaitNoHang | kWaitUntraced | kWaitContinued |
                           kWaitNoThread | kWaitAll | kWaitClone;
  const i32 pid = call.int_argument(0);
  WaitRequest request{.options = call.uint_argument(2),
                      .status = call.argument(1),
                      .usage = call.argument(3)};
  if ((request.options & ~kOptions) != 0) return call.result(-EINVAL);
  if (pid == INT32_MIN) return call.result(-ESRCH);
  if (pid == -1) {
    request.kind = kIdAll;
  } else if (pid > 0) {
    request.kind = kIdPid;
    request.id = pids_.pid_of_number(call.task, pid);
  } else {
    request.kind = kIdGroup;
    request.id = pid == 0 ? call.task.process->group
                          : pids_.pid_of_number(call.task, -pid);
  }
  return do_wait(call, request);
}

Outcome ProcessServer::sys_waitid(const Call& call) {
  constexpr u32 kEvents = kWaitExited | kWaitUntraced | kWaitContinued;
  constexpr u32 kOptions = kEvents | kWaitNoHang | kWaitNoWait | kWaitNoThread |
                           kWaitAll | kWaitClone;
  const i32 kind = call.int_argument(0);
  const i32 id = call.int_argument(1);
  WaitRequest request{.kind = static_cast<WaitId>(kind),
                      .id = pids_.pid_of_number(call.task, id),
                      .options = call.uint_argument(3),
                      .is_waitid = true,
                      .status = call.argument(2),
                      .usage = call.argument(4)};
  if ((request.options & ~kOptions) != 0 || (request.options & kEvents) == 0) {
    return call.result(-EINVAL);
  }
  bool is_impatient = false;
  switch (kind) {
    case kIdAll:
      break;
    case kIdPid:
      if (id <= 0) return call.result(-EINVAL);
      break;
    case kIdGroup:
      if (id < 0) return call.result(-EINVAL);
      if (id == 0) request.id = call.task.process->group;
      break;
    case kIdPidFd: {
      if (id < 0) return call.result(-EINVAL);
      PidFdTarget target;
      if (find_pidfd(call.task, id, target) != 0) return call.result(-EBADF);
      request.kind = kIdPid;
      request.id = target.process != nullptr ? target.process->pid : Pid{};
      is_impatient = (target.flags & kOpenNonBlock) != 0 &&
                     (request.options & kWaitNoHang) == 0;
      break;
    }
    default:
      return call.result(-EINVAL);
  }
  // A descriptor with O_NONBLOCK does not wait.
  if (is_impatient) {
    i64 result;
    if (!try_wait(call.task, request, &result)) result = -EAGAIN;
    return call.result(result);
  }
  return do_wait(call, request);
}

}  // namespace tine::process
