// What a terminal shows of the keys pressed.
#include "servers/vfs/tty/character.h"
#include "servers/vfs/tty/line_discipline.h"

namespace tine::vfs::tty {

using namespace linux_abi;

void LineDiscipline::echo(u8 c) {
  if (is_local(kEchoctl) && is_control(c) && c != '\t') {
    output_.put_plain('^', +1);
    output_.put_plain(c ^ 0100, +1);
  } else {
    echo_raw(c);
  }
}

void LineDiscipline::echo_raw(u8 c) {
  if (c == 0xff) {
    output_.put_plain(c, +1);
  } else {
    output_.put_echo(termios_, c);
  }
}

void LineDiscipline::note_line_start() {
  if (line_head_ == head_) output_.note_line_start();
}

}  // namespace tine::vfs::tty
