// process_madvise: advice about the memory of a process.
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/file.h"
#include "servers/linux_abi/mman.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

Outcome ProcessServer::sys_process_madvise(const Call& call) {
  const u64 count = call.argument(2);
  const u64 advice = call.uint_argument(3);
  if (call.uint_argument(4) != 0 || count > kMaxIoVectors) {
    return call.result(-EINVAL);
  }
  // All vectors are looked at first, as Linux does.
  const auto vector_at = [&](u64 i, IoVector& vector) {
    return user_.read(*call.task.mm, call.argument(1) + i * sizeof(vector),
                      vector);
  };
  IoVector vector;
  for (u64 i = 0; i < count; ++i) {
    if (vector_at(i, vector) != 0) return call.result(-EFAULT);
    if (static_cast<i64>(vector.bytes) < 0) return call.result(-EINVAL);
    if (vector.bytes > kUserAddressEnd ||
        vector.address > kUserAddressEnd - vector.bytes) {
      return call.result(-EFAULT);
    }
  }
  PidFdTarget target;
  if (find_pidfd(call.task, call.int_argument(0), target) != 0) {
    return call.result(-EBADF);
  }
  if (target.process == nullptr) return call.result(-ESRCH);
  if (advice != MADV_WILLNEED && advice != MADV_COLD &&
      advice != MADV_PAGEOUT) {
    return call.result(-EINVAL);
  }
  const Task* const task = live_thread(*target.process);
  if (task == nullptr || task->mm == nullptr) return call.result(-ESRCH);
  if (!may_access(call.task, *target.process->leader)) {
    return call.result(-EACCES);
  }
  if (!is_capable(call.task, Capability::kSysNice)) return call.result(-EPERM);
  i64 done = 0;
  for (u64 i = 0; i < count; ++i) {
    if (vector_at(i, vector) != 0) break;
    const sys::Message advised = sys::call(
        kCallMemory, sys::make_message(MemoryLabel::kMmAdvise, task->mm->id,
                                       vector.address, vector.bytes, advice));
    const i64 error = sys::result_of(advised, -ENOMEM);
    if (error != 0) return call.result(done == 0 ? error : done);
    done += static_cast<i64>(vector.bytes);
  }
  return call.result(done);
}

}  // namespace tine::process
