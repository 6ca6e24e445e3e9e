// getrusage and times.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

Outcome ProcessServer::sys_getrusage(const Call& call) {
  const i32 who = call.int_argument(0);
  const Process& process = *call.task.process;
  Rusage usage{};
  switch (who) {
    case kRusageChildren:
      usage = rusage_of(process.children_usage, process.children_cpu);
      break;
    case kRusageSelf:
      measure(call.task);
      usage = rusage_of(process.usage, clocks_.usage(process));
      break;
    case kRusageThread:
      measure(call.task);
      usage = rusage_of(process.usage, clocks_.usage(call.task));
      break;
    default:
      return call.result(-EINVAL);
  }
  return call.result(user_.write(*call.task.mm, call.argument(1), usage));
}

Outcome ProcessServer::sys_times(const Call& call) {
  constexpr u64 kNsPerTick = u64{kNsPerSecond} / u64{kClockTicks};
  const i64 now = static_cast<i64>(sys::clock_ns() / kNsPerTick);
  if (call.argument(0) == 0) return call.result(now);
  const auto ticks = [](u64 ns) { return static_cast<i64>(ns / kNsPerTick); };
  const Process& process = *call.task.process;
  const CpuUsage own = clocks_.usage(process);
  const Tms times{ticks(own.user_ns), ticks(own.system_ns),
                  ticks(process.children_cpu.user_ns),
                  ticks(process.children_cpu.system_ns)};
  return call.result_with(call.argument(0), times, now);
}

}  // namespace tine::process
