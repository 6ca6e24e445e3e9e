// A path or one component of it.
#ifndef SERVERS_VFS_TREE_TEXT_H_
#define SERVERS_VFS_TREE_TEXT_H_

#include "kernel/base/types.h"

namespace tine::vfs {

// Not NUL-terminated.
struct Text {
  const char* bytes = nullptr;
  u64 count = 0;

  bool is(const char* other) const {
    for (u64 i = 0; i < count; ++i) {
      if (other[i] == '\0' || other[i] != bytes[i]) return false;
    }
    return other[count] == '\0';
  }
  bool is(Text other) const {
    if (count != other.count) return false;
    for (u64 i = 0; i < count; ++i) {
      if (bytes[i] != other.bytes[i]) return false;
    }
    return true;
  }
};

constexpr Text text_of(const char* text) {
  u64 n = 0;
  while (text[n] != '\0') ++n;
  return {text, n};
}

}  // namespace tine::vfs

#endif  // SERVERS_VFS_TREE_TEXT_H_
