#include "kernel/thread/kill_thread.h"

#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/handle_table.h"
#include "kernel/ipc/reply.h"
#include "kernel/thread/cpu_time.h"
#include "kernel/thread/scheduler.h"
#include "kernel/thread/thread_table.h"

namespace tine {
namespace {

void leave_queues(Thread& thread) {
  switch (thread.state) {
    case ThreadState::kReady:
      remove_ready(thread);
      break;
    case ThreadState::kSending:
      thread.endpoint->senders.remove(thread);
      break;
    case ThreadState::kReceiving:
      thread.endpoint->receivers.remove(thread);
      break;
    case ThreadState::kReplyWait:
      unhold(thread);
      break;
    case ThreadState::kEmbryo:
    case ThreadState::kStopped:
      break;
  }
}

}  // namespace

void kill_thread(Thread& thread) {
  leave_queues(thread);
  if (thread.kind == ThreadKind::kServer) {
    answer_all_died(thread);
    if (thread.handles != nullptr) handle_table_destroy(*thread.handles);
  }
  forget_user_state(thread);
  forget_cpu_time(thread);
  forget_slice(thread);
  thread_table.release(thread);
}

}  // namespace tine
