#include "kernel/copy_call.h"

#include "kernel/abi/batch.h"
#include "kernel/ipc/handle_table.h"
#include "kernel/ipc/reply.h"
#include "kernel/memory/space.h"

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

}  // namespace

void copy_call(Thread& server) {
  u64(&words)[kMessageWords] = server.frame.message.words;
  const VirtAddr to_address{words[1]};
  const VirtAddr from_address{words[3]};
  const u64 bytes = words[4];
  Space* to = nullptr;
  Space* from = nullptr;
  Status status = find_end(server, words[0], to);
  if (status == Status::kOk) status = find_end(server, words[2], from);
  if (bytes > kMaxCopyBytes) status = Status::kTooLarge;
  u64 done = 0;
  CopyFault fault{Status::kOk, {}, nullptr};
  if (status == Status::kOk) [[likely]] {
    done = copy_between(*to, to_address, *from, from_address, bytes, fault);
    if (done != bytes) [[unlikely]]
      status = fault.status;
  }
  words[0] = static_cast<u64>(static_cast<i64>(status));
  words[1] = done;
  words[2] = fault.address.value;
  words[3] = fault.space != nullptr ? fault.space->badge : 0;
}

}  // namespace tine
