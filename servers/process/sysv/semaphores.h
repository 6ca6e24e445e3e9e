// Sets of semaphores: operations on several at once, done as a whole or waited
// for, and what is undone when a process ends.
#ifndef SERVERS_PROCESS_SYSV_SEMAPHORES_H_
#define SERVERS_PROCESS_SYSV_SEMAPHORES_H_

#include "servers/process/sysv/block_pool.h"
#include "servers/process/sysv/ipc_table.h"

namespace tine::process::sysv {

struct UndoList;

struct Semaphore {
  i32 value = 0;
  i32 pid = 0;  // of the process that changed it last
};

// By how much the semaphores of one set change when the holders of a list end.
struct SemaphoreUndo {
  SemaphoreUndo* next = nullptr;  // of the list
  SemaphoreUndo* next_of_set = nullptr;
  SemaphoreSet* set = nullptr;
  UndoList* list = nullptr;
  i16 adjustments[];
};

// Shared by threads that were cloned with CLONE_SYSVSEM.
struct UndoList {
  u32 holders = 1;  // tasks
  SemaphoreUndo* first = nullptr;
};

struct SemaphoreSet : IpcObject {
  u32 count = 0;
  Semaphore* semaphores = nullptr;  // a block
  u64 operated = 0;                 // times, in seconds
  u64 changed = 0;
  SemaphoreUndo* undos = nullptr;
  TaskQueue waiters;
};

// The operations of one semop call.
struct SemaphoreCall {
  Task& task;
  i32 id;
  const linux_abi::SemaphoreOperation* operations;
  u32 count;
  u64 now;  // time in seconds
};

class Semaphores {
 public:
  // At most `most_lists` threads have something to undo.
  Semaphores(Heap& heap, BlockPool& blocks, IpcTasks& tasks, u64 most_lists)
      : blocks_(blocks), tasks_(tasks), lists_(heap, most_lists) {}

  // ---- semaphores.cc. The id, or a negated errno.
  i64 get(const GetRequest& request, i32 count, u64 now);
  void remove(SemaphoreSet& set);
  const IpcTable<SemaphoreSet>& sets() const { return sets_; }
  SemaphoreSet* find(i32 id) const { return sets_.find(id); }
  u32 used() const { return used_; }

  // ---- semop.cc. 0, a negated errno, or kWaits: then the task is in the set's
  // queue, and its wait is to begin.
  static constexpr i64 kWaits = 1;
  i64 operate(const SemaphoreCall& call);
  // It waits no longer.
  void leave(Task& task);
  // SETVAL, and SETALL one by one: before update().
  void set_value(SemaphoreSet& set, u32 number, i32 value, i32 pid);
  // Lets those go on that can, after a change.
  void update(SemaphoreSet& set, u64 now);
  // How many tasks wait for this one to grow, or to become zero.
  static i64 waiting(const SemaphoreSet& set, u32 number, bool for_zero);

  // ---- semaphore_undo.cc
  // Before a clone that shares the list. False: no memory.
  bool share_undo(Task& task);
  // The task ends, or wants a list of its own: the last one's adjustments are
  // made.
  void drop_undo(Task& task, u64 now);

  // Blocks of memory that all this has, for the invariant checker.
  u64 blocks() const;
  u64 live_lists() const { return lists_.live(); }

 private:
  i64 make(const GetRequest& request, u32 count, u64 now);
  i64 perform(SemaphoreSet& set,
              const linux_abi::SemaphoreOperation* operations, u32 count,
              SemaphoreUndo* undo, i32 pid, u32* blocking);
  SemaphoreUndo* find_undo(const Task& task, const SemaphoreSet& set) const;
  SemaphoreUndo* find_or_make_undo(Task& task, SemaphoreSet& set);
  void unlink_from_set(SemaphoreUndo& undo);
  void unlink_from_list(SemaphoreUndo& undo);

  BlockPool& blocks_;
  IpcTasks& tasks_;
  IpcTable<SemaphoreSet> sets_{linux_abi::kMostSets};
  u32 used_ = 0;  // semaphores of all sets
  // Not of the pool: threads can be made when that is used up.
  Slab<UndoList> lists_;
};

}  // namespace tine::process::sysv

#endif  // SERVERS_PROCESS_SYSV_SEMAPHORES_H_
