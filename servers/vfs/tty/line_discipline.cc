// The programs' side of a terminal.
#include "servers/vfs/tty/line_discipline.h"

namespace tine::vfs::tty {

using namespace linux_abi;

namespace {

// As rlogin and the like want to know.
bool stops_by_usual_keys(const Termios& termios) {
  return (termios.iflag & kIxon) != 0 && termios.cc[kVstop] == 023 &&
         termios.cc[kVstart] == 021;
}

}  // namespace

u8 merge_packet_news(u8 before, u8 news) {
  constexpr u8 kFlow = kPacketStop | kPacketStart;
  constexpr u8 kKeys = kPacketNoStop | kPacketDoStop;
  if ((news & kFlow) != 0) before &= static_cast<u8>(~kFlow);
  if ((news & kKeys) != 0) before &= static_cast<u8>(~kKeys);
  return before | news;
}

void LineDiscipline::start(const Termios& termios) {
  termios_ = termios;
  find_mode();
}

void LineDiscipline::find_mode() {
  constexpr u32 kInput =
      kIstrip | kIuclc | kIgncr | kIcrnl | kInlcr | kIxon | kParmrk;
  raw_ = !is_input(kInput) && !is_local(kIcanon | kIsig | kEcho);
  // EXTPROC: the other end has done all that, but for what is less than a byte.
  if (is_local(kExtproc)) {
    raw_ = !is_input(kIstrip) && !(is_input(kIuclc) && is_local(kIexten));
  }
}

void LineDiscipline::set_line_end(u64 position, bool value) {
  u64& word = line_ends_[position % kInputBytes / 64];
  const u64 bit = u64{1} << (position % 64);
  word = value ? word | bit : word & ~bit;
}

void LineDiscipline::set_termios(const Termios& termios) {
  const Termios before = termios_;
  termios_ = termios;
  if (((before.lflag ^ termios.lflag) & (kIcanon | kExtproc)) != 0) {
    for (u64& word : line_ends_) word = 0;
    line_head_ = tail_;
    if (is_local(kIcanon) && head_ != tail_) {
      // What is there counts as a line, whatever it ends with.
      set_line_end(head_ - 1, true);
      line_head_ = head_;
    }
    erasing_ = false;
    next_is_literal_ = false;
  }
  find_mode();
  if (!is_input(kIxon) && (before.iflag & kIxon) != 0) start_output();
  if (stops_by_usual_keys(before) != stops_by_usual_keys(termios)) {
    note(stops_by_usual_keys(termios) ? kPacketDoStop : kPacketNoStop);
  }
  if (((before.lflag | termios.lflag) & kExtproc) != 0) note(kPacketSettings);
}

void LineDiscipline::flush_input() {
  tail_ = line_head_ = head_ = 0;
  for (u64& word : line_ends_) word = 0;
  erasing_ = false;
}

void LineDiscipline::hold_output(bool hold) {
  if (held_ == hold) return;
  held_ = hold;
  if (hold) {
    stop_output();
  } else {
    start_output();
  }
}

u64 LineDiscipline::take_signals() {
  const u64 signals = signals_;
  signals_ = 0;
  return signals;
}

u8 LineDiscipline::take_packet_news() {
  const u8 news = packet_news_;
  packet_news_ = 0;
  return news;
}

bool LineDiscipline::has_input(u64 at_least) const {
  return is_canonical() ? line_head_ != tail_ : head_ - tail_ >= at_least;
}

u64 LineDiscipline::poll_minimum() const {
  const u64 minimum = termios_.cc[kVmin];
  return termios_.cc[kVtime] == 0 && minimum != 0 ? minimum : 1;
}

u64 LineDiscipline::input_bytes() const {
  if (!is_canonical()) return head_ - tail_;
  u64 bytes = line_head_ - tail_;
  for (u64 i = tail_; i != line_head_; ++i) {
    if (is_line_end(i) && at(i) == 0) --bytes;
  }
  return bytes;
}

u64 LineDiscipline::read(u8* to, u64 room) {
  const u64 end = is_canonical() ? line_head_ : head_;
  u64 done = 0;
  while (tail_ != end) {
    const u8 c = at(tail_);
    const bool ends = is_canonical() && is_line_end(tail_);
    // An end of file is not part of the line.
    const bool is_data = !ends || c != 0;
    if (is_data && done == room) break;
    if (is_data) to[done++] = c;
    if (ends) set_line_end(tail_, false);
    ++tail_;
    if (ends) break;
  }
  return done;
}

u64 LineDiscipline::write(const u8* bytes, u64 count) {
  output_.commit();
  if (output_.is_stopped()) return 0;
  u64 done = 0;
  while (done < count &&
         output_.put(termios_, bytes[done], OutputQueue::kWriteBytes)) {
    ++done;
  }
  output_.commit();
  return done;
}

}  // namespace tine::vfs::tty
