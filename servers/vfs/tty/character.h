// Classes of characters as terminals see them: Latin-1, or bytes of UTF-8.
#ifndef SERVERS_VFS_TTY_CHARACTER_H_
#define SERVERS_VFS_TTY_CHARACTER_H_

#include "kernel/base/types.h"

namespace tine::vfs::tty {

constexpr bool is_control(u8 c) { return c < 0x20 || c == 0x7f; }
constexpr bool is_upper(u8 c) {
  return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7);
}
constexpr bool is_lower(u8 c) {
  return (c >= 'a' && c <= 'z') || (c >= 0xdf && c != 0xf7);
}
constexpr bool is_word(u8 c) {
  return (c >= '0' && c <= '9') || is_upper(c) || is_lower(c) || c == '_';
}
constexpr u8 to_upper(u8 c) {
  return is_lower(c) ? static_cast<u8>(c - 0x20) : c;
}
constexpr u8 to_lower(u8 c) {
  return is_upper(c) ? static_cast<u8>(c + 0x20) : c;
}

}  // namespace tine::vfs::tty

#endif  // SERVERS_VFS_TTY_CHARACTER_H_
