// What lies between a terminal's line and the programs that read and write it:
// editing, echo, signals from keys, flow control, and the shape of the output.
//
// A pure component: bytes go in on one side and come out on the other. It knows
// no process and no waiting; whoever owns it looks at its state after each
// call. It behaves like Linux's N_TTY, which its tests compare it with.
#ifndef SERVERS_VFS_TTY_LINE_DISCIPLINE_H_
#define SERVERS_VFS_TTY_LINE_DISCIPLINE_H_

#include "servers/linux_abi/termios.h"
#include "servers/vfs/tty/output_queue.h"

namespace tine::vfs::tty {

// kPacket* of both, of which the later ones may contradict the others.
u8 merge_packet_news(u8 before, u8 news);

class LineDiscipline {
 public:
  static constexpr u64 kInputBytes = 4096;  // a line too: N_TTY_BUF_SIZE

  void start(const linux_abi::Termios& termios);
  const linux_abi::Termios& termios() const { return termios_; }
  // Cannot fail; what was typed so far becomes readable as the new mode says.
  void set_termios(const linux_abi::Termios& termios);
  // Whether lines are made here: with EXTPROC somebody else does.
  bool is_canonical() const {
    return is_local(linux_abi::kIcanon) && !is_local(linux_abi::kExtproc);
  }

  // ---- the line's side
  // Bytes that arrived: how many were taken. The rest must be offered again
  // once something has been read.
  u64 receive(const u8* bytes, u64 count);
  // Output to send: at most `room` bytes.
  u64 take_output(u8* to, u64 room) { return output_.take(to, room); }
  u64 output_bytes() const { return output_.ready(); }
  // SIGINT, SIGQUIT and SIGTSTP that keys asked for since the last call: bit
  // n - 1 is signal n.
  u64 take_signals();
  // What has happened since the last call that a master in packet mode is told:
  // kPacket*.
  u8 take_packet_news();

  // ---- the programs' side
  // Whether a read has something to return; `at_least`: bytes in raw mode.
  bool has_input(u64 at_least = 1) const;
  // VMIN as poll sees it.
  u64 poll_minimum() const;
  // FIONREAD.
  u64 input_bytes() const;
  // Needs has_input(). A line in canonical mode, without its end of file if it
  // ends with one: 0 is the end of file. What there is in raw mode.
  u64 read(u8* to, u64 room);
  // How many were taken; 0: no room, or stopped.
  u64 write(const u8* bytes, u64 count);
  bool is_stopped() const { return output_.is_stopped(); }
  // Bytes that write() certainly takes now: each may become as many as a tab.
  u64 write_room() const {
    if (is_stopped()) return 0;
    const bool shapes = (termios_.oflag & linux_abi::kOpost) != 0;
    return output_.write_room() / (shapes ? 8 : 1);
  }

  // A key that the terminal itself presses at the other end (TCIOFF, TCION).
  void send_key(u8 c) {
    output_.put_plain(c, 0);
    output_.commit();
  }

  void flush_input();
  void flush_output() { output_.flush(); }
  // TCXONC: stops output whatever keys are pressed.
  void hold_output(bool hold);

 private:
  bool is_input(u32 flag) const { return (termios_.iflag & flag) != 0; }
  bool is_local(u32 flag) const { return (termios_.lflag & flag) != 0; }
  bool is_key(u8 c, linux_abi::ControlCharacter which) const {
    // A control character that is 0 is switched off.
    return c != 0 && c == termios_.cc[which];
  }
  bool is_continuation(u8 c) const {
    return is_input(linux_abi::kIutf8) && (c & 0xc0) == 0x80;
  }
  u8& at(u64 position) { return input_[position % kInputBytes]; }
  u8 at(u64 position) const { return input_[position % kInputBytes]; }
  bool is_line_end(u64 position) const {
    return (line_ends_[position % kInputBytes / 64] >> (position % 64) & 1) !=
           0;
  }
  void set_line_end(u64 position, bool value);
  void put(u8 c) { at(head_++) = c; }
  void find_mode();

  // ---- input.cc
  void receive_one(u8 c);
  void receive_special(u8 c);
  bool receive_edit(u8 c);
  void receive_signal(unsigned signal, u8 c);
  // `new_line`: echoed as one and not as ^J.
  void receive_plain(u8 c, bool new_line);
  bool is_special(u8 c) const;
  void restart_on_any();
  void stop_output();
  void start_output();
  void go_on_with_output();
  void note(u8 packet_news) {
    packet_news_ = merge_packet_news(packet_news_, packet_news);
  }

  // ---- erase.cc
  void erase(u8 c);
  void erase_line();
  void show_erased(u8 c, u64 first, u64 bytes);
  void show_erased_tab();
  void finish_erasing();
  void reprint(u8 c);

  // ---- echo.cc
  void echo(u8 c);
  void echo_raw(u8 c);
  void note_line_start();

  linux_abi::Termios termios_;
  OutputQueue output_;

  // Positions in `input_` count up for ever; the byte is at position %
  // kInputBytes. tail_ <= line_head_ <= head_.
  u64 tail_ = 0;       // next to read
  u64 line_head_ = 0;  // canonical mode: after the last complete line
  u64 head_ = 0;
  u64 signals_ = 0;
  u8 packet_news_ = 0;
  bool raw_ = false;  // no input character is special and nothing is echoed
  bool next_is_literal_ = false;
  bool erasing_ = false;  // within \.../ of ECHOPRT
  bool held_ = false;     // by TCXONC
  u8 input_[kInputBytes];
  u64 line_ends_[kInputBytes / 64] = {};
};

}  // namespace tine::vfs::tty

#endif  // SERVERS_VFS_TTY_LINE_DISCIPLINE_H_
