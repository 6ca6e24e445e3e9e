// What the process server knows about a thread that is traced.
#ifndef SERVERS_PROCESS_PTRACE_TRACE_H_
#define SERVERS_PROCESS_PTRACE_TRACE_H_

#include "servers/linux_abi/signal.h"

namespace tine::process {

struct Process;
struct Task;

// Why the thread stands still for its tracer.
enum class TraceStop : u8 {
  kNone,       // it runs
  kSignal,     // a signal is about to be delivered
  kCallEntry,  // a call is about to begin
  kFilter,     // the same, and a filter asks
  kCallExit,   // one has ended
  kEvent,      // fork, exec, ...
  kGroup,      // its process is stopped, and the tracer has not seized it
  kEnd,        // it is about to end
  kDead,       // it has ended, and its tracer has not waited for it yet
};

struct Trace {
  Task* tracee = nullptr;
  Process* tracer = nullptr;
  Trace* next = nullptr;  // of the same tracer
  u32 options = 0;
  bool is_seized = false;

  TraceStop stop = TraceStop::kNone;
  bool is_unreported = false;  // a wait of the tracer has not taken it yet
  i32 code = 0;                // what wait says: signal, and event above it
  u64 message = 0;             // of the last event
  linux_abi::SigInfo info;     // of the signal
  bool has_verdict = false;    // the tracer has decided about that signal
  i32 verdict = 0;             // the one to deliver, or 0

  bool stops_at_calls = false;  // PTRACE_SYSCALL
  bool emulates_calls = false;  // PTRACE_SYSEMU
  bool is_emulated = false;     // the call whose entry it stands at
  bool is_reentering = false;   // the stop at this call's entry is over
  bool passes_filter = false;   // and that of the filter
  bool is_stepping = false;     // PTRACE_SINGLESTEP
  bool exit_is_due = false;     // a stop at the end of its call
  bool vfork_done_is_due = false;
  bool stop_is_due = false;   // PTRACE_INTERRUPT
  bool runs_stopped = false;  // goes on though its process is stopped
  bool is_listening = false;  // PTRACE_LISTEN: stopped, but as by no tracer
  u64 call = ~u64{0};         // number of the call it is in
  i64 skipped_result = 0;     // of that call, if it is left out
  // What a result to be made again has overwritten for the stop at its end.
  u64 kept_result = 0;
  // What the CPU says of the last debug exception: DR6 on x86-64.
  u64 debug_status = 0;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_PTRACE_TRACE_H_
