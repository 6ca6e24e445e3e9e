// The tree of files: what the archive brought, paths, changes and their
// undoing.
#include <cerrno>
#include <cstring>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "kernel/base/fault_site.h"
#include "servers/vfs/vfs_server_fixture.h"

namespace tine::vfs {
namespace {

TEST_F(VfsTest, FilesHaveTheirContents) {
  for (const ArchiveFile& file : tree()) {
    if ((file.mode & kModeType) != kModeRegular || file.links > 1 ||
        file.name == "dev/null") {
      continue;
    }
    EXPECT_EQ(contents("/" + file.name), file.data) << file.name;
    EXPECT_EQ(stat(file.name).mode, file.mode);
  }
  EXPECT_EQ(contents("one"), "linked");
  EXPECT_EQ(contents("two"), "linked");
  EXPECT_EQ(stat("one").inode, stat("two").inode);
  EXPECT_EQ(stat("one").links, 2u);
  EXPECT_EQ(stat("bin/big").uid, 7u);
  EXPECT_EQ(stat("bin/big").modify_time.seconds, 1234567);
}

TEST_F(VfsTest, WhatFollowsAFileInItsLastPageIsZero) {
  ASSERT_EQ(system.objects.size(), 5u);
  for (const auto& [id, object] : system.objects) {
    const std::string all = object->read(0, object->pages.size() * kPageSize);
    u64 end = all.size();
    while (end > 0 && all[end - 1] == '\0') --end;
    // The patterns have no zero bytes.
    EXPECT_LT(all.size() - end, kPageSize);
    EXPECT_TRUE(end == 3 * 4096 + 100 || end == 2 * 4096 || end == 70000 ||
                end == 13 || end == 6)
        << end;
  }
}

TEST_F(VfsTest, DevicesCannotBeReplacedByTheArchive) {
  EXPECT_EQ(stat("/dev/null").device, 0x103u);
  EXPECT_EQ(stat("/dev/console").device, 0x501u);
  EXPECT_EQ(stat("/dev/console").mode, 0020600u);
  EXPECT_EQ(open("/dev/odd"), -ENXIO);
  i64 full = open("/dev/full", kOpenReadWrite);
  EXPECT_EQ(fd_call(Nr::kWrite, full, kBuffer, 3), -ENOSPC);
  EXPECT_EQ(read(full, 9000), 9000);
  EXPECT_EQ(system.user().read(kBuffer, 9000), std::string(9000, '\0'));
  i64 null = open("/dev/null", kOpenReadWrite);
  EXPECT_EQ(fd_call(Nr::kWrite, null, kBuffer, 3), 3);
  EXPECT_EQ(read(null, 10), 0);
}

TEST_F(VfsTest, Paths) {
  const struct {
    const char* path;
    i64 result;
  } cases[] = {
      {"", -ENOENT},
      {"/", 0},
      {"bin/sh", 0},
      {"/bin//./../bin/big", 0},
      {"abs/big", 0},
      {"abs", 0},
      {"abs/", 0},
      {"up/motd", 0},
      {"loop", -ELOOP},
      {"loop/x", -ELOOP},
      {"bin/big/", -ENOTDIR},
      {"bin/big/..", -ENOTDIR},
      {"nowhere", -ENOENT},
      {"nowhere/x", -ENOENT},
      {"../../bin", 0},
      {"bin/sh/", -ENOTDIR},
      {"bin/big/x", -ENOTDIR},
  };
  for (const auto& test : cases) stat(test.path, test.result);
  stat(std::string(256, 'n'), -ENAMETOOLONG);
  stat(std::string(255, 'n'), -ENOENT);
  stat("/" + std::string(4094, '/'), 0);
  stat("/" + std::string(4095, '/'), -ENAMETOOLONG);
  stat("loop", 0, kAtSymlinkNoFollow);
  EXPECT_EQ(stat("bin/sh", 0, kAtSymlinkNoFollow).mode, 0120777u);
  stat("bin/sh/", -ENOTDIR, kAtSymlinkNoFollow);
}

TEST_F(VfsTest, OpenChecks) {
  EXPECT_EQ(open("bin", kOpenReadWrite), -EISDIR);
  EXPECT_EQ(open("new/", kOpenCreate | kOpenWriteOnly), -EISDIR);
  EXPECT_EQ(open("no/new", kOpenCreate | kOpenWriteOnly), -ENOENT);
  EXPECT_EQ(open("bin/big", kOpenCreate | kOpenExclusive), -EEXIST);
  EXPECT_EQ(open("bin/sh", kOpenNoFollow), -ELOOP);
  EXPECT_EQ(open("bin/big", kOpenDirectory), -ENOTDIR);
  EXPECT_EQ(open("bin/sh", kOpenNoFollow | kOpenDirectory), -ENOTDIR);
  i64 fd = open("bin/sh", kOpenNoFollow | kOpenPath);
  EXPECT_EQ(fd, 3);
  EXPECT_EQ(read(fd, 1), -EBADF);
  EXPECT_EQ(fd_call(Nr::kFstat, fd, kBuffer), 0);
  EXPECT_EQ(system.call(kTask, Nr::kReadlinkat, 3, system.put(kPath, ""),
                        kBuffer, 10),
            3);
  EXPECT_EQ(system.user().read(kBuffer, 3), "big");
}

TEST_F(VfsTest, DirectoriesAndNames) {
  i64 fd = open("bin", kOpenDirectory);
  std::vector<std::string> names;
  for (;;) {
    i64 got = fd_call(Nr::kGetdents64, fd, kBuffer, 60);
    ASSERT_GE(got, 0);
    if (got == 0) break;
    std::string bytes = system.user().read(kBuffer, static_cast<u64>(got));
    for (u64 at = 0; at < bytes.size();) {
      DirectoryEntry entry;
      std::memcpy(&entry, &bytes[at], kDirectoryEntryName);
      names.emplace_back(&bytes[at + kDirectoryEntryName]);
      EXPECT_EQ(entry.bytes % 8, 0);
      at += entry.bytes;
    }
  }
  EXPECT_EQ(names, (std::vector<std::string>{".", "..", "big", "pages", "large",
                                             "sh"}));
  fd_call(Nr::kLseek, fd, 0, kSeekSet);
  EXPECT_EQ(fd_call(Nr::kGetdents64, fd, kBuffer, 10), -EINVAL);
  EXPECT_EQ(fd_call(Nr::kGetdents64, 0, kBuffer, 100), -ENOTDIR);
  EXPECT_EQ(fd_call(Nr::kFchdir, fd), 0);
  EXPECT_EQ(system.call(kTask, Nr::kGetcwd, kBuffer, 5), 5);
  EXPECT_EQ(system.user().read(kBuffer, 5), std::string("/bin\0", 5));
  EXPECT_EQ(system.call(kTask, Nr::kGetcwd, kBuffer, 4), -ERANGE);
  EXPECT_EQ(system.call(kTask, Nr::kChdir, system.put(kPath, "sh")), -ENOTDIR);
}

TEST_F(VfsTest, WhatIsWrittenIsReadAgain) {
  const i64 fd = open("new", kOpenCreate | kOpenReadWrite);
  ASSERT_EQ(fd, 3);
  const std::string text = pattern(3 * 4096 + 5);
  system.user().write(kBuffer, text.data(), text.size());
  EXPECT_EQ(fd_call(Nr::kWrite, fd, kBuffer, text.size()),
            static_cast<i64>(text.size()));
  EXPECT_EQ(contents("new"), text);
  EXPECT_EQ(stat("new").blocks, 32);
  // A hole reads as zeros and has no frames.
  system.user().write(kBuffer, text.data(), text.size());
  EXPECT_EQ(fd_call(Nr::kLseek, fd, 100 * 4096, kSeekSet), 100 * 4096);
  EXPECT_EQ(fd_call(Nr::kWrite, fd, kBuffer, 10), 10);
  EXPECT_EQ(stat("new").size, 100 * 4096 + 10);
  EXPECT_EQ(stat("new").blocks, 40);
  EXPECT_EQ(
      contents("new"),
      text + std::string(100 * 4096 - text.size(), '\0') + text.substr(0, 10));
  // What is cut off is gone, also for those who extend the file again.
  EXPECT_EQ(fd_call(Nr::kFtruncate, fd, 4096 + 7), 0);
  EXPECT_EQ(fd_call(Nr::kFtruncate, fd, 2 * 4096), 0);
  EXPECT_EQ(contents("new"),
            text.substr(0, 4096 + 7) + std::string(4096 - 7, '\0'));
}

TEST_F(VfsTest, AnUnlinkedFileLivesAsLongAsItIsOpen) {
  const u64 objects = system.objects.size();
  const u64 inodes = system.server().files().inodes();
  const u64 texts = system.server().files().texts();
  const i64 fd = open("new", kOpenCreate | kOpenReadWrite);
  system.user().write(kBuffer, "abc", 3);
  EXPECT_EQ(fd_call(Nr::kWrite, fd, kBuffer, 3), 3);
  EXPECT_EQ(system.objects.size(), objects + 1);
  EXPECT_EQ(
      system.call(kTask, Nr::kUnlinkat, kCwd, system.put(kPath, "new"), 0), 0);
  stat("new", -ENOENT);
  EXPECT_EQ(fd_call(Nr::kLseek, fd, 0, kSeekSet), 0);
  EXPECT_EQ(read(fd, 10), 3);
  EXPECT_EQ(system.objects.size(), objects + 1);
  EXPECT_EQ(close(fd), 0);
  EXPECT_EQ(system.objects.size(), objects);
  EXPECT_EQ(system.server().files().inodes(), inodes);
  EXPECT_EQ(system.server().files().entries(), inodes + 1);  // one, two
  EXPECT_EQ(system.server().files().texts(), texts);
}

TEST_F(VfsTest, ARemovedWorkingDirectoryHasNoPath) {
  const u64 inodes = system.server().files().inodes();
  const auto by_path = [&](Nr number, const char* path, u64 last) {
    return system.call(kTask, number, kCwd, system.put(kPath, path), last);
  };
  EXPECT_EQ(by_path(Nr::kMkdirat, "new", 0755), 0);
  EXPECT_EQ(by_path(Nr::kMkdirat, "new/in", 0755), 0);
  EXPECT_EQ(system.call(kTask, Nr::kChdir, system.put(kPath, "new/in")), 0);
  EXPECT_EQ(by_path(Nr::kUnlinkat, "/new", kAtRemoveDir), -ENOTEMPTY);
  EXPECT_EQ(by_path(Nr::kUnlinkat, "/new/in", kAtRemoveDir), 0);
  EXPECT_EQ(by_path(Nr::kUnlinkat, "/new", kAtRemoveDir), 0);
  EXPECT_EQ(system.call(kTask, Nr::kGetcwd, kBuffer, 100), -ENOENT);
  EXPECT_EQ(open("more", kOpenCreate | kOpenReadWrite), -ENOENT);
  stat(".");
  stat("../..");
  EXPECT_EQ(system.server().files().inodes(), inodes + 2);
  EXPECT_EQ(system.call(kTask, Nr::kChdir, system.put(kPath, "/")), 0);
  EXPECT_EQ(system.server().files().inodes(), inodes);
}

TEST_F(VfsTest, ADirectoryCanBeReadWhileItChanges) {
  ASSERT_EQ(
      system.call(kTask, Nr::kMkdirat, kCwd, system.put(kPath, "new"), 0755),
      0);
  const auto name = [](int i) { return "new/" + std::to_string(i); };
  const auto unlink = [&](const std::string& path) {
    return system.call(kTask, Nr::kUnlinkat, kCwd, system.put(kPath, path), 0);
  };
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(close(open(name(i), kOpenCreate | kOpenWriteOnly)), 0);
  }
  const i64 fd = open("new", kOpenDirectory);
  std::set<std::string> seen;
  for (;;) {
    const i64 got = fd_call(Nr::kGetdents64, fd, kBuffer, 200);
    ASSERT_GE(got, 0);
    if (got == 0) break;
    const std::string bytes =
        system.user().read(kBuffer, static_cast<u64>(got));
    for (u64 at = 0; at < bytes.size();) {
      DirectoryEntry entry;
      std::memcpy(&entry, &bytes[at], kDirectoryEntryName);
      const std::string found = &bytes[at + kDirectoryEntryName];
      EXPECT_TRUE(seen.insert(found).second) << found;
      at += entry.bytes;
    }
    // All that was read, as rm -r has it.
    for (const std::string& found : seen) {
      if (found[0] != '.') unlink("new/" + found);
    }
  }
  EXPECT_EQ(seen.size(), 102u);
  EXPECT_EQ(stat("new").links, 2u);
}

// Each fallible step of each change fails once: an errno, and the tree is what
// it was.
TEST_F(VfsTest, ChangesUndoWhatFails) {
  system.user().write(kBuffer, "abc", 3);
  const auto state = [&] {
    const FileSystem& files = system.server().files();
    return std::vector<u64>{
        files.inodes(),          files.entries(),
        files.texts(),           system.objects.size(),
        files.contents().live(), system.server().open_files(),
        stat("/").links,         stat("one").links};
  };
  const auto by_path = [&](Nr number, const char* path, u64 last = 0) {
    return system.call(kTask, number, kCwd, system.put(kPath, path), last);
  };
  const auto two_paths = [&](Nr number, const char* from, const char* to,
                             u64 flags = 0) {
    return system.call(kTask, number, kCwd, system.put(kPath, from), kCwd,
                       system.put(kPath2, to), flags);
  };
  struct Change {
    const char* what;
    std::function<i64()> make;
    std::function<i64()> undo;
  };
  const auto unlink = [&] { return by_path(Nr::kUnlinkat, "new"); };
  const Change changes[] = {
      {"open", [&] { return open("new", kOpenCreate | kOpenReadWrite); },
       [&] { return close(3) + unlink(); }},
      {"tmpfile", [&] { return open("bin", kOpenTmpFile | kOpenReadWrite); },
       [&] { return close(3); }},
      {"write",
       [&] {
         const i64 fd = open("new", kOpenCreate | kOpenReadWrite);
         if (fd < 0) return fd;
         const i64 wrote = fd_call(Nr::kWrite, fd, kBuffer, 3);
         if (wrote != 3) {
           EXPECT_EQ(close(fd), 0);
           EXPECT_EQ(stat("new").size, 0);
           EXPECT_EQ(unlink(), 0);
         }
         return wrote;
       },
       [&] { return close(3) + unlink(); }},
      {"mkdir", [&] { return by_path(Nr::kMkdirat, "new", 0755); },
       [&] { return by_path(Nr::kUnlinkat, "new", kAtRemoveDir); }},
      {"mknod", [&] { return by_path(Nr::kMknodat, "new", 0010644); }, unlink},
      {"link", [&] { return two_paths(Nr::kLinkat, "one", "new"); }, unlink},
      {"symlink",
       [&] {
         return system.call(kTask, Nr::kSymlinkat, system.put(kPath, "one"),
                            kCwd, system.put(kPath2, "new"));
       },
       unlink},
      {"rename", [&] { return two_paths(Nr::kRenameat2, "one", "new"); },
       [&] { return two_paths(Nr::kRenameat2, "new", "one"); }},
      {"exchange", [&] { return two_paths(Nr::kRenameat2, "one", "etc", 2); },
       [&] { return two_paths(Nr::kRenameat2, "one", "etc", 2); }},
  };
  for (const Change& change : changes) {
    SCOPED_TRACE(change.what);
    // Slabs and tables reach their size.
    ASSERT_GE(change.make(), 0);
    ASSERT_EQ(change.undo(), 0);
    const std::vector<u64> before = state();
    u64 sites = 0;
    for (;; ++sites) {
      ASSERT_LT(sites, 20u);
      fault_injection.arm(sites + 1);
      const i64 result = change.make();
      const bool hit = fault_injection.countdown == 0;
      fault_injection.arm(0);
      if (!hit) {
        EXPECT_GE(result, 0);
        break;
      }
      EXPECT_TRUE(result == -ENOMEM || result == -ENOSPC || result == -ENFILE)
          << result << ' ' << fault_injection.last;
      EXPECT_EQ(state(), before) << fault_injection.last;
    }
    EXPECT_GT(sites, 0u);
    EXPECT_EQ(change.undo(), 0);
    EXPECT_EQ(state(), before);
  }
}

}  // namespace
}  // namespace tine::vfs
