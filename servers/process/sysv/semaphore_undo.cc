// SEM_UNDO: what a process did to semaphores, taken back at its end.
#include "servers/process/sysv/semaphores.h"

namespace tine::process::sysv {

using namespace linux_abi;

SemaphoreUndo* Semaphores::find_undo(const Task& task,
                                     const SemaphoreSet& set) const {
  const UndoList* list = task.inherited.undo;
  SemaphoreUndo* undo = list == nullptr ? nullptr : list->first;
  while (undo != nullptr && undo->set != &set) undo = undo->next;
  return undo;
}

bool Semaphores::share_undo(Task& task) {
  if (task.inherited.undo != nullptr) return true;
  task.inherited.undo = lists_.make();
  return task.inherited.undo != nullptr;
}

SemaphoreUndo* Semaphores::find_or_make_undo(Task& task, SemaphoreSet& set) {
  if (SemaphoreUndo* undo = find_undo(task, set); undo != nullptr) return undo;
  if (!share_undo(task)) return nullptr;
  void* block = blocks_.take(sizeof(SemaphoreUndo) + set.count * sizeof(i16));
  if (block == nullptr) return nullptr;
  auto* undo = new (block) SemaphoreUndo;
  for (u32 i = 0; i < set.count; ++i) undo->adjustments[i] = 0;
  undo->set = &set;
  undo->list = task.inherited.undo;
  undo->next = undo->list->first;
  undo->list->first = undo;
  undo->next_of_set = set.undos;
  set.undos = undo;
  return undo;
}

void Semaphores::unlink_from_set(SemaphoreUndo& undo) {
  SemaphoreUndo** at = &undo.set->undos;
  while (*at != &undo) at = &(*at)->next_of_set;
  *at = undo.next_of_set;
}

void Semaphores::unlink_from_list(SemaphoreUndo& undo) {
  SemaphoreUndo** at = &undo.list->first;
  while (*at != &undo) at = &(*at)->next;
  *at = undo.next;
}

// exit_sem()
void Semaphores::drop_undo(Task& task, u64 now) {
  UndoList* list = task.inherited.undo;
  if (list == nullptr) return;
  task.inherited.undo = nullptr;
  if (--list->holders != 0) return;
  while (SemaphoreUndo* undo = list->first) {
    SemaphoreSet& set = *undo->set;
    list->first = undo->next;
    unlink_from_set(*undo);
    for (u32 i = 0; i < set.count; ++i) {
      if (undo->adjustments[i] == 0) continue;
      i32 value = set.semaphores[i].value + undo->adjustments[i];
      if (value < 0) value = 0;
      if (value > kMostSemaphoreValue) value = kMostSemaphoreValue;
      set.semaphores[i] = {value, pid_of(task).value};
    }
    blocks_.give(undo);
    set.operated = now;
    update(set, now);
  }
  lists_.free(list);
}

}  // namespace tine::process::sysv
