// No frame is left for memory that was promised: who is killed for it.
//
// As in Linux, not whoever happens to need the next frame but the process that
// has most, its oom_score_adj being so many thousandths of all memory more or
// less; the other one tries again. So a program that takes all memory ends
// itself and nobody else, and process 1 goes last.
#include "servers/linux_abi/signal.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

// The space with the most pages, adjusted, of all that a task but process 1
// uses and that may be taken. Null: there is none.
const Mm* ProcessServer::largest_mm() const {
  constexpr i64 kNever = -1000;
  constexpr i64 kThousandths = 1000;
  const i64 all_pages = static_cast<i64>(config_.memory_bytes >> kPageShift);
  const Mm* largest = nullptr;
  i64 most = INT64_MIN;
  const Task* next = tasks_.begin();
  while (next != tasks_.end()) {
    sys::Batch batch;
    const Task* asked[kMaxBatchOps];
    for (; next != tasks_.end() && batch.size() < kMaxBatchOps; ++next) {
      if (next->state != TaskState::kLive || next->process->is_init()) continue;
      if (board_.record_of(*next).oom_adjust == kNever) continue;
      asked[batch.size()] = next;
      batch.add(OpCode::kSpaceStat, next->mm->space);
    }
    const unsigned count = batch.size();
    if (count == 0 || batch.run().status != Status::kOk) continue;
    for (unsigned i = 0; i < count; ++i) {
      const i64 pages =
          static_cast<i64>(batch[i].a) +
          board_.record_of(*asked[i]).oom_adjust * all_pages / kThousandths;
      // Among equals the later: a child rather than its parent.
      if (pages >= most) {
        most = pages;
        largest = asked[i]->mm;
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
