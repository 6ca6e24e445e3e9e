// No frame is left for memory that was promised: who is killed for it.
//
// As in Linux, not whoever happens to need the next frame but the process that
// has most; the other one tries again. So a program that takes all memory ends
// itself and nobody else, and process 1 goes last.
#include "servers/linux_abi/signal.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

// The space with the most pages of all that a task but process 1 uses. Null:
// there is none.
const Mm* ProcessServer::largest_mm() {
  const Mm* largest = nullptr;
  u64 most = 0;
  Task* next = tasks_.begin();
  while (next != tasks_.end()) {
    sys::Batch batch;
    const Mm* asked[kMaxBatchOps];
    for (; next != tasks_.end() && batch.size() < kMaxBatchOps; ++next) {
      if (next->state != TaskState::kLive || next->process->is_init()) continue;
      asked[batch.size()] = next->mm;
      batch.add(OpCode::kSpaceStat, next->mm->space);
    }
    const unsigned count = batch.size();
    if (count == 0 || batch.run().status != Status::kOk) continue;
    for (unsigned i = 0; i < count; ++i) {
      const u64 pages = batch[i].a;
      // Among equals the later: a child rather than its parent.
      if (pages >= most) {
        most = pages;
        largest = asked[i];
      }
    }
  }
  return largest;
}

// `task` needs a frame: somebody ends, perhaps itself.
void ProcessServer::make_room(Task& task) {
  const Mm* victim = largest_mm();
  if (victim == nullptr || victim == task.mm) {
    end_process(*task.process, status_of_signal(kSigKill));
  }
  for (Task& other : tasks_) {
    if (other.state == TaskState::kLive && other.mm == victim &&
        !other.process->is_init()) {
      end_process(*other.process, status_of_signal(kSigKill));
    }
  }
}

// `task` faulted, or made the call of `token`: it ends, or tries once more when
// another one has ended.
Outcome ProcessServer::out_of_memory(Task& task, u64 token) {
  make_room(task);
  if (task.is_doomed) return withhold();
  return Outcome(token, make_tag(0, kReplyRestart));
}

}  // namespace tine::process
