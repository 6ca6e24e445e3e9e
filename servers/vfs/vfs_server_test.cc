// The vfs server against a fake world: paths, descriptors across fork and exec,
// user memory, the console.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <set>

#include "servers/linux_abi/arch/stat.h"
#include "servers/linux_abi/arch/syscall_numbers.h"
#include "servers/protocol/vfs.h"
#include "servers/vfs/fake_system.h"
#include "servers/vfs/test_tree.h"

namespace tine::vfs {
namespace {

using namespace linux_abi;

class VfsTest : public testing::Test {
 protected:
  VfsTest() : system(make_archive(tree())) {
    system.record(RingOp::kFilesNew, kTask);
    for (u64 page = kBuffer >> 12; page < (kBuffer >> 12) + 32; ++page) {
      system.user().populate(page);
    }
  }
  i64 open(const std::string& path, u32 flags = 0, u64 task = kTask) {
    return system.call(task, Nr::kOpenat, kCwd, system.put(kPath, path), flags);
  }
  i64 read(i64 fd, u64 bytes, u64 task = kTask) {
    return system.call(task, Nr::kRead, static_cast<u64>(fd), kBuffer, bytes);
  }
  i64 close(i64 fd, u64 task = kTask) {
    return system.call(task, Nr::kClose, static_cast<u64>(fd));
  }
  i64 fd_call(Nr number, i64 fd, u64 b = 0, u64 c = 0) {
    return system.call(kTask, number, static_cast<u64>(fd), b, c);
  }
  Stat stat(const std::string& path, i64 expected = 0, u32 flags = 0) {
    EXPECT_EQ(system.call(kTask, Nr::kNewfstatat, kCwd, system.put(kPath, path),
                          kBuffer, flags),
              expected)
        << path;
    Stat stat;
    std::string bytes = system.user().read(kBuffer, sizeof(stat));
    std::memcpy(&stat, bytes.data(), sizeof(stat));
    return stat;
  }
  std::string contents(const std::string& path) {
    i64 fd = open(path);
    EXPECT_GE(fd, 0) << path;
    std::string all;
    for (;;) {
      i64 got = read(fd, 5000);
      EXPECT_GE(got, 0);
      if (got <= 0) break;
      all += system.user().read(kBuffer, static_cast<u64>(got));
    }
    EXPECT_EQ(close(fd), 0);
    return all;
  }
  FakeSystem system;
};

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

TEST_F(VfsTest, ForkSharesOffsetsAndCopiesTheTable) {
  i64 fd = open("bin/large");
  EXPECT_EQ(read(fd, 10), 10);
  system.record(RingOp::kFilesDup, kTask, kChild);
  EXPECT_EQ(read(fd, 10, kChild), 10);
  EXPECT_EQ(read(fd, 5), 5);
  EXPECT_EQ(system.user().read(kBuffer, 5), pattern(25).substr(20));
  EXPECT_EQ(close(fd), 0);
  EXPECT_EQ(read(fd, 5), -EBADF);
  EXPECT_EQ(read(fd, 5, kChild), 5);
  EXPECT_EQ(system.server().open_files(), 2u);
  system.record(RingOp::kFilesDrop, kChild);
  EXPECT_EQ(read(fd, 5, kChild), -ESRCH);
  EXPECT_EQ(system.server().open_files(), 1u);
  EXPECT_EQ(system.server().tasks().live(), 1u);
}

TEST_F(VfsTest, CloneFilesAndFsShare) {
  system.record(RingOp::kFilesDup, kTask, kChild,
                kRingShareFiles | kRingShareFs);
  i64 fd = open("bin/large", 0, kChild);
  EXPECT_EQ(read(fd, 4), 4);
  EXPECT_EQ(system.call(kChild, Nr::kChdir, system.put(kPath, "etc")), 0);
  stat("motd", 0);
  // exec ends the sharing of descriptors.
  system.record(RingOp::kFilesExec, kChild);
  EXPECT_EQ(close(fd), 0);
  EXPECT_EQ(read(fd, 4, kChild), 4);
  system.record(RingOp::kFilesDrop, kTask);
  EXPECT_EQ(read(fd, 4, kChild), 4);
}

TEST_F(VfsTest, CloseOnExec) {
  EXPECT_EQ(open("bin/big", kOpenCloseOnExec), 3);
  EXPECT_EQ(open("bin/big"), 4);
  EXPECT_EQ(fd_call(Nr::kFcntl, 3, kGetFd), kFdCloseOnExec);
  system.record(RingOp::kFilesDup, kTask, kChild);
  system.record(RingOp::kFilesExec, kChild);
  EXPECT_EQ(read(3, 1, kChild), -EBADF);
  EXPECT_EQ(read(4, 1, kChild), 1);
  EXPECT_EQ(read(3, 1), 1);
}

// Without memory for the copy of a shared table exec still cannot fail.
TEST_F(VfsTest, CloseOnExecWithoutMemory) {
  EXPECT_EQ(open("bin/big", kOpenCloseOnExec), 3);
  EXPECT_EQ(open("bin/big"), 4);
  system.record(RingOp::kFilesDup, kTask, kChild);
  system.notify(kNewsRing);
  fault_injection.arm(1);
  system.record(RingOp::kFilesExec, kChild);
  system.notify(kNewsRing);
  EXPECT_EQ(fault_injection.countdown, 0u);
  fault_injection.arm(0);
  EXPECT_EQ(read(3, 1, kChild), -EBADF);
  EXPECT_EQ(read(4, 1, kChild), 1);
  EXPECT_EQ(open("bin/sh", 0, kChild), 3);
  EXPECT_EQ(read(3, 1), 1);
  system.record(RingOp::kFilesDrop, kChild);
  EXPECT_EQ(close(3), 0);
  EXPECT_EQ(system.server().open_files(), 2u);
}

TEST_F(VfsTest, DescriptorsRunOut) {
  for (i64 fd = 3; fd < 1024; ++fd) ASSERT_EQ(open("empty"), fd);
  EXPECT_EQ(open("empty"), -EMFILE);
  EXPECT_EQ(fd_call(Nr::kDup, 0), -EMFILE);
  EXPECT_EQ(fd_call(Nr::kDup3, 0, 1024), -EBADF);
  EXPECT_EQ(fd_call(Nr::kDup3, 0, 5), 5);
  EXPECT_EQ(fd_call(Nr::kFcntl, 0, kDupFd, 1024), -EINVAL);
  EXPECT_EQ(fd_call(Nr::kCloseRange, 3, 0xffff'ffff, 0), 0);
  EXPECT_EQ(system.server().open_files(), 1u);
  EXPECT_EQ(open("empty"), 3);
}

TEST_F(VfsTest, SeekPositionedAndVectors) {
  i64 fd = open("bin/pages");
  EXPECT_EQ(fd_call(Nr::kLseek, fd, static_cast<u64>(-1), kSeekEnd), 8191);
  EXPECT_EQ(read(fd, 10), 1);
  EXPECT_EQ(fd_call(Nr::kLseek, fd, 8192, kSeekData), -ENXIO);
  EXPECT_EQ(fd_call(Nr::kLseek, fd, 5, kSeekHole), 8192);
  EXPECT_EQ(fd_call(Nr::kLseek, fd, static_cast<u64>(-1), kSeekSet), -EINVAL);
  EXPECT_EQ(fd_call(Nr::kLseek, 1, 0, kSeekCur), -ESPIPE);
  EXPECT_EQ(
      system.call(kTask, Nr::kPread64, static_cast<u64>(fd), kBuffer, 5, 4094),
      5);
  EXPECT_EQ(system.user().read(kBuffer, 5), pattern(8192).substr(4094, 5));
  EXPECT_EQ(fd_call(Nr::kLseek, fd, 0, kSeekSet), 0);
  const IoVector vectors[] = {{kBuffer + 100, 3}, {0, 0}, {kBuffer, 4}};
  system.user().write(kPath2, vectors, sizeof(vectors));
  EXPECT_EQ(fd_call(Nr::kReadv, fd, kPath2, 3), 7);
  EXPECT_EQ(system.user().read(kBuffer, 4), pattern(7).substr(3));
  EXPECT_EQ(fd_call(Nr::kReadv, fd, kPath2, 1025), -EINVAL);
  system.user().write(kBuffer, "abcdefg", 7);
  const IoVector out[] = {{kBuffer, 3}, {kBuffer + 3, 4}};
  system.user().write(kPath2, out, sizeof(out));
  EXPECT_EQ(fd_call(Nr::kWritev, 1, kPath2, 2), 7);
  EXPECT_EQ(system.console_output, "abcdefg");
  EXPECT_EQ(system.call(kTask, Nr::kSendfile, 1,
                        static_cast<u64>(open("etc/motd")), 0, 1000),
            13);
  EXPECT_EQ(system.console_output, "abcdefghello, world\n");
}

TEST_F(VfsTest, UserMemoryThatIsNotThere) {
  i64 fd = open("bin/large");
  const u64 hole = kBuffer + 32 * kPageSize;
  EXPECT_EQ(fd_call(Nr::kRead, fd, hole, 10), -EFAULT);
  EXPECT_EQ(fd_call(Nr::kRead, fd, hole - 6, 10), 6);
  EXPECT_EQ(fd_call(Nr::kRead, fd, UINT64_MAX - 3, 10), -EFAULT);
  system.user().lazy.insert(hole >> 12);
  EXPECT_EQ(fd_call(Nr::kRead, fd, hole - 6, 10), 10);
  EXPECT_EQ(system.user().read(hole - 6, 10), pattern(16).substr(6));
  EXPECT_EQ(fd_call(Nr::kLseek, fd, 0, kSeekCur), 16);
  EXPECT_EQ(system.call(kTask, Nr::kOpenat, kCwd, 0x999000, 0), -EFAULT);
  // A path that ends just before a hole.
  const std::string path = "bin/big";
  system.user().write(hole + kPageSize - 8, path.c_str(), 8);
  EXPECT_GE(system.call(kTask, Nr::kOpenat, kCwd, hole + kPageSize - 8, 0), 0);
  EXPECT_EQ(fd_call(Nr::kWrite, 1, hole + 2 * kPageSize, 4), -EFAULT);
  const std::string big(6000, 'x');
  system.user().write(kBuffer + 32 * kPageSize - 3000, big.data(), 3000);
  EXPECT_EQ(fd_call(Nr::kWrite, 1, hole + kPageSize - 5000, 6000), 5000);
}

TEST_F(VfsTest, ConsoleReadsWait) {
  EXPECT_EQ(read(0, 10), kWithheld);
  u64 first = system.token();
  system.record(RingOp::kFilesDup, kTask, kChild);
  EXPECT_EQ(read(0, 3, kChild), kWithheld);
  u64 second = system.token();
  system.notify(kNewsInput);
  EXPECT_TRUE(system.replies.empty());
  system.console_input = "ab";
  system.notify(kNewsInput);
  EXPECT_EQ(system.replies[first], 2);
  EXPECT_EQ(system.replies.count(second), 0u);
  system.console_input = "cdefgh";
  system.notify(kNewsInput);
  EXPECT_EQ(system.replies[second], 3);
  EXPECT_EQ(system.user().read(kBuffer, 3), "cde");
  EXPECT_EQ(read(0, 10), 3);  // what was left over
  EXPECT_EQ(fd_call(Nr::kFcntl, 0, kSetFl, kOpenNonBlock), 0);
  EXPECT_EQ(read(0, 10), -EAGAIN);
  EXPECT_EQ(fd_call(Nr::kFcntl, 0, kSetFl, 0), 0);
  EXPECT_EQ(read(0, 10), kWithheld);
  system.console_ended = true;
  system.notify(kNewsInput);
  EXPECT_EQ(system.replies[system.token()], 0);
  EXPECT_EQ(read(0, 10), 0);
  EXPECT_EQ(read(0, 0), 0);
}

TEST_F(VfsTest, AKilledReaderTakesNoInput) {
  system.record(RingOp::kFilesDup, kTask, kChild);
  EXPECT_EQ(read(0, 10, kChild), kWithheld);
  u64 dead = system.token();
  EXPECT_EQ(read(0, 10), kWithheld);
  u64 alive = system.token();
  system.kill(dead);
  system.console_input = "xyz";
  system.notify(kNewsInput);
  EXPECT_EQ(system.replies.count(dead), 0u);
  EXPECT_EQ(system.replies[alive], 3);
  EXPECT_EQ(read(0, 10, kChild), kWithheld);
  system.record(RingOp::kFilesDrop, kChild);
  system.console_input = "x";
  system.notify(kNewsInput);
  EXPECT_EQ(read(0, 10), 1);
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

TEST_F(VfsTest, Exec) {
  const auto exec_open = [&](const std::string& path) {
    system.user().write(kPath, path.data(), path.size());
    return system.request(static_cast<u64>(VfsLabel::kExecOpen), kTask, kPath,
                          path.size(), 99);
  };
  const auto self = [&](u64 task) {
    i64 got = system.call(task, Nr::kReadlinkat, kCwd,
                          system.put(kPath, "/proc/self/exe"), kBuffer, 100);
    return got < 0 ? std::to_string(got)
                   : system.user().read(kBuffer, static_cast<u64>(got));
  };
  EXPECT_EQ(self(kTask), std::to_string(-ENOENT));
  sys::Message opened = exec_open("bin/sh");
  EXPECT_EQ(opened.words[0], 0u);
  EXPECT_TRUE(system.objects.contains(opened.words[1]));
  EXPECT_EQ(opened.words[2], u64{3 * 4096 + 100});
  EXPECT_EQ(opened.words[3], 0100755u);
  EXPECT_EQ(self(kTask), "/bin/big");
  EXPECT_EQ(static_cast<i64>(exec_open("etc/motd").words[0]), -EACCES);
  EXPECT_EQ(static_cast<i64>(exec_open("bin").words[0]), -EACCES);
  EXPECT_EQ(static_cast<i64>(exec_open("nope").words[0]), -ENOENT);
  EXPECT_EQ(static_cast<i64>(exec_open("").words[0]), -ENOENT);
  EXPECT_EQ(static_cast<i64>(exec_open("empty").words[0]), -ENOEXEC);
  sys::Message other = exec_open("bin/pages");
  EXPECT_EQ(self(kTask), "/bin/big");  // that exec may still fail
  system.record(RingOp::kFilesExec, kTask);
  EXPECT_EQ(self(kTask), "/bin/pages");
  system.record(RingOp::kFilesDup, kTask, kChild);
  EXPECT_EQ(self(kChild), "/bin/pages");
  sys::Message path = system.request(static_cast<u64>(VfsLabel::kExecPath),
                                     kTask, kBuffer, 100, other.words[4]);
  EXPECT_EQ(path.words[1], 10u);
  EXPECT_EQ(system.user().read(kBuffer, 10), "/bin/pages");
}

// Every fallible step of a call fails once; a retry succeeds, nothing leaks.
TEST_F(VfsTest, FaultSweep) {
  system.record(RingOp::kFilesDup, kTask, kChild);
  u64 sites = 0;
  for (u64 k = 1; k < 100; ++k) {
    system.record(RingOp::kFilesDup, kTask, kChild + 1);
    system.notify(kNewsRing);
    fault_injection.arm(k);
    i64 fd = open("bin/big", 0, kChild + 1);
    i64 copied = system.call(kChild + 1, Nr::kFcntl, 0, kDupFd, 30);
    const bool hit = fault_injection.countdown == 0;
    fault_injection.arm(0);
    if (!hit) {
      EXPECT_EQ(fd, 3);
      EXPECT_EQ(copied, 30);
      break;
    }
    ++sites;
    EXPECT_TRUE(fd == -ENOMEM || fd == -ENFILE || copied == -ENOMEM);
    if (fd < 0) {
      EXPECT_EQ(open("bin/big", 0, kChild + 1), 3);
    }
    system.record(RingOp::kFilesDrop, kChild + 1);
    system.notify(kNewsRing);
    EXPECT_EQ(system.server().open_files(), 1u);
  }
  EXPECT_GE(sites, 3u);
}

}  // namespace
}  // namespace tine::vfs
