// A piece of a text that is made up from its beginning each time it is read.
#ifndef SERVERS_PROCESS_TEXT_BUILDER_H_
#define SERVERS_PROCESS_TEXT_BUILDER_H_

#include "kernel/base/types.h"

namespace tine::process {

class TextBuilder {
 public:
  // Keeps what begins at that position.
  explicit TextBuilder(u64 from) : from_(from) {}

  // Filled with blanks up to `width`: behind the text, or before it.
  void put(const char* text, u64 width = 0) {
    u64 count = 0;
    for (; text[count] != '\0'; ++count) put_one(text[count]);
    for (; count < width; ++count) put_one(' ');
  }
  void put_right(const char* text, u64 width) {
    u64 count = 0;
    while (text[count] != '\0') ++count;
    for (; count < width; ++count) put_one(' ');
    put(text);
  }
  void number(u64 value, u64 width = 0) {
    char room[kDigits];
    put(digits_of(value, 10, room), width);
  }
  void number_right(u64 value, u64 width, unsigned base = 10) {
    char room[kDigits];
    put_right(digits_of(value, base, room), width);
  }
  const char* text() const { return text_; }
  u64 count() const {
    if (at_ <= from_) return 0;
    return at_ - from_ < sizeof(text_) ? at_ - from_ : sizeof(text_);
  }

 private:
  static constexpr u64 kDigits = 23;  // of a number in octal, and a NUL
  static const char* digits_of(u64 value, unsigned base,
                               char (&room)[kDigits]) {
    u64 at = kDigits;
    room[--at] = '\0';
    do {
      room[--at] = static_cast<char>('0' + value % base);
    } while ((value /= base) != 0);
    return &room[at];
  }
  void put_one(char c) {
    if (at_ >= from_ && at_ - from_ < sizeof(text_)) text_[at_ - from_] = c;
    ++at_;
  }

  u64 from_;
  u64 at_ = 0;
  char text_[2048];
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_TEXT_BUILDER_H_
