#include "kernel/copy_call.h"

#include "arch/hw/copy_page.h"
#include "kernel/abi/batch.h"
#include "kernel/ipc/handle_table.h"
#include "kernel/ipc/reply.h"

namespace tine {
namespace {

Status find_end(Thread& server, u64 end, Space*& space) {
  if ((end & kCopyEndToken) != 0) {
    const Thread* const sender = find_held(server, end & ~kCopyEndToken);
    if (sender == nullptr) return Status::kStale;
    space = sender->space;
    return Status::kOk;
  }
  if (end == kCopyEndSelf) {
    space = server.space;
    return Status::kOk;
  }
  return find_object(*server.handles, end, ObjectType::kSpace, kAllRights,
                     space);
}

u64 to_word(Status status) {
  return static_cast<u64>(static_cast<i64>(status));
}

}  // namespace

TINE_BY_REGISTERS Thread* copy_call(TINE_MESSAGE_PARAMETERS) {
  Space* to = nullptr;
  Space* from = nullptr;
  Status status = find_end(*thread, w0, to);
  if (status == Status::kOk) status = find_end(*thread, w2, from);
  if (w4 > kMaxCopyBytes) status = Status::kTooLarge;
  u64 done = 0;
  CopyFault fault{Status::kOk, {}, nullptr};
  if (status == Status::kOk) [[likely]] {
    done = copy_between(*to, VirtAddr{w1}, *from, VirtAddr{w3}, w4, fault);
    if (done != w4) [[unlikely]]
      status = fault.status;
  }
  w0 = to_word(status);
  w1 = done;
  w2 = fault.address.value;
  w3 = fault.space != nullptr ? fault.space->badge : 0;
  tag = 0;
  return hw::resume_with_message(TINE_MESSAGE);
}

TINE_BY_REGISTERS Thread* peek_call(TINE_MESSAGE_PARAMETERS) {
  Space* space = nullptr;
  Status status = find_end(*thread, w0, space);
  if (status == Status::kOk) [[likely]] {
    const u8* const window =
        peek_window(*space, VirtAddr{w1}, w2, Access::kRead, status);
    if (window != nullptr) [[likely]] {
      u64 words[kMessageWords - kPeekWord] = {};
      hw::copy_bytes(reinterpret_cast<u8*>(words), window, w2);
      w3 = words[0];
      w4 = words[1];
      w5 = words[2];
      w6 = words[3];
      w7 = words[4];
    }
  }
  w0 = to_word(status);
  tag = 0;
  return hw::resume_with_message(TINE_MESSAGE);
}

TINE_BY_REGISTERS Thread* poke_call(TINE_MESSAGE_PARAMETERS) {
  Space* space = nullptr;
  Status status = find_end(*thread, w0, space);
  if (status == Status::kOk) [[likely]] {
    u8* const window =
        peek_window(*space, VirtAddr{w1}, w2, Access::kWrite, status);
    if (window != nullptr) [[likely]] {
      const u64 words[] = {w3, w4, w5, w6, w7};
      hw::copy_bytes(window, reinterpret_cast<const u8*>(words), w2);
    }
  }
  w0 = to_word(status);
  tag = 0;
  return hw::resume_with_message(TINE_MESSAGE);
}

}  // namespace tine
