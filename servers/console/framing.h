// The framing of the serial line, shared with the host's run driver.
//
// To the host: DLE DLE is the byte DLE; DLE with another letter begins a record
// (of the kernel: a log line, the exit status; of the console server: 'R', a
// reader waits and there is no input). From the host: DLE DLE is the
// byte DLE, DLE 'E' the end of input. Everything else is data.
#ifndef SERVERS_CONSOLE_FRAMING_H_
#define SERVERS_CONSOLE_FRAMING_H_

#include "kernel/base/types.h"

namespace tine {

inline constexpr u8 kDle = 0x10;

// Takes the host's bytes apart.
class InputDecoder {
 public:
  enum class Kind : u8 { kNothing, kData, kEnd };
  struct Item {
    Kind kind;
    u8 byte;
  };
  constexpr Item push(u8 byte) {
    if (!escaped_) {
      if (byte != kDle) return {Kind::kData, byte};
      escaped_ = true;
      return {Kind::kNothing, 0};
    }
    escaped_ = false;
    if (byte == kDle) return {Kind::kData, kDle};
    // Records this version does not know are skipped.
    return {byte == 'E' ? Kind::kEnd : Kind::kNothing, 0};
  }

 private:
  bool escaped_ = false;
};

}  // namespace tine

#endif  // SERVERS_CONSOLE_FRAMING_H_
