// The terminal's end of a pseudo-terminal: opening and closing.
#include "servers/vfs/tty/pty.h"

#include "servers/linux_abi/errno.h"
#include "servers/vfs/tty/pty_table.h"

namespace tine::vfs::tty {

using namespace linux_abi;

Pty::Pty(Surroundings& all, PtyTable& table, u32 number)
    : Terminal(all, kPtsMajor, number),
      table_(table),
      number_(number),
      master_(*this, all.wakeups) {}

i64 Pty::opened(Call& call, OpenFile& file, u32 flags) {
  // The file will be released, so it counts whatever comes.
  ++opens_;
  if (hung_up_ || locked_) return -EIO;
  was_closed_ = false;
  return Terminal::opened(call, file, flags);
}

void Pty::release(OpenFile&) {
  if (--opens_ != 0) return;
  was_closed_ = true;
  lose_session();
  if (is_unused()) return table_.free(*this);
  // The master reads what is left, then EIO.
  master_.readers_.wake();
  master_.writers_.wake();
}

void Pty::tell_packet(u8 news) {
  if (!master_.packet_mode_) return;
  master_.packet_news_ = merge_packet_news(master_.packet_news_, news);
  master_.readers_.wake();
}

void Pty::input_was_read() {
  if (receive_room() != 0) master_.writers_.wake();
}

}  // namespace tine::vfs::tty
