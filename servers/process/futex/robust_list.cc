// Robust futexes: a thread that ends while it holds some marks them for whoever
// takes them next. The list lies in the program's memory and may be anything.
#include "servers/linux_abi/errno.h"
#include "servers/process/futex/futexes.h"

namespace tine::process {

using namespace linux_abi;

namespace {

constexpr u32 kMostEntries = 2048;  // ROBUST_LIST_LIMIT: it may be a circle

// struct robust_list_head. An entry's lowest bit says that it is a futex with
// priority inheritance.
struct RobustList {
  u64 first;
  i64 futex_offset;  // from an entry to its word
  u64 pending;       // an entry that is just being taken or given back, or 0
};
static_assert(sizeof(RobustList) == kRobustListHeadBytes);

constexpr u64 kInherits = 1;

}  // namespace

// handle_futex_death(). False: the word cannot be used, the walk ends.
bool Futexes::end_robust_futex(Task& task, u64 address, bool is_inherited,
                               bool is_pending) {
  const Mm& mm = *task.mm;
  u32 word;
  if (address % sizeof(word) != 0 || user_.read(mm, address, word) != 0) {
    return false;
  }
  // Given back already, but its waiters not woken.
  if (is_pending && !is_inherited && word == 0) {
    wake_after_end(mm, address);
    return true;
  }
  // As the thread knows itself.
  const i32 tid = pids_.own_tid(task);
  if ((word & kFutexTidMask) != static_cast<u32>(tid)) return true;
  const u32 marked = (word & kFutexWaiters) | kFutexOwnerDied;
  if (user_.write(mm, address, marked) != 0) return false;
  if (!is_inherited && (word & kFutexWaiters) != 0) {
    wake_after_end(mm, address);
  }
  return true;
}

// exit_robust_list()
void Futexes::leave_robust_list(Task& task) {
  const u64 head = task.robust_list;
  if (head == 0) [[likely]]
    return;
  task.robust_list = 0;
  const Mm& mm = *task.mm;
  RobustList list;
  if (user_.read(mm, head, list) != 0) return;
  const u64 pending = list.pending & ~kInherits;
  const auto word_of = [&](u64 entry) {
    return entry + static_cast<u64>(list.futex_offset);
  };
  u64 entry = list.first;
  for (u32 i = 0; i < kMostEntries && (entry & ~kInherits) != head; ++i) {
    const u64 at = entry & ~kInherits;
    // The next first: the entry may be gone once its word is given back.
    u64 next;
    const bool has_next = user_.read(mm, at, next) == 0;
    if (at != pending &&
        !end_robust_futex(task, word_of(at), (entry & kInherits) != 0, false)) {
      return;
    }
    if (!has_next) return;
    entry = next;
  }
  if (pending != 0) {
    (void)end_robust_futex(task, word_of(pending),
                           (list.pending & kInherits) != 0, true);
  }
}

}  // namespace tine::process
