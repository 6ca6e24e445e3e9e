// A thread: user registers, address space, and what it awaits.
#ifndef KERNEL_THREAD_THREAD_H_
#define KERNEL_THREAD_THREAD_H_

#include <cstddef>

#include "arch/hw/trap_frame.h"
#include "arch/hw/user_state.h"
#include "kernel/abi/batch.h"
#include "kernel/base/object.h"

namespace tine {

struct Space;
struct Endpoint;
struct HandleTable;
struct RouteTable;
struct Pool;
struct Breakpoints;

enum class ThreadState : u8 {
  kEmbryo,     // not published: no one can run or see it
  kReady,      // running, or in the run queue
  kSending,    // queued at `endpoint`; its message is made when it is taken
  kReceiving,  // a server waiting on `endpoint`
  kReplyWait,  // its message was taken; `holder` owes the answer
  kStopped,    // published but not runnable: whom it needs is gone
};

// How an awaited answer acts on the thread.
enum class PendingReply : u8 {
  kCall = 0,   // a system call's result, or a server's raw message
  kEvent = 1,  // a fault or exception: registers have no place for a result
};

// The trap frame is first, so that entry code finds it at the thread's own
// address: traps save registers straight into it and there is no kernel stack
// per thread. Entry code looks at `kind`, too.
struct Thread {
  hw::TrapFrame frame;
  ThreadKind kind;

  Object object;
  // These three change together when it sends: one store.
  ThreadState state;
  PendingReply pending_reply;
  u16 send_label;  // label of the message it sends, has sent last
  u32 index;       // of this slot in the thread slab
  // The two halves of its reply token, one load. The generation makes it
  // one-shot; it is kept when the slot is freed.
  alignas(8) u32 reply_generation;
  u32 reply_slot;  // index + 1
  u8 priority;

  Space* space;
  u64 cookie;            // chosen by the process server; servers: their badge
  RouteTable* route;     // managed threads
  HandleTable* handles;  // server threads
  u8* utcb;              // server threads: kernel address of the Utcb
  Endpoint* fault_endpoint;  // server threads: who hears of their faults

  Thread* holder;  // the server that must answer; null unless kReplyWait
  // Servers: whose message it took last, and where it received it by which
  // handle; what its next answer names, as a rule. Whoever uses them compares.
  Thread* last_caller;
  Endpoint* last_endpoint;  // &no_endpoint: the handle was closed since
  u64 last_endpoint_handle;

  // While kSending / kReceiving; the links also in the run queue.
  Thread* queue_next;
  Thread* queue_previous;
  Endpoint* endpoint;
  u64 send_badge;  // badge of the handle it sends through
  // What a message needs that the frame does not hold: the fault's address and
  // kind, the words of a raise, word 0 of a forwarded call.
  u64 event[4];

  Pool* pool;
  // Managed threads (scheduler.h).
  u32 slice_ns;       // 0: it keeps its turn until it waits
  i64 slice_left_ns;  // of its last slice; below 0: so much too long
  // Managed threads: CPU time so far, the program's own and that of servers for
  // it, and how many samples found which (cpu_time.h).
  u64 user_ns;
  u64 served_ns;
  u32 user_samples;
  u32 served_samples;

  // Null as a rule. The slot's: it is kept when that is freed (breakpoints.h).
  Breakpoints* breakpoints;

  hw::UserState user_state;
};
static_assert(offsetof(Thread, frame) == 0);
static_assert(offsetof(Thread, kind) == THREAD_KIND);
static_assert(static_cast<u64>(ThreadKind::kManaged) == THREAD_KIND_MANAGED);
static_assert(sizeof(hw::TrapFrame) <= sizeof(Utcb::registers));
static_assert(sizeof(hw::UserState) <= sizeof(Utcb::user_state));

// A reply token names one awaited answer: thread and generation, never 0. Bit
// 63 is never set: kCopyEndToken.
inline u64 reply_token(const Thread& thread) {
  return u64{thread.reply_slot} << 32 | thread.reply_generation;
}

}  // namespace tine

#endif  // KERNEL_THREAD_THREAD_H_
