// Making and removing sets of semaphores.
#include "servers/process/sysv/semaphores.h"

#include "servers/linux_abi/errno.h"
#include "servers/process/sysv/ipc_get.h"

namespace tine::process::sysv {

using namespace linux_abi;

i64 Semaphores::get(const GetRequest& request, i32 count, u64 now) {
  if (count < 0 || count > kMostInSet) return -EINVAL;
  return get_object(
      sets_, request,
      [count](const SemaphoreSet& set) {
        return static_cast<u32>(count) > set.count ? i64{-EINVAL} : 0;
      },
      [&] { return make(request, static_cast<u32>(count), now); });
}

i64 Semaphores::make(const GetRequest& request, u32 count, u64 now) {
  if (count == 0) return -EINVAL;
  if (used_ + count > u32{kMostSemaphores} || sets_.is_full()) return -ENOSPC;
  auto* set = blocks_.make<SemaphoreSet>();
  if (set == nullptr) return -ENOMEM;
  void* values = blocks_.take(count * sizeof(Semaphore));
  if (values == nullptr) {
    blocks_.give(set);
    return -ENOMEM;
  }
  own(*set, request);
  set->count = count;
  set->semaphores = static_cast<Semaphore*>(values);
  for (u32 i = 0; i < count; ++i) set->semaphores[i] = {};
  set->changed = now;
  sets_.add(*set);
  used_ += count;
  return set->id();
}

void Semaphores::remove(SemaphoreSet& set) {
  while (SemaphoreUndo* undo = set.undos) {
    set.undos = undo->next_of_set;
    unlink_from_list(*undo);
    blocks_.give(undo);
  }
  while (Task* waiter = set.waiters.first()) tasks_.wake(*waiter, -EIDRM);
  sets_.remove(set);
  used_ -= set.count;
  blocks_.give(set.semaphores);
  blocks_.give(&set);
}

u64 Semaphores::blocks() const {
  u64 blocks = 0;
  sets_.for_each([&](const SemaphoreSet& set) {
    blocks += 2;
    for (const SemaphoreUndo* undo = set.undos; undo != nullptr;
         undo = undo->next_of_set) {
      ++blocks;
    }
    for (const Task* task = set.waiters.first(); task != nullptr;
         task = task->ipc.next) {
      ++blocks;
    }
  });
  return blocks;
}

}  // namespace tine::process::sysv
