// Records of address spaces, each with its slot for the Space's handle.
#ifndef SERVERS_PROCESS_MM_TABLE_H_
#define SERVERS_PROCESS_MM_TABLE_H_

#include "kernel/base/fault_site.h"
#include "servers/process/task.h"
#include "servers/runtime/heap.h"
#include "servers/runtime/sys.h"

namespace tine::process {

// Slots of the handle table: those of task i's thread and of mm record i lie
// side by side.
inline constexpr Handle kFirstTaskHandle = 1024;
constexpr Handle thread_handle(const Task& task) {
  return kFirstTaskHandle + 2 * task.index;
}

// Takes an mm back that was never committed, with its Space.
inline void abort_mm(const Mm& mm) {
  (void)sys::call(kCallMemory, sys::make_message(MemoryLabel::kMmAbort, mm.id));
  (void)sys::run({OpCode::kHandleClose, mm.space});
}

class MmTable {
 public:
  MmTable(Heap& heap, u32 count) : mms_(heap.take_array<Mm>(count)) {
    for (u32 i = count; i-- > 0;) {
      mms_[i].space = kFirstTaskHandle + 2 * i + 1;
      mms_[i].next_free = free_;
      free_ = &mms_[i];
    }
  }
  // With one user. Null: none is left.
  Mm* take() {
    if (FAULT_SITE("mm record") || free_ == nullptr) return nullptr;
    Mm* mm = free_;
    free_ = mm->next_free;
    mm->users = 1;
    mm->executable = nullptr;
    mm->traits = 0;
    ++live_;
    return mm;
  }
  void release(Mm& mm) {
    mm.id = 0;
    mm.next_free = free_;
    free_ = &mm;
    --live_;
  }
  u32 live() const { return live_; }

 private:
  Mm* mms_;
  Mm* free_ = nullptr;
  u32 live_ = 0;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_MM_TABLE_H_
