// Files, tasks and addresses that the vfs server's tests have in common.
#ifndef SERVERS_VFS_TEST_TREE_H_
#define SERVERS_VFS_TEST_TREE_H_

#include <string>
#include <vector>

#include "servers/linux_abi/fcntl.h"
#include "servers/vfs/fake_system.h"

namespace tine::vfs {

inline constexpr u64 kTask = kFirstUserBadge | 1;
inline constexpr u64 kChild = kFirstUserBadge | 2;
inline constexpr u64 kPath = 0x10000;
inline constexpr u64 kPath2 = 0x12000;
inline constexpr u64 kBuffer = 0x20000;
inline constexpr u64 kHeap = 128 * 1024;
inline constexpr u64 kCwd = static_cast<u64>(i64{linux_abi::kAtFdCwd});

// Text without NULs that differs from page to page.
inline std::string pattern(u64 bytes) {
  std::string text(bytes, '\0');
  for (u64 i = 0; i < bytes; ++i) {
    text[i] = static_cast<char>(1 + (i * 7 + i / 4096) % 255);
  }
  return text;
}

// A root file system with one of each: aligned data and other, links of both
// kinds, a loop, and devices that are none.
inline const std::vector<ArchiveFile>& tree() {
  static const std::vector<ArchiveFile> files = {
      {".", 0040755, ""},
      {"bin", 0040755, ""},
      {"bin/big", 0100755, pattern(3 * 4096 + 100), 0, 1, true},
      {"bin/pages", 0100755, pattern(2 * 4096), 0, 1, true},
      {"etc/motd", 0100644, "hello, world\n"},
      {"bin/large", 0100644, pattern(70000)},
      {"empty", 0100755, ""},
      {"bin/sh", 0120777, "big"},
      {"abs", 0120777, "/bin/"},
      {"loop", 0120777, "loop"},
      {"up", 0120777, "bin/../etc"},
      {"one", 0100600, "", 42, 2},
      {"two", 0100600, "linked", 42, 2},
      {"dev", 0040755, ""},
      {"dev/null", 0100644, "not a device"},
      {"dev/odd", 0020600, "", 0, 1, false, 99, 9},
  };
  return files;
}

}  // namespace tine::vfs

#endif  // SERVERS_VFS_TEST_TREE_H_
