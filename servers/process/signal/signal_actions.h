// Tables of signal actions, and which processes hold them.
#ifndef SERVERS_PROCESS_SIGNAL_SIGNAL_ACTIONS_H_
#define SERVERS_PROCESS_SIGNAL_SIGNAL_ACTIONS_H_

#include "servers/process/process.h"
#include "servers/runtime/heap.h"

namespace tine::process {

class SignalActions {
 public:
  // Exec has a table more for a while.
  SignalActions(Heap& heap, u32 processes)
      : tables_(heap, u64{processes} + 1), boxes_(heap, processes) {}

  // All default, held once. Null: no memory.
  Handlers* make() { return tables_.make(); }
  // copy_sighand(): those of a process to be. 0 or a negated errno.
  i64 inherit(Process& process, Process& from, u64 clone_flags);
  // A table to change, which no other process sees but those that share it
  // truly. Null: no memory.
  Handlers* own(Process& process);
  // flush_signal_handlers(): a table in which what was ignored stays so, and
  // all else is default; held once. Null: no memory.
  Handlers* after_exec(Process& process);
  void drop(Handlers* table) {
    if (--table->holders == 0) tables_.free(table);
  }
  void drop_of(Process& process);

  u64 live() const { return tables_.live(); }

 private:
  Slab<Handlers> tables_;
  Slab<SharedActions> boxes_;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_SIGNAL_SIGNAL_ACTIONS_H_
