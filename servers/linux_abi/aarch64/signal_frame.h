// The frame of a signal handler on AArch64: struct rt_sigframe and what it
// holds (asm/sigcontext.h, asm/ucontext.h of Linux), and its way to and from
// the registers of a thread.
#ifndef SERVERS_LINUX_ABI_AARCH64_SIGNAL_FRAME_H_
#define SERVERS_LINUX_ABI_AARCH64_SIGNAL_FRAME_H_

#include "arch/hw/trap_frame.h"
#include "arch/hw/user_state.h"
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/frame_request.h"
#include "servers/linux_abi/signal.h"

namespace tine::linux_abi {

inline constexpr u64 kContextRecordBytes = 4096;

// The records of a context: each begins with these, the last is zero.
struct ContextRecord {
  u32 magic;
  u32 bytes;
};
inline constexpr u32 kFpRecord = 0x4650'8001;
inline constexpr u32 kSyndromeRecord = 0x4553'5201;
inline constexpr u32 kExtraRecord = 0x4558'5401;
// A record that ends the others takes this much.
inline constexpr u64 kEndBytes = 16;
// No frame is larger, with all that its extra record names.
inline constexpr u64 kMostFrameBytes = 65536;

struct FpContext {
  ContextRecord head;
  u32 fpsr;
  u32 fpcr;
  u64 vectors[64];
};
static_assert(sizeof(FpContext) == 528);

// More records, which lie just behind this one and an end.
struct ExtraContext {
  ContextRecord head;
  u64 address;
  u32 bytes;
  u32 reserved[3];
};
static_assert(sizeof(ExtraContext) == 32);

struct SigContext {
  u64 fault_address;
  u64 registers[31];
  u64 sp;
  u64 pc;
  u64 pstate;
  u64 padding;
};
static_assert(sizeof(SigContext) == 288);

struct UserContext {
  u64 flags;
  u64 link;
  SigAltStack stack;
  u64 mask;
  u8 more_mask[120];
  u64 padding;
  SigContext registers;
};
static_assert(sizeof(UserContext) == 176 + 288);

// A program has no red zone.
inline constexpr u64 kRedZoneBytes = 0;

// As it lies on the stack, as far as it is filled: kContextRecordBytes follow
// `context`, of which `fp` and `end` are the first.
struct SignalFrame {
  SigInfo info;
  UserContext context;
  FpContext fp;
  ContextRecord end;

  // Of whom it interrupts, for those who walk frame pointers.
  u64 link[2];
  // ---- where they are put
  u64 address;
  u64 link_address;

