// Signals of terminals and for owners of files on their way to the process
// server, which is told that there are some and takes them one by one: this
// server never calls it.
#ifndef SERVERS_VFS_TTY_SIGNAL_NEWS_H_
#define SERVERS_VFS_TTY_SIGNAL_NEWS_H_

#include "servers/protocol/vfs.h"

namespace tine::vfs::tty {

struct TerminalSignal {
  TerminalSignalTo to;
  i32 id;
  i32 signal;
  u64 why = 0;    // as kTakeSignals tells
  u64 owner = 0;  // likewise
  bool operator==(const TerminalSignal&) const = default;
};

class SignalNews {
 public:
  // 0: nobody, nothing is sent.
  void send_group(i32 group, i32 signal) {
    send({TerminalSignalTo::kGroup, group, signal});
  }
  void send_leader(i32 session, i32 signal) {
    send({TerminalSignalTo::kSessionLeader, session, signal});
  }
  void send(const TerminalSignal& signal);
  // False: there is none.
  bool take(TerminalSignal& signal);

 private:
  // The process server runs before any program does, so the list holds what
  // one call or one chunk of input brought about.
  static constexpr u32 kMost = 64;
  u32 count_ = 0;
  TerminalSignal signals_[kMost];
};

}  // namespace tine::vfs::tty

#endif  // SERVERS_VFS_TTY_SIGNAL_NEWS_H_
