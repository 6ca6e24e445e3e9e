#include "tests/sim/kernel_digest.h"

#include <set>
#include <sstream>

#include "arch/sim/tlb_model.h"
#include "kernel/ipc/handle_table.h"
#include "kernel/memory/invariants.h"
#include "kernel/object/objects.h"
#include "kernel/thread/scheduler.h"
#include "kernel/thread/thread_table.h"

namespace tine {
namespace {

template <typename F>
void for_each_thread(F f) {
  for (u32 i = 0; Thread* thread = thread_table.at(i); ++i) {
    if (thread->object.live) f(*thread);
  }
}

template <typename F>
void for_each_handle(Thread& thread, F f) {
  if (thread.handles == nullptr) return;
  for (u32 p = 0; p < HandleTable::kPages; ++p) {
    HandleTable::Page* const page = thread.handles->pages[p];
    if (page == &HandleTable::kEmptyPage) continue;
    for (u32 i = 0; i < HandleTable::kEntriesPerPage; ++i) {
      HandleEntry& entry = page->entries[i];
      if (entry.taken()) f(p * HandleTable::kEntriesPerPage + i, entry);
    }
  }
}

std::string check_tlb(const std::vector<Space*>& spaces) {
  if (!sim::tlb.violation().empty()) return sim::tlb.violation();
  for (const Space* space : spaces) {
    if (space->asid_generation != asid_generation) continue;
    std::string error = sim::tlb.check_all(space->asid, space->root.address());
    if (!error.empty()) return "I8: " + error;
  }
  return {};
}

// Every thread is where its state says.
std::string check_lists() {
  std::set<const Thread*> ready;
  for (unsigned p = 0; p < kPriorities; ++p) {
    const ThreadQueue& queue = run_queue.ready[p];
    if (queue.empty() != ((run_queue.ready_mask[p / 64] >> p % 64 & 1) == 0) ||
        (!queue.empty() && p >= run_queue.ready_end)) {
      return "run queue mask";
    }
    for (const Thread* t = queue.first; t != nullptr; t = t->queue_next) {
      if (t->state != ThreadState::kReady) return "not ready in run queue";
      if (!ready.insert(t).second) return "twice in run queue";
    }
  }
  std::string error;
  for_each_thread([&](Thread& thread) {
    if (thread.state == ThreadState::kReplyWait &&
        (thread.holder == nullptr || !thread.holder->object.live)) {
      error = "waits for an answer that nobody owes";
    }
    if (thread.holder != nullptr && thread.state != ThreadState::kReplyWait) {
      error = "held but not waiting";
    }
  });
  return error;
}

}  // namespace

std::vector<Space*> live_spaces() {
  std::set<Space*> spaces;
  for_each_thread([&](Thread& thread) {
    spaces.insert(thread.space);
    for_each_handle(thread, [&](u32, const HandleEntry& entry) {
      if (entry.type == ObjectType::kSpace) {
        spaces.insert(reinterpret_cast<Space*>(
            reinterpret_cast<u8*>(entry.object) - offsetof(Space, object)));
      }
    });
  });
  return {spaces.begin(), spaces.end()};
}

KernelDigest digest_kernel() {
  KernelDigest lines;
  auto add = [&](auto... parts) {
    std::ostringstream line;
    ((line << parts << ' '), ...);
    lines.push_back(line.str());
  };
  add("live", space_slab.live(), thread_table.live(), endpoint_slab.live(),
      notification_slab.live(), route_slab.live());
  for (const Pool& pool : pools) {
    if (pool.object.live) add("pool", pool.index, pool.limit);
  }
  for (const Space* space : live_spaces()) {
    add("space", space, space->object.generation, space->badge, space->rss,
        space->threads, space->minor_faults);
  }
  for_each_thread([&](Thread& thread) {
    add("thread", thread.index, thread.object.generation,
        static_cast<int>(thread.state), static_cast<int>(thread.priority),
        thread.reply_generation, thread.cookie, thread.space, thread.holder,
        thread.route);
    for_each_handle(thread, [&](u32 slot, const HandleEntry& entry) {
      add("handle", thread.index, slot, entry.object, entry.generation,
          static_cast<int>(entry.rights), entry.badge);
    });
  });
  return lines;
}

std::string check_kernel() {
  const std::vector<Space*> spaces = live_spaces();
  std::string error = check_invariants(spaces);
  if (error.empty()) error = check_tlb(spaces);
  return error.empty() ? check_lists() : error;
}

}  // namespace tine