  // Below `top`.
  void place(u64 top) {
    link_address = (top - sizeof(link)) & ~u64{15};
    address = link_address - kBytes;
  }
  u64 lowest() const { return address; }
  // The parts that are to be written: f(address, from, bytes).
  template <typename F>
  bool for_each_part(F&& f) const {
    return f(address, this, kFilledBytes) &&
           f(link_address, link, sizeof(link));
  }
  static constexpr u64 kFilledBytes = sizeof(SigInfo) + sizeof(UserContext) +
                                      sizeof(FpContext) + sizeof(ContextRecord);
  static constexpr u64 kBytes =
      sizeof(SigInfo) + sizeof(UserContext) + kContextRecordBytes;
};
static_assert(offsetof(SignalFrame, link) == SignalFrame::kFilledBytes);
static_assert(SignalFrame::kBytes == 4688);

inline bool fill_frame(SignalFrame& frame, const FrameRequest& request,
                       const hw::TrapFrame& from, const hw::UserState& state) {
  frame.info = request.info;
  UserContext& context = frame.context;
  context = {};
  context.stack = request.stack;
  context.mask = request.mask;
  SigContext& to = context.registers;
  to.fault_address = request.fault_address;
  // x0 to x10 are the message's registers.
  __builtin_memcpy(to.registers, &from.message, 11 * sizeof(u64));
  __builtin_memcpy(to.registers + 11, from.x11_to_x30, 20 * sizeof(u64));
  to.sp = from.sp;
  to.pc = from.pc;
  to.pstate = from.flags;
  frame.fp.head = {kFpRecord, sizeof(FpContext)};
  frame.fp.fpsr = static_cast<u32>(state.fpsr);
  frame.fp.fpcr = static_cast<u32>(state.fpcr);
  __builtin_memcpy(frame.fp.vectors, state.vectors, sizeof(state.vectors));
  frame.end = {};
  frame.link[0] = from.x11_to_x30[29 - 11];
  frame.link[1] = from.x11_to_x30[30 - 11];
  return true;
}

// The registers with which the handler begins. FP registers stay.
inline void enter_handler(const SignalFrame& frame, const FrameRequest& request,
                          hw::TrapFrame& to) {
  const SigAction& action = request.action;
  const u64 at = frame.address;
  to.message.words[0] = static_cast<u64>(request.signal);
  if ((action.flags & kSaSigInfo) != 0) {
    to.message.words[1] = at + offsetof(SignalFrame, info);
    to.message.words[2] = at + offsetof(SignalFrame, context);
  }
  to.x11_to_x30[29 - 11] = frame.link_address;
  to.x11_to_x30[30 - 11] =
      (action.flags & kSaRestorer) != 0 ? action.restorer : kSignalTrampoline;
  to.pc = action.handler;
  to.sp = at;
}

// The FP record among the records at `base`, in a frame that ends at
// `frame_end` at most. False: they are torn.
template <typename Read>
bool find_fp_record(Read& read, u64 base, u64 frame_end, FpContext& fp) {
  bool found = false;
  bool had_extra = false;
  u64 limit = kContextRecordBytes;
  for (u64 offset = 0; limit - offset >= sizeof(ContextRecord);) {
    ContextRecord head;
    if (!read(base + offset, &head, sizeof(head))) return false;
    if (head.magic == 0) return head.bytes == 0 && found;
    if (head.bytes < sizeof(head) || head.bytes % 16 != 0 ||
        head.bytes > limit - offset) {
      return false;
    }
    const u64 next = base + offset + head.bytes;
    if (head.magic == kFpRecord) {
      if (found || head.bytes < sizeof(fp) ||
          !read(base + offset, &fp, sizeof(fp))) {
        return false;
      }
      found = true;
    } else if (head.magic == kExtraRecord) {
      ExtraContext extra;
      ContextRecord end;
      if (had_extra || head.bytes < sizeof(extra) ||
          limit - offset - head.bytes < kEndBytes ||
          !read(base + offset, &extra, sizeof(extra)) ||
          !read(next, &end, sizeof(end)) || end.magic != 0 || end.bytes != 0 ||
          extra.address != next + kEndBytes || extra.bytes % 16 != 0 ||
          extra.bytes > frame_end - extra.address) {
        return false;
      }
      had_extra = true;
      base = extra.address;
      limit = extra.bytes;
      offset = 0;
      continue;
    } else if (head.magic != kSyndromeRecord) {
      return false;
    }
    offset += head.bytes;
  }
  return false;
}

// Takes back the frame that a handler returns through. `read(address, to,
// bytes)` reads the program's memory. False: it is none; registers that came
// before what is no good are restored all the same, as by Linux.
template <typename Read>
bool restore_frame(Read&& read, hw::TrapFrame& to, hw::UserState& state,
                   FrameReturn& back) {
  // Anything but EL0 in AArch64 state with no exception masked.
  constexpr u64 kNotUser = 0x3df;
  const u64 frame_at = to.sp;
  const u64 context_at = frame_at + sizeof(SigInfo);
  UserContext context;
  FpContext fp;
  // arm64_notify_segfault(): is there anything from the stack pointer upwards?
  const auto is_none = [&] {
    back.code = to.sp < kVdsoAddress + kVdsoBytes ? kNotAllowed : kNotMapped;
    back.address = to.sp;
    return false;
  };
  if (frame_at % 16 != 0 || !read(context_at, &context, sizeof(context))) {
    return is_none();
  }
  back = {.has_mask = true, .mask = context.mask, .stack = context.stack};
  const SigContext& from = context.registers;
  __builtin_memcpy(static_cast<void*>(&to.message), from.registers,
                   11 * sizeof(u64));
  __builtin_memcpy(to.x11_to_x30, from.registers + 11, 20 * sizeof(u64));
  to.sp = from.sp;
  to.pc = from.pc;
  to.flags = from.pstate & hw::kUserFlags;
  if ((from.pstate & kNotUser) != 0 ||
      !find_fp_record(read, context_at + sizeof(context),
                      frame_at + kMostFrameBytes, fp)) {
    return is_none();
  }
  state.fpsr = fp.fpsr;
  state.fpcr = fp.fpcr;
  __builtin_memcpy(state.vectors, fp.vectors, sizeof(fp.vectors));
  return true;
}

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_AARCH64_SIGNAL_FRAME_H_
