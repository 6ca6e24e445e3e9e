// /dev/tty: the terminal of whoever opens it.
#ifndef SERVERS_VFS_TTY_OWN_TERMINAL_H_
#define SERVERS_VFS_TTY_OWN_TERMINAL_H_

#include "servers/vfs/tty/terminal.h"

namespace tine::vfs::tty {

class OwnTerminal final : public FileOperations {
 public:
  explicit OwnTerminal(Surroundings& all) : all_(all) {}
  FileKind kind() const override { return FileKind::kTerminal; }
  // Puts the terminal in its place. ENXIO: the session has none.
  i64 opened(Call& call, OpenFile& file, u32 flags) override;

 private:
  Surroundings& all_;
};

}  // namespace tine::vfs::tty

#endif  // SERVERS_VFS_TTY_OWN_TERMINAL_H_
