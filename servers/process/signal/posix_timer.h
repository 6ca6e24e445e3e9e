// A timer that a program made by timer_create.
#ifndef SERVERS_PROCESS_SIGNAL_POSIX_TIMER_H_
#define SERVERS_PROCESS_SIGNAL_POSIX_TIMER_H_

#include "servers/process/cpu_clock.h"
#include "servers/process/signal/pending.h"
#include "servers/process/timers/timer.h"

namespace tine::process {

struct PosixTimer {
  PosixTimer* next = nullptr;  // of its process
  Process* process = nullptr;
  i32 id = 0;
  i32 clock = 0;
  bool is_of_cpu = false;  // its clock is `cpu`, at which `timer` looks
  CpuClock cpu = {};
  u64 cpu_deadline_ns = 0;  // of that clock; 0: not set
  u64 cpu_seen_ns = 0;      // that clock at the last look
  i32 notify = 0;           // SIGEV_*
  i32 thread = 0;           // SIGEV_THREAD_ID: its tid
  u64 interval_ns = 0;      // 0: runs out once
  u64 early_ns = 0;         // how long before the system it was due first
  u64 overrun = 0;          // since its signal was queued
  i32 last_overrun = 0;
  bool is_queued = false;  // `queued` is pending
  Timer timer;
  QueuedSignal queued;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_SIGNAL_POSIX_TIMER_H_
