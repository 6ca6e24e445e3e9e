#include "kernel/thread/copy_thread.h"

#include "arch/hw/copy_page.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/thread/switch.h"
#include "kernel/thread/thread_table.h"

namespace tine {
Thread* take_embryo(Pool& pool, Space& space, ThreadKind kind) {
  Thread* thread = thread_table.take(pool);
  if (thread == nullptr) return nullptr;
  thread->state = ThreadState::kEmbryo;
  thread->kind = kind;
  thread->priority =
      kind == ThreadKind::kManaged ? kManagedPriority : kServerPriority;
  thread->slice_ns = kSliceNs;
  thread->slice_left_ns = 0;
  thread->pending_reply = PendingReply::kCall;
  thread->send_label = 0;
  thread->reply_slot = thread->index + 1;
  thread->space = &space;
  thread->cookie = 0;
  thread->route = nullptr;
  thread->handles = nullptr;
  thread->utcb = nullptr;
  thread->fault_endpoint = nullptr;
  thread->holder = nullptr;
  thread->last_caller = thread;
  thread->last_endpoint = &no_endpoint;
  thread->endpoint = nullptr;
  thread->pool = &pool;
  thread->user_ns = 0;
  thread->served_ns = 0;
  thread->user_samples = 0;
  thread->served_samples = 0;
  ++space.threads;
  return thread;
}

void drop_embryo(Thread& embryo) {
  --embryo.space->threads;
  thread_table.release(embryo);
}

void clear_registers(Thread& thread) {
  hw::init_user_frame(thread.frame, 0, 0);
  hw::init_user_state(thread.user_state);
}

void copy_thread(Thread& child, Thread& source, u64 stack, bool set_tls,
                 u64 tls) {
  copy_whole(child.frame, source.frame);
  copy_user_state(child.user_state, source);
  hw::set_result(child.frame, 0);
  if (stack != 0) child.frame.sp = stack;
  if (set_tls) hw::set_tls(child.user_state, tls);
  child.priority = source.priority;
  child.slice_ns = source.slice_ns;
  child.route = source.route;
}

}  // namespace tine
