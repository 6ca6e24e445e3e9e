// What threads have asked about their input and output: a priority, with those
// that share it (CLONE_IO). Nothing here waits for a disk, so all that is done
// with it is to tell it again. Who never asked has none.
#ifndef SERVERS_PROCESS_IO_CONTEXTS_H_
#define SERVERS_PROCESS_IO_CONTEXTS_H_

#include "servers/runtime/heap.h"

namespace tine::process {

// A number of one; 0: none.
using IoContextId = u16;

// As many as there are threads, each of which holds at most one: nothing fails.
class IoContexts {
 public:
  IoContexts(Heap& heap, u32 threads)
      : contexts_(heap.take_array<Context>(threads)) {
    for (u32 i = threads; i-- > 0;) {
      contexts_[i].next_free = free_;
      free_ = static_cast<IoContextId>(i + 1);
    }
  }

  // As ioprio_set takes it; 0: it has none.
  u16 priority_of(IoContextId id) const {
    return id == 0 ? u16{0} : at(id).priority;
  }
  // Of all that share it.
  void set_priority(IoContextId& id, u16 priority) {
    if (id == 0) id = take();
    at(id).priority = priority;
  }
  // What a clone of who holds `id` holds.
  IoContextId inherit(IoContextId id, bool shares) {
    if (shares) {
      ++at(id).holders;
      return id;
    }
    const u16 priority = at(id).priority;
    if (priority == 0) return 0;
    const IoContextId made = take();
    at(made).priority = priority;
    return made;
  }
  void drop(IoContextId id) {
    if (id != 0 && --at(id).holders == 0) give(id);
  }

  // For the invariant checker.
  u32 holders(IoContextId id) const { return at(id).holders; }
  u64 live() const { return live_; }

 private:
  struct Context {
    u32 holders = 0;  // threads
    u16 priority = 0;
    IoContextId next_free = 0;
  };
  Context& at(IoContextId id) { return contexts_[id - 1]; }
  const Context& at(IoContextId id) const { return contexts_[id - 1]; }
  IoContextId take() {
    const IoContextId id = free_;
    free_ = at(id).next_free;
    at(id) = {.holders = 1};
    ++live_;
    return id;
  }
  void give(IoContextId id) {
    at(id).next_free = free_;
    free_ = id;
    --live_;
  }

  Context* contexts_;
  IoContextId free_ = 0;
  u64 live_ = 0;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_IO_CONTEXTS_H_
