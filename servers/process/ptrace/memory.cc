// Memory of a traced thread, and the signals that wait for it.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/ptrace.h"
#include "servers/process/ptrace/traced_thread.h"
#include "servers/runtime/sys.h"

namespace tine::process {

using namespace linux_abi;

i64 TracedThreads::access(const Task& task, MemoryLabel label, u64 address,
                          u64* word) {
  const i64 done = sys::result_of(
      sys::call(kCallMemory, sys::make_message(label, task.mm->id, address,
                                               reinterpret_cast<u64>(word),
                                               sizeof(*word), kMmForce)),
      -EIO);
  if (done == -ENOMEM) {
    user_.note_short();
    return done;
  }
  return done == i64{sizeof(*word)} ? 0 : -EIO;
}

i64 TracedThreads::peek(const Call& call, const Task& task) {
  u64 word = 0;
  const i64 error = access(task, MemoryLabel::kMmRead, call.argument(2), &word);
  return error != 0 ? error
                    : user_.write(*call.task.mm, call.argument(3), word);
}

i64 TracedThreads::poke(const Call& call, const Task& task) {
  u64 word = call.argument(3);
  return access(task, MemoryLabel::kMmWrite, call.argument(2), &word);
}

i64 TracedThreads::peek_signals(const Call& call, const Task& task) {
  PeekSigInfo wanted;
  if (user_.read(*call.task.mm, call.argument(2), wanted) != 0) return -EFAULT;
  if ((wanted.flags & ~1u) != 0 || wanted.count < 0) return -EINVAL;
  const PendingSignals& pending =
      (wanted.flags & 1) != 0 ? task.process->pending : task.pending;
  i64 copied = 0;
  u64 place = 0;
  for (const QueuedSignal* each = pending.first;
       each != nullptr && copied < wanted.count; each = each->next) {
    if (place++ < wanted.offset) continue;
    const u64 to =
        call.argument(3) + static_cast<u64>(copied) * sizeof(SigInfo);
    if (user_.write(*call.task.mm, to, each->info) != 0) {
      return copied != 0 ? copied : -EFAULT;
    }
    ++copied;
  }
  return copied;
}

}  // namespace tine::process
