#include "servers/vfs/tty/own_terminal.h"

#include "servers/linux_abi/errno.h"
#include "servers/vfs/call.h"

namespace tine::vfs::tty {

i64 OwnTerminal::opened(Call& call, OpenFile& file, u32 flags) {
  const Caller caller = all_.board.caller(call.task.cookie);
  Terminal* terminal = all_.of_session(caller.session);
  if (terminal == nullptr) return -linux_abi::ENXIO;
  file.operations = terminal;
  return terminal->opened(call, file, flags | linux_abi::kOpenNoCtty);
}

}  // namespace tine::vfs::tty
