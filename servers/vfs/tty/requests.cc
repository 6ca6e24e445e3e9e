// What reaches terminals from other servers, and what needs descriptors.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

FileOperations& VfsServer::console() {
  if (console_is_terminal_) return console_terminal_;
  return console_file_;
}

void VfsServer::console_has_input() {
  if (console_is_terminal_) {
    console_terminal_.take_input();
  } else {
    console_file_.wake();
  }
}

Outcome VfsServer::take_signal(const sys::Message& in) {
  tty::TerminalSignal signal;
  if (!terminals_.news.take(signal)) return answer_words(in.token, 0, 0);
  return answer_words(in.token, 0, 1, signal.to, signal.id, signal.signal,
                      signal.why, signal.owner);
}

// The other end of a pseudo-terminal, found by its master and not by its name.
i64 VfsServer::open_pty_peer(Call& call, const OpenFile& master, u64 flags) {
  Entry* name = ptys_.name_of_peer(master);
  if (name == nullptr) {
    return master.operations->kind() == FileKind::kTerminal
               ? -linux_abi::EIO
               : -linux_abi::ENOTTY;
  }
  return install(call, *name, static_cast<u32>(flags));
}

}  // namespace tine::vfs
