#include "servers/process/signal/signal_actions.h"

#include "servers/linux_abi/errno.h"

namespace tine::process {

using namespace linux_abi;

i64 SignalActions::inherit(Process& process, Process& from, u64 clone_flags) {
  process.own_handlers = nullptr;
  process.shared_actions = nullptr;
  if ((clone_flags & kCloneSighand) != 0) {
    if (from.shared_actions == nullptr) {
      SharedActions* box = boxes_.make();
      if (box == nullptr) return -ENOMEM;
      box->handlers = from.own_handlers;
      from.own_handlers = nullptr;
      from.shared_actions = box;
    }
    process.shared_actions = from.shared_actions;
    ++process.shared_actions->holders;
    return 0;
  }
  if ((clone_flags & kCloneClearSighand) != 0) {
    process.own_handlers = after_exec(from);
    return process.own_handlers != nullptr ? 0 : -ENOMEM;
  }
  process.own_handlers = from.handlers();
  ++process.own_handlers->holders;
  return 0;
}

Handlers* SignalActions::own(Process& process) {
  Handlers*& current = process.handlers();
  if (current->holders == 1) return current;
  Handlers* own = tables_.make(*current);
  if (own == nullptr) return nullptr;
  own->holders = 1;
  --current->holders;
  current = own;
  return own;
}

Handlers* SignalActions::after_exec(Process& process) {
  Handlers* old = process.handlers();
  if (old->custom == 0) {
    ++old->holders;
    return old;
  }
  Handlers* fresh = tables_.make();
  if (fresh == nullptr) return nullptr;
  for (i32 i = 0; i < kSignals; ++i) {
    if (old->actions[i].handler == kHandlerIgnore) {
      fresh->actions[i].handler = kHandlerIgnore;
    }
  }
  return fresh;
}

void SignalActions::drop_of(Process& process) {
  if (SharedActions* box = process.shared_actions; box != nullptr) {
    process.shared_actions = nullptr;
    if (--box->holders != 0) return;
    drop(box->handlers);
    boxes_.free(box);
    return;
  }
  drop(process.own_handlers);
  process.own_handlers = nullptr;
}

}  // namespace tine::process
