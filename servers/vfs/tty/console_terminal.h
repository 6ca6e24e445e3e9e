// The terminal at the machine's serial line.
#ifndef SERVERS_VFS_TTY_CONSOLE_TERMINAL_H_
#define SERVERS_VFS_TTY_CONSOLE_TERMINAL_H_

#include "servers/vfs/tty/terminal.h"

namespace tine::vfs::tty {

class ConsoleTerminal final : public Terminal {
 public:
  explicit ConsoleTerminal(Surroundings& all) : Terminal(all, 5, 1) {}
  ~ConsoleTerminal() = default;

  // Takes the size from ROWSxCOLUMNS, the value of the command line's word for
  // it. False: there is no such word, as nobody sits at a terminal.
  bool read_size(const char* text);
  // The console server has input, the end of it, or another window size.
  void take_input();
  // Opening /dev/console never makes it a controlling terminal.
  i64 opened(Call&, OpenFile&, u32) override { return 0; }

 private:
  void send() override;
  void input_was_read() override;

  bool more_may_wait_ = false;  // at the console server, for want of room here
};

}  // namespace tine::vfs::tty

#endif  // SERVERS_VFS_TTY_CONSOLE_TERMINAL_H_
