#include "servers/vfs/tty/output_queue.h"

#include "servers/vfs/tty/character.h"

namespace tine::vfs::tty {

using namespace linux_abi;

namespace {
constexpr u32 kTabWidth = 8;
}  // namespace

bool OutputQueue::put(const Termios& termios, u8 c, u64 room) {
  const u64 used = tail_ - head_;
  if (used >= room) return false;
  const u64 left = room - used;
  const auto is_set = [&](u32 flag) { return (termios.oflag & flag) != 0; };
  if (!is_set(kOpost)) {
    push(c);
    return true;
  }
  switch (c) {
    case '\n':
      if (is_set(kOnlret)) column_ = 0;
      if (is_set(kOnlcr)) {
        if (left < 2) return false;
        column_ = 0;
        push('\r');
      }
      line_column_ = column_;
      break;
    case '\r':
      if (is_set(kOnocr) && column_ == 0) return true;
      if (is_set(kOcrnl)) {
        c = '\n';
        if (is_set(kOnlret)) column_ = line_column_ = 0;
        break;
      }
      column_ = line_column_ = 0;
      break;
    case '\t': {
      const u32 spaces = kTabWidth - column_ % kTabWidth;
      if ((termios.oflag & kTabDelay) == kXtabs) {
        if (left < spaces) return false;
        column_ += spaces;
        for (u32 i = 0; i < spaces; ++i) push(' ');
        return true;
      }
      column_ += spaces;
      break;
    }
    case '\b':
      move_back();
      break;
    default:
      if (is_control(c)) break;
      if (is_set(kOlcuc)) c = to_upper(c);
      // The second and later bytes of a UTF-8 character take no column.
      if ((termios.iflag & kIutf8) == 0 || (c & 0xc0) != 0x80) ++column_;
      break;
  }
  push(c);
  return true;
}

void OutputQueue::put_plain(u8 c, int column_change) {
  if (tail_ - head_ >= kWriteBytes + kEchoBytes) return;
  push(c);
  if (column_change > 0) ++column_;
  if (column_change < 0) move_back();
}

void OutputQueue::erase_tab(u64 columns, bool after_tab) {
  // Only the place within the tab's width matters.
  if (!after_tab) columns += line_column_;
  for (u64 n = kTabWidth - columns % kTabWidth; n != 0; --n) {
    put_plain('\b', -1);
  }
}

void OutputQueue::commit() {
  if (stopped_) return;
  committed_ = tail_;
  committed_column_ = column_;
  committed_line_column_ = line_column_;
}

void OutputQueue::take_back_echo() {
  tail_ = committed_ = input_begin_;
  column_ = committed_column_;
  line_column_ = committed_line_column_;
}

void OutputQueue::flush() {
  if (tail_ - head_ > kSentBytes) tail_ = head_ + kSentBytes;
  if (committed_ > tail_) committed_ = tail_;
}

u64 OutputQueue::take(u8* to, u64 room) {
  u64 count = ready();
  if (count > room) count = room;
  for (u64 i = 0; i < count; ++i) to[i] = bytes_[head_++ % kBytes];
  return count;
}

}  // namespace tine::vfs::tty
