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

inline constexpr u32 kReplyGenerationMask = 0x7fff'ffff;  // bit 63 of a token
                                                          // is kCopyEndToken

// The trap frame is first, so that entry code finds it at the thread's own
// address: traps save registers straight into it and there is no kernel stack
// per thread.
struct Thread {
  hw::TrapFrame frame;

  Object object;
  ThreadState state;
  ThreadKind kind;
  u8 priority;
  PendingReply pending_reply;
  u16 send_label;        // label of the message it sends, has sent last
  u32 reply_generation;  // makes a token one-shot; kept when the slot is freed
  u32 index;             // of this slot in the thread slab: the token's id

  Space* space;
  u64 cookie;            // chosen by the process server; servers: their badge
  RouteTable* route;     // managed threads
  HandleTable* handles;  // server threads
  u8* utcb;              // server threads: kernel address of the Utcb
  Endpoint* fault_endpoint;  // server threads: who hears of their faults

  Thread* holder;  // the server that must answer; null unless kReplyWait

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

  hw::UserState user_state;
};
static_assert(offsetof(Thread, frame) == 0);
static_assert(sizeof(hw::TrapFrame) <= sizeof(Utcb::registers));
static_assert(sizeof(hw::UserState) <= sizeof(Utcb::user_state));

// A reply token names one awaited answer: thread index and generation, never 0.
constexpr u64 make_token(u32 index, u32 generation) {
  return (u64{generation} << 32) | (u64{index} + 1);
}

}  // namespace tine

#endif  // KERNEL_THREAD_THREAD_H_
