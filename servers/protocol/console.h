// Requests to the console server from the vfs server.
#ifndef SERVERS_PROTOCOL_CONSOLE_H_
#define SERVERS_PROTOCOL_CONSOLE_H_

#include "kernel/base/types.h"

namespace tine {

enum class ConsoleLabel : u16 {
  // 0 = address, 1 = bytes in the caller's memory. -> 0 = bytes written.
  kWrite = 0x300,
  // Never blocks. 0 = address, 1 = room, 2 = kConsoleReadQuietly or 0. -> 0 =
  // bytes read, 0 at end of file, -EAGAIN if there is no input yet: kNewsInput
  // follows when there is; 1 = size of the user's terminal, rows << 16 |
  // columns, 0: unknown.
  kRead,
};

// Nobody waits for input: it is taken as it comes, and the host is not told.
inline constexpr u64 kConsoleReadQuietly = 1;

}  // namespace tine

#endif  // SERVERS_PROTOCOL_CONSOLE_H_
