// A pseudo-terminal: a terminal whose other end, the master, is an open file.
#ifndef SERVERS_VFS_TTY_PTY_H_
#define SERVERS_VFS_TTY_PTY_H_

#include "servers/vfs/tty/terminal.h"

namespace tine::vfs::tty {

class Pty;
class PtyTable;

// What was opened as /dev/ptmx.
class PtyMaster final : public FileOperations {
 public:
  PtyMaster(Pty& pty, Wakeups& wakeups)
      : pty_(pty), readers_(wakeups), writers_(wakeups) {}

  FileKind kind() const override { return FileKind::kTerminal; }
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  i64 write(Call& call, OpenFile& file, Transfer& from, u64& position) override;
  bool writes_all() const override { return true; }
  u32 poll(OpenFile& file) override;
  WaitQueue* wait_queue(OpenFile& file, bool writes) override;
  i64 ioctl(Call& call, OpenFile& file, u32 request, u64 argument) override;
  void release(OpenFile& file) override;

 private:
  friend class Pty;
  Pty& pty_;
  bool packet_mode_ = false;
  u8 packet_news_ = 0;  // kPacket*
  WaitQueue readers_;
  WaitQueue writers_;
};

// Its terminal, /dev/pts/N.
class Pty final : public Terminal {
 public:
  Pty(Surroundings& all, PtyTable& table, u32 number);
  ~Pty() = default;

  u32 number() const { return number_; }
  PtyMaster& master() { return master_; }

  i64 opened(Call& call, OpenFile& file, u32 flags) override;
  void release(OpenFile& file) override;

 private:
  friend class PtyMaster;
  void send() override { master_.readers_.wake(); }
  void input_was_read() override;
  void tell_packet(u8 news) override;
  // Nobody has it open any more who could.
  bool is_unused() const { return hung_up_ && opens_ == 0; }

  PtyTable& table_;
  u32 number_;
  PtyMaster master_;
  bool locked_ = true;       // until unlockpt()
  u32 opens_ = 0;            // open files of the terminal
  bool was_closed_ = false;  // the last of them went, and none came since
};

}  // namespace tine::vfs::tty

#endif  // SERVERS_VFS_TTY_PTY_H_
