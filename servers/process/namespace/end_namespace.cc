// The beginning and end of a pid namespace, which are those of its process 1.
//
// When the last thread of process 1 ends, all others of the namespace are
// killed (zap_pid_ns_processes()). Its own end is told to its parent only when
// they are gone: until then it counts as a process with a thread. Those that
// somebody outside still has to wait for can keep it so for any time.
#include "servers/process/process_server.h"
#include "servers/process/process_tree.h"

namespace tine::process {

using namespace linux_abi;

// The first one there is becomes process 1.
void ProcessServer::enter_pid_namespace(Process& process,
                                        const Process& creator) {
  PidNamespace& space = *process.pids;
  if (space.init == nullptr) {
    space.init = &process;
    process.is_unkillable = true;
  } else if (creator.pids != &space) {
    space.has_strays = true;
  }
}

// Who gets the orphans of a process in the end: a thread of process 1 of its
// namespace, which may be ending.
Task& ProcessServer::reaper_of(const Process& process) const {
  const Process* reaper =
      process.pids == nullptr ? nullptr : process.pids->init;
  if (reaper == nullptr) {
    reaper = &process;
    while (!reaper->is_init()) reaper = reaper->parent;
  }
  Task* thread = live_thread(*reaper);
  return thread != nullptr ? *thread : *reaper->leader;
}

// Process 1 of a namespace has no threads any more, but the one that ends now.
// False: there is nobody left, and it ends at once.
bool ProcessServer::end_pid_namespace(Process& init, bool is_leader) {
  PidNamespace& space = *init.pids;
  space.is_ending = true;
  const Process* top = &init;
  if (space.has_strays) {
    while (!top->is_init()) top = top->parent;
  }
  (void)walk_process_tree(*top, [&](Process& process) {
    if (&process != &init && pids_.seen_by(init, process.pid) != 0) {
      end_process(process, status_of_signal(kSigKill));
    }
    return 1;
  });
  Process* next;
  for (Process* child = init.first_child; child != nullptr; child = next) {
    next = child->next_sibling;
    if (!child->is_zombie()) continue;
    init.children_usage.add(child->usage);
    init.children_cpu.add(child->past_cpu);
    release_process(*child);
  }
  space.last_numbers = is_leader ? 1 : 2;
  return space.numbers > space.last_numbers;
}

// After numbers have become free.
void ProcessServer::look_at_emptied() {
  while (PidNamespace* space = pid_spaces_.take_emptied()) {
    Task& last = *space->init->last_thread;
    last.next_doomed = doomed_;
    doomed_ = &last;
  }
}

// The rest of end_task() for the last thread of process 1.
void ProcessServer::end_namespace_init(Task& task) {
  Process& init = *task.process;
  init.pids->init = nullptr;
  init.pids->last_numbers = 0;
  init.live_threads = 0;
  actions_.drop_of(init);
  if (&task != init.leader) release_thread(task);
  notify_parent(init);
}

}  // namespace tine::process
