// What each kind of timer does when its time has come.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

void ProcessServer::expire_timers() {
  timers_.expire(
      [this](Timer& timer, u64 deadline_ns) { expire(timer, deadline_ns); });
}

void ProcessServer::expire(Timer& timer, u64 deadline_ns) {
  switch (timer.kind) {
    case Timer::Kind::kWait:
      end_timed_wait(*timer.task);
      break;
    case Timer::Kind::kReal:
      interval_timers_.expire_real(*timer.process, deadline_ns);
      break;
    case Timer::Kind::kCpu:
      interval_timers_.look_at_cpu_time(*timer.process);
      break;
    case Timer::Kind::kPosix:
      posix_timers_.expire(*timer.posix, deadline_ns);
      break;
  }
}

void ProcessServer::end_timed_wait(Task& task) {
  switch (task.wait) {
    case Wait::kFutex:
    case Wait::kFutexPi:
    case Wait::kFutexRequeue:
    case Wait::kFutexVector:
      waiting_.wake(task, -linux_abi::ETIMEDOUT);
      break;
    case Wait::kSignal:
    case Wait::kSemaphore:
      waiting_.wake(task, -linux_abi::EAGAIN);
      break;
    case Wait::kCpuSleep:
      if (!is_asleep_on_cpu(task, task.sleep)) waiting_.wake(task, 0);
      break;
    default:
      waiting_.wake(task, 0);
      break;
  }
}

}  // namespace tine::process
