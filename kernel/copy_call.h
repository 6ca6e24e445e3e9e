// The calls by which servers reach the memory of programs. Their messages stay
// in registers (arch/*/register_message.h).
#ifndef KERNEL_COPY_CALL_H_
#define KERNEL_COPY_CALL_H_

#include "arch/hw/register_message.h"
#include "kernel/memory/space.h"
#include "kernel/thread/thread.h"

namespace tine {

// NativeOp::kCopy, kPeek and kPoke.
TINE_BY_REGISTERS Thread* copy_call(TINE_MESSAGE_PARAMETERS);
TINE_BY_REGISTERS Thread* peek_call(TINE_MESSAGE_PARAMETERS);
TINE_BY_REGISTERS Thread* poke_call(TINE_MESSAGE_PARAMETERS);

// Where in the kernel's own addresses a peek or poke of so many bytes finds
// them; null with `status` set if it cannot as things are.
inline u8* peek_window(Space& space, VirtAddr address, u64 bytes, Access access,
                       Status& status) {
  if (bytes > kMaxPeekBytes || address.page_offset() + bytes > kPageSize)
      [[unlikely]] {
    status = Status::kTooLarge;
    return nullptr;
  }
  return space_window(space, address, access, status);
}

}  // namespace tine

#endif  // KERNEL_COPY_CALL_H_
