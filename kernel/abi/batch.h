// Batch operations: everything a server can ask of kernel objects.
//
// A batch is up to kMaxBatchOps operations in the server's UTCB. Operations of
// class *atomic* cost O(1) and are all-or-nothing together: all are checked and
// costed before the first takes effect. An operation of class *progressive*
// must be alone in its batch; it does a bounded quantum of work and reports
// kMore with its progress in words[2] of the answer until it is done.
#ifndef KERNEL_ABI_BATCH_H_
#define KERNEL_ABI_BATCH_H_

#include "kernel/abi/message.h"
#include "kernel/base/types.h"

namespace tine {

// Index into the server's handle table. Servers choose their own slots; an
// operation that makes a handle fails with kBusy if the slot is taken.
using Handle = u32;
inline constexpr Handle kNoHandle = 0;
inline constexpr Handle kMaxHandles = 1u << 16;

inline constexpr unsigned kMaxBatchOps = 16;

enum class OpCode : u32 {
  // ---- pools -------------------------------------------------------------
  kPoolSplit = 1,  // handle=pool a=slot b=frames: new pool with that budget
  kPoolStat,       // handle=pool -> result=used, a=limit (both in frames)
  // ---- spaces ------------------------------------------------------------
  kSpaceNew,       // handle=pool a=slot b=badge c=SpaceKind
  kSpaceFork,      // handle=src a=slot b=badge c=pool d=ForkMode: new space
                   // that shares src's memory copy-on-write
  kSpaceMap,       // P handle=dst a=va b=src handle c=src va d=pages
                   //   e=rights | MapMode << 8 | kMapPresent or 0
  kSpaceMark,      // P handle a=va d=pages e=rights: demand-zero
  kSpaceProtect,   // P handle a=va d=pages e=rights: of what is mapped/marked
  kSpaceUnmap,     // P handle a=va d=pages
  kSpacePopulate,  // P handle a=va d=pages e=rights: fresh zero frames, wired
  kSpaceResolve,   // P handle a=va d=pages e=Access: as the hardware fault
                   //   would (copy-on-write, demand-zero); stops at kFault
  kSpacePresent,   // P handle a=va d=pages (<= 64) -> result=bit i: page i has
                   //   a frame
  kSpaceStat,      // handle -> a=rss pages b=minor faults c=badge
  kSpaceValid,     // handle: fails with kStale if the space was destroyed
  kSpaceDestroy,   // handle: revoke and tear down (deferred; kBusy while a
                   //   published thread uses it) -> as kSpaceStat
  // ---- threads -----------------------------------------------------------
  kThreadNew,        // handle=pool a=slot b=space c=ThreadKind d=route/handler
                     //   e=badge: unpublished, registers zero
  kThreadClone,      // a=reply token of the source b=slot c=space d=stack (0:
                     //   same) e=tls, flags: kCloneSetTls, kClonePublish: is
                     //   runnable, too, with cookie `result`; result register 0
  kThreadRegisters,  // handle or token (a) ; b=RegistersAction: UTCB registers
  kThreadSpace,      // a=token or handle b=space: exec. Source is stopped;
                     //   loses its breakpoints
  kThreadPublish,    // handle=thread b=cookie: becomes runnable
  kThreadKill,       // handle=thread: at once; its reply becomes stale -> as
                     //   kThreadStat
  kThreadPriority,   // handle=thread a=priority b=ns of a time slice (0: it
                     //   runs until it waits); servers have none
  kThreadInterrupt,  // handle=managed thread -> result=InterruptResult
  kThreadStat,       // handle=managed thread -> a=ns of its own, b=ns served:
                     //   CPU time so far
  kThreadRoute,      // handle or token (a) ; b=route of its further calls,
                     //   inherited by its clones
  kThreadBreakpoints,  // handle or token (a) of a managed thread;
                       //   b=RegistersAction: breakpoints and watchpoints, in
                       //   the UTCB's user state. Its clones have none
  // ---- communication -----------------------------------------------------
  kReply,             // a=token b=words[0] c=tag: answer without receiving.
                      //   d, e, result=words[1..3], which kReplyRaise carries
  kForward,           // a=token b=endpoint c=label d=word0: pass a program's
                      //   call on
  kEndpointNew,       // handle=pool a=slot
  kEndpointMint,      // handle=endpoint a=slot b=badge (call right only)
  kNotificationNew,   // handle=pool a=slot
  kNotificationBind,  // handle=notification a=endpoint: delivered by receives
  kNotify,            // handle=notification a=bits
  kTimerSet,          // handle=notification a=bits b=deadline ns (0: none)
  kRouteNew,          // handle=pool a=slot b=process c=memory d=vfs endpoints
  kRouteSet,          // handle=route a=number b=Route
  // ---- handles -----------------------------------------------------------
  kHandleGive,   // handle a=token b=slot: copy into the caller's table
  kHandlePut,    // handle a=thread handle b=slot: into a new server's table
  kHandleClose,  // handle
  kStore,        // a=address in the caller's own wired memory b=u64 value:
                 //   release store (publishes a ring's tail)
  // ---- devices -----------------------------------------------------------
  kDeviceRead,     // handle=device a=register -> result
  kDeviceWrite,    // handle=device a=register b=value
  kInterruptBind,  // handle=interrupt a=notification b=bits
  kInterruptAck,   // handle=interrupt
  // ---- the run -----------------------------------------------------------
  kShutdown,  // handle=control a=exit status of the run
};

// One operation, 64 bytes. `result` is written back by the kernel.
struct Op {
  OpCode code;
  Handle handle;
  u64 a = 0, b = 0, c = 0, d = 0, e = 0;
  u64 result = 0;  // what `->` says above; of kReply and kThreadClone an
                   // argument
  u32 flags = 0;
  u32 reserved = 0;
};
static_assert(sizeof(Op) == 64);

enum class SpaceKind : u64 { kLoadable = 0, kObject = 1 };
enum class ForkMode : u64 { kShareTables = 0, kEager = 1 };
enum class MapMode : u64 { kShared = 0, kPrivate = 1 };  // private = COW
// kSpaceMap of an object: only pages that it has, and only where nothing is.
inline constexpr u64 kMapPresent = u64{1} << 16;
enum class ThreadKind : u64 { kManaged = 0, kServer = 1 };
enum class RegistersAction : u64 { kGet = 0, kSet = 1 };
// Where kThreadInterrupt found the thread.
enum class InterruptResult : u64 {
  kPosted = 0,        // it was ready, or its message was not taken yet: sends
                      // kLabelAttention to its process server
  kHeldByCaller = 1,  // the caller of the batch owes it an answer
  kHeldByOther = 2,   // another server does
  kOnItsWay = 3,      // queued at its process server already
  kNotLive = 4,       // not published, stopped, or without a process server
};
enum class Route : u64 { kProcess = 0, kMemory = 1, kVfs = 2 };

// Priorities are below kPriorities. A thread runs before all of a lower one;
// those of the same take turns. Servers have kServerPriority and above.
inline constexpr u8 kPriorities = 128;
inline constexpr u8 kServerPriority = 120;
// What a managed thread has until kThreadPriority or its parent says otherwise.
inline constexpr u8 kManagedPriority = 8;
inline constexpr u64 kSliceNs = 4'000'000;

enum Rights : u8 { kRead = 1, kWrite = 2, kExecute = 4 };

// Most bytes of one NativeOp::kCopy.
inline constexpr u64 kMaxCopyBytes = 64 * 1024;

inline constexpr u32 kCloneSetTls = 1;
inline constexpr u32 kClonePublish = 2;

// One end of a copy: a Space handle, or a held reply token with bit 63 set (the
// space of that reply's sender), or kCopyEndSelf, the caller's own space.
inline constexpr u64 kCopyEndToken = u64{1} << 63;
inline constexpr u64 kCopyEndSelf = u64{1} << 62;

// The user thread control block: one wired page of every server thread, at
// kUtcbAddress in its space.
struct Utcb {
  u32 count = 0;  // operations for kBatchReplyRecv
  u32 pad = 0;
  Op ops[kMaxBatchOps];
  alignas(64) u8 registers[512];   // hw::TrapFrame for kThreadRegisters
  alignas(64) u8 user_state[640];  // hw::UserState: FP and TLS; or the
                                   // hw::DebugRegisters of kThreadBreakpoints
};
static_assert(sizeof(Utcb) <= 4096);
inline constexpr u64 kUtcbAddress = 0x7000'0000;

}  // namespace tine

#endif  // KERNEL_ABI_BATCH_H_
