#include "tests/sim/system_invariants.h"

#include <map>
#include <set>

#include "kernel/object/objects.h"
#include "kernel/thread/thread_table.h"
#include "tests/sim/board_check.h"
#include "tests/sim/kernel_digest.h"
#include "tests/sim/reference_counts.h"
#include "tests/sim/server_bodies.h"

namespace tine {
namespace {

std::vector<Thread*> live_threads() {
  std::vector<Thread*> threads;
  for (u32 i = 0; Thread* thread = thread_table.at(i); ++i) {
    if (thread->object.live) threads.push_back(thread);
  }
  return threads;
}

std::string violation(const char* rule, u64 left, u64 right) {
  return std::string(rule) + ": " + std::to_string(left) + " against " +
         std::to_string(right);
}

// I4: a published thread has a live space, and its task is live with a parent
// and an mm. I5: nothing is left over.
std::string check_threads(const std::set<Space*>& spaces,
                          const ServersView& view) {
  std::map<u64, const TaskView*> tasks;
  u64 live_tasks = 0;
  std::set<u64> mms;
  for (const TaskView& task : view.tasks) {
    tasks[task.cookie] = &task;
    live_tasks += task.is_live;
    if (task.is_live) mms.insert(task.mm);
    if (task.pid != 1 && !task.has_parent) return "I4: task without parent";
  }
  u64 managed = 0;
  for (const Thread* thread : live_threads()) {
    if (!spaces.contains(thread->space)) return "I4: thread without space";
    if (thread->kind != ThreadKind::kManaged) continue;
    ++managed;
    const auto task = tasks.find(thread->cookie);
    if (task == tasks.end() || !task->second->is_live) {
      return "I4: thread without live task";
    }
    if (task->second->mm != thread->space->badge) {
      return "I4: a thread's space is not its task's";
    }
  }
  if (managed != live_tasks)
    return violation("I5: threads", managed, live_tasks);
  if (mms.size() != view.process_mms) {
    return violation("I5: mms of tasks", mms.size(), view.process_mms);
  }
  // Through the rings: what the servers below will find before anything else.
  if (view.memory_mms != view.process_mms + view.mms_to_drop) {
    return violation("I5: mms of the memory server", view.memory_mms,
                     view.process_mms + view.mms_to_drop);
  }
  if (view.vfs_tasks + view.tasks_to_make != live_tasks + view.tasks_to_drop) {
    return violation("I4: file tables", view.vfs_tasks + view.tasks_to_make,
                     live_tasks + view.tasks_to_drop);
  }
  return {};
}

}  // namespace

std::string check_system(const CallLedger& calls) {
  const std::vector<Space*> list = live_spaces();
  if (list.size() != space_slab.live()) {
    return violation("spaces that no server can name", list.size(),
                     space_slab.live());
  }
  std::string error = check_kernel();
  const ServersView view = view_servers();
  if (error.empty()) error = check_threads({list.begin(), list.end()}, view);
  if (error.empty()) error = calls.check(view);
  if (error.empty()) error = check_reference_counts(running_servers());
  if (error.empty() && running_servers().process != nullptr) {
    error = check_board(*running_servers().process);
  }
  return error;
}

}  // namespace tine
