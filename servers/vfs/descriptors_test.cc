// Descriptors across fork and exec, reading and writing by them, user memory
// that is not there.
#include <cerrno>
#include <string>

#include "kernel/base/fault_site.h"
#include "servers/protocol/vfs.h"
#include "servers/vfs/vfs_server_fixture.h"

namespace tine::vfs {
namespace {

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

// One that ends before it has called is not made, but counted.
TEST_F(VfsTest, TaskThatDoesNothingLeavesNothing) {
  system.notify(kNewsRing);
  const u64 before = system.server().tasks().ever();
  system.record(RingOp::kFilesDup, kTask, kChild);
  system.record(RingOp::kFilesDrop, kChild);
  system.record(RingOp::kFilesDup, kTask, kChild);
  system.record(RingOp::kFilesDup, kChild, kChild + 1);
  system.record(RingOp::kFilesDrop, kChild);
  system.record(RingOp::kFilesDup, kTask, kChild);
  EXPECT_EQ(read(open("bin/large"), 1, kChild), -EBADF);
  EXPECT_EQ(read(3, 1), 1);
  EXPECT_EQ(read(open("bin/large", 0, kChild + 1), 1, kChild + 1), 1);
  EXPECT_EQ(system.server().tasks().live(), 3u);
  EXPECT_EQ(system.server().tasks().ever(), before + 4);
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
