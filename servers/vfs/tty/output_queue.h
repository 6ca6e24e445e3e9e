// Output on its way to a terminal's line, and the column that it ends in.
//
// Echo is put behind what programs wrote, but only counts once it is committed:
// a signal key takes back echo that nobody has seen yet.
#ifndef SERVERS_VFS_TTY_OUTPUT_QUEUE_H_
#define SERVERS_VFS_TTY_OUTPUT_QUEUE_H_

#include "servers/linux_abi/termios.h"

namespace tine::vfs::tty {

class OutputQueue {
 public:
  static constexpr u64 kWriteBytes = 8192;  // for programs
  static constexpr u64 kEchoBytes = 4096;   // and beyond it for echo

  // Shapes `c` as OPOST says. False: no room, nothing put. `room` limits what
  // is queued in all.
  bool put(const linux_abi::Termios& termios, u8 c, u64 room);
  // As it is, without a column; dropped if the queue is full.
  void put_plain(u8 c, int column_change);
  void put_echo(const linux_abi::Termios& termios, u8 c) {
    put(termios, c, kWriteBytes + kEchoBytes);
  }
  // `columns`: since the start of the line that is edited, or since the tab
  // before if `after_tab`.
  void erase_tab(u64 columns, bool after_tab);
  void note_line_start() { line_column_ = column_; }
  void move_back() {
    if (column_ > 0) --column_;
  }

  // While stopped, nothing is sent and nothing committed.
  void stop() { stopped_ = true; }
  void go_on() { stopped_ = false; }
  bool is_stopped() const { return stopped_; }
  void commit();
  // A signal key takes back what the keys that arrived with it have shown.
  void begin_input() { input_begin_ = committed_; }
  void take_back_echo();
  // Drops what is beyond the first kSentBytes: those count as sent.
  void flush();

  u64 write_room() const {
    const u64 used = tail_ - head_;
    return used < kWriteBytes ? kWriteBytes - used : 0;
  }
  u64 ready() const { return committed_ - head_; }
  u64 take(u8* to, u64 room);

 private:
  static constexpr u64 kBytes = 16384;
  // What the reader at the other end of a Linux pseudo-terminal has buffered.
  static constexpr u64 kSentBytes = 4095;
  static_assert(kBytes >= kWriteBytes + kEchoBytes);
  void push(u8 c) { bytes_[tail_++ % kBytes] = c; }

  u64 head_ = 0;
  u64 committed_ = 0;
  u64 tail_ = 0;
  u64 input_begin_ = 0;
  u32 column_ = 0;
  u32 line_column_ = 0;  // where the line that is edited starts
  u32 committed_column_ = 0;
  u32 committed_line_column_ = 0;
  bool stopped_ = false;
  u8 bytes_[kBytes];
};

}  // namespace tine::vfs::tty

#endif  // SERVERS_VFS_TTY_OUTPUT_QUEUE_H_
