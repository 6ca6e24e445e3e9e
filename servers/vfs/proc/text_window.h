// Writes a text of which only a piece is kept: what a read asks for. The rest
// is only counted, so that texts of any length need no memory.
#ifndef SERVERS_VFS_PROC_TEXT_WINDOW_H_
#define SERVERS_VFS_PROC_TEXT_WINDOW_H_

#include "servers/vfs/tree/text.h"

namespace tine::vfs {

class TextWindow {
 public:
  TextWindow(char* buffer, u64 room, u64 from)
      : buffer_(buffer), room_(room), from_(from) {}

  // Bytes of the piece.
  u64 kept() const {
    if (at_ <= from_) return 0;
    return at_ - from_ < room_ ? at_ - from_ : room_;
  }
  u64 length() const { return at_; }
  // Nothing further is needed.
  bool is_full() const { return at_ >= from_ + room_; }

  void put(char c) {
    if (at_ >= from_ && at_ - from_ < room_) buffer_[at_ - from_] = c;
    ++at_;
  }
  void put(const char* text) {
    while (*text != '\0') put(*text++);
  }
  void put(Text text) {
    for (u64 i = 0; i < text.count; ++i) put(text.bytes[i]);
  }
  // At least `width` characters, filled with `fill` in front.
  void number(u64 value, unsigned width = 0, char fill = ' ',
              unsigned base = 10) {
    char digits[64];
    unsigned count = 0;
    do {
      digits[count++] = "0123456789abcdef"[value % base];
      value /= base;
    } while (value != 0);
    while (width > count) {
      put(fill);
      --width;
    }
    while (count != 0) put(digits[--count]);
  }
  void hex(u64 value, unsigned width = 0) { number(value, width, '0', 16); }
  void integer(i64 value) {
    if (value < 0) put('-');
    number(value < 0 ? ~static_cast<u64>(value) + 1 : static_cast<u64>(value));
  }
  void pad_to(u64 column_start, u64 width) {
    while (at_ - column_start < width) put(' ');
  }

 private:
  char* buffer_;
  u64 room_;
  u64 from_;
  u64 at_ = 0;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_PROC_TEXT_WINDOW_H_
