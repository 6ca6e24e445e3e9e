#include "servers/vfs/tty/signal_news.h"

#include "servers/runtime/sys.h"

namespace tine::vfs::tty {

void SignalNews::send(const TerminalSignal& signal) {
  if (signal.id == 0) return;
  for (u32 i = 0; i < count_; ++i) {
    // Standard signals do not queue.
    if (signals_[i] == signal) return;
  }
  if (count_ == kMost) {
    sys::log("vfs: a signal of a terminal or file is lost");
    return;
  }
  signals_[count_++] = signal;
  (void)sys::run({OpCode::kNotify, kNotifyProcess, kNewsSignals});
}

bool SignalNews::take(TerminalSignal& signal) {
  if (count_ == 0) return false;
  signal = signals_[0];
  --count_;
  for (u32 i = 0; i < count_; ++i) signals_[i] = signals_[i + 1];
  return true;
}

}  // namespace tine::vfs::tty
