#include "kernel/debug.h"

#include "kernel/abi/debug.h"
#include "kernel/base/fault_site.h"
#include "kernel/log.h"
#include "kernel/object/objects.h"
#include "kernel/panic.h"
#include "kernel/thread/thread_table.h"
#include "kernel/trace.h"

namespace tine {
namespace {

constexpr u64 kMaxLogBytes = 256;

// Text in the server's own memory, to its NUL, an unmapped page or the bound.
struct ServerText {
  char bytes[kMaxLogBytes];
  u64 count = 0;
};

void read_text(Thread& server, u64 address, ServerText& text) {
  const char* window = nullptr;
  while (text.count < kMaxLogBytes) {
    const VirtAddr at{address + text.count};
    if (window == nullptr || at.page_offset() == 0) {
      Status status = Status::kOk;
      window = reinterpret_cast<const char*>(
          space_window(*server.space, at, Access::kRead, status));
      if (window == nullptr) return;
    }
    if (*window == '\0') return;
    text.bytes[text.count++] = *window++;
  }
}

void log_text(Thread& server, u64 address) {
  ServerText text;
  read_text(server, address, text);
  log("server ", server.cookie, ": ", Untrusted{text.bytes, text.count});
}

}  // namespace

void log_what_is_left() {
  log("end: ", frames_free(), " of ", frames_total(), " frames free, ",
      space_slab.live(), " spaces, ", thread_table.live(), " threads, ",
      endpoint_slab.live(), " endpoints");
}

void debug_call(Thread& server) {
  MessageRegisters& message = server.frame.message;
  switch (static_cast<DebugOp>(message.words[0])) {
    case DebugOp::kLog:
      log_text(server, message.words[1]);
      message.words[0] = 0;
      return;
    case DebugOp::kFail:
      log_text(server, message.words[1]);
      end_run(kSystemFailed);
    case DebugOp::kInject: {
      const u64 passed = fault_injection.passed;
      fault_injection.arm(message.words[1]);
      message.words[0] = passed;
      return;
    }
    case DebugOp::kTrace:
      if (message.words[1] >= kTraceSteps) break;
      trace_server_step(static_cast<TraceStep>(message.words[1]), server.index,
                        message.words[2]);
      message.words[0] = 0;
      return;
  }
  message.words[0] = static_cast<u64>(static_cast<i64>(Status::kInvalid));
}

}  // namespace tine
