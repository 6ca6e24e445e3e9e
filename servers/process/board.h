// The process server's end of the task board (servers/protocol/task_board.h):
// each change of what others may know about a thread is shown there at once.
#ifndef SERVERS_PROCESS_BOARD_H_
#define SERVERS_PROCESS_BOARD_H_

#include "servers/process/task.h"
#include "servers/protocol/bootstrap.h"
#include "servers/protocol/task_board.h"

namespace tine::process {

struct ProgramImage;

class TaskBoard {
 public:
  explicit TaskBoard(const ServerConfig& config)
      : records_(reinterpret_cast<BoardRecord*>(config.board)) {}

  // ---- life
  void start(const Task& first, u64 now_ns);
  // A clone of `creator`, linked into its process.
  void add(const Task& child, const Task& creator, u64 now_ns);
  // It ended, and is gone or a zombie.
  void end(const Task& task);
  void remove(const Task& task) { record_of(task).state = 0; }
  // A thread whose tracer has waited for its end.
  void bury(const Task& task) { --record_of(*task.process->leader).threads; }
  void exec(const Task& task, const ProgramImage& image);

  // ---- changes of one thread
  void show_credentials(const Task& task);
  void show_name(const Task& task);
  void show_priority(const Task& task);
  // The record is the only place that has it.
  void show_oom_adjust(const Task& task, i16 value, i16 least);
  // What is pending, to the thread and, in the leader's record, to all.
  void show_pending(const Task& task) {
    record_of(task).pending = task.pending.set;
    record_of(*task.process->leader).shared_pending = task.process->pending.set;
  }
  void show_flags(const Task& task);
  // After it has entered others than its creator's.
  void show_namespaces(const Task& task);
  // Its mask, if it has changed.
  void show_mask(const Task& task) {
    u64& shown = record_of(task).blocked;
    if (shown != task.inherited.blocked) [[unlikely]]
      shown = task.inherited.blocked;
  }
  // 'S' and the like while its call is withheld; one byte needs no bracket.
  void show_state(const Task& task, char state) {
    record_of(task).state = state;
  }

  // Of the process that traces it; 0: none.
  void show_tracer(const Task& task, Pid tracer) {
    record_of(task).tracer = tracer.value;
  }

  // CPU time, whenever it is measured for another reason.
  void show_times(const Task& task, u64 user_ns, u64 system_ns) const {
    record_of(task).user_ns = user_ns;
    record_of(task).system_ns = system_ns;
  }

  // ---- changes of all threads of a process
  void show_place(const Process& process);  // parent, group, session
  void show_action(const Process& process, i32 signal);

  // Of its leader alone: what its children have used.
  void show_children(const Process& process);

  BoardRecord& record_of(const Task& task) const {
    return records_[task.index];
  }

 private:
  BoardRecord* records_;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_BOARD_H_
