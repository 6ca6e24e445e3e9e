// The framing of the serial line, shared with the host's run driver.
//
// To the host: DLE DLE is the byte DLE; DLE with another letter begins a record
// (of the kernel: a log line, the exit status; of the console server: 'R', a
// reader waits and there is no input). From the host: DLE DLE is the
// byte DLE, DLE 'E' the end of input, DLE 'W' ROWS ';' COLUMNS '\n' the size of
// the user's terminal. Everything else is data.
#ifndef SERVERS_CONSOLE_FRAMING_H_
#define SERVERS_CONSOLE_FRAMING_H_

#include "kernel/base/types.h"

namespace tine {

inline constexpr u8 kDle = 0x10;

// Takes the host's bytes apart.
class InputDecoder {
 public:
  enum class Kind : u8 { kNothing, kData, kEnd, kWindowSize };
  struct Item {
    Kind kind;
    u8 byte;
  };

  constexpr Item push(u8 byte) {
    if (in_size_) return size_byte(byte);
    if (!escaped_) {
      if (byte != kDle) return {Kind::kData, byte};
      escaped_ = true;
      return {Kind::kNothing, 0};
    }
    escaped_ = false;
    if (byte == kDle) return {Kind::kData, kDle};
    if (byte == 'W') {
      in_size_ = true;
      rows_ = columns_ = number_ = 0;
      return {Kind::kNothing, 0};
    }
    // Records this version does not know are skipped.
    return {byte == 'E' ? Kind::kEnd : Kind::kNothing, 0};
  }

  // After kWindowSize.
  constexpr u16 rows() const { return rows_; }
  constexpr u16 columns() const { return columns_; }

 private:
  constexpr Item size_byte(u8 byte) {
    if (byte >= '0' && byte <= '9') {
      number_ = static_cast<u16>(number_ * 10 + (byte - '0'));
    } else if (byte == ';') {
      rows_ = number_;
      number_ = 0;
    } else {
      columns_ = number_;
      in_size_ = false;
      if (byte == '\n') return {Kind::kWindowSize, 0};
    }
    return {Kind::kNothing, 0};
  }

  bool escaped_ = false;
  bool in_size_ = false;
  u16 rows_ = 0;
  u16 columns_ = 0;
  u16 number_ = 0;  // of the digits so far, modulo 2^16
};

// What a decoder has after these bytes, as ROWS * 1000 + COLUMNS.
constexpr int window_size_in(const char* bytes) {
  InputDecoder decoder;
  int found = 0;
  for (; *bytes != '\0'; ++bytes) {
    if (decoder.push(static_cast<u8>(*bytes)).kind ==
        InputDecoder::Kind::kWindowSize) {
      found = decoder.rows() * 1000 + decoder.columns();
    }
  }
  return found;
}
static_assert(window_size_in("ab\x10W24;80\nc") == 24080);
static_assert(window_size_in("W24;80\n\x10W24;8x\n") == 0);

}  // namespace tine

#endif  // SERVERS_CONSOLE_FRAMING_H_
