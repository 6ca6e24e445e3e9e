#include "servers/vfs/tty/console_terminal.h"

#include "servers/linux_abi/errno.h"
#include "servers/protocol/console.h"

namespace tine::vfs::tty {

using namespace linux_abi;

bool ConsoleTerminal::read_size(const char* text) {
  if (text == nullptr) return false;
  u16 numbers[2] = {};
  for (u16* number = numbers; *text != '\0' && *text != ' '; ++text) {
    if (*text == 'x') {
      number = &numbers[1];
    } else if (*text >= '0' && *text <= '9') {
      *number = static_cast<u16>(*number * 10 + (*text - '0'));
    }
  }
  window_.rows = numbers[0];
  window_.columns = numbers[1];
  return true;
}

void ConsoleTerminal::send() {
  u8 part[512];
  while (const u64 bytes = discipline_.take_output(part, sizeof(part))) {
    u64 done = 0;
    while (done < bytes) {
      const sys::Message answer = sys::call(
          kCallConsole,
          sys::make_message(ConsoleLabel::kWrite,
                            reinterpret_cast<u64>(part + done), bytes - done));
      const i64 sent = sys::result_of(answer, -EIO);
      if (sent <= 0 || static_cast<u64>(sent) > bytes - done) return;
      done += static_cast<u64>(sent);
    }
  }
}

void ConsoleTerminal::take_input() {
  u8 part[512];
  for (;;) {
    u64 room = receive_room();
    if (room > sizeof(part)) room = sizeof(part);
    more_may_wait_ = room == 0;
    if (room == 0) return;
    const sys::Message answer =
        sys::call(kCallConsole, sys::make_message(ConsoleLabel::kRead,
                                                  reinterpret_cast<u64>(part),
                                                  room, kConsoleReadQuietly));
    const i64 got = sys::result_of(answer, -EIO);
    if (answer.words[1] != 0) {
      resize({.rows = static_cast<u16>(answer.words[1] >> 16),
              .columns = static_cast<u16>(answer.words[1]),
              .width = 0,
              .height = 0});
    }
    if (got == 0 && !hung_up_) hang_up();
    if (got <= 0) return;
    receive(part, static_cast<u64>(got));
  }
}

void ConsoleTerminal::input_was_read() {
  if (!more_may_wait_ || receive_room() == 0) return;
  more_may_wait_ = false;
  take_input();
}

}  // namespace tine::vfs::tty
