// A vfs server over the fake system, with the files of test_tree.h, one task
// and the calls that most tests make.
#ifndef SERVERS_VFS_VFS_SERVER_FIXTURE_H_
#define SERVERS_VFS_VFS_SERVER_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "servers/linux_abi/arch/stat.h"
#include "servers/linux_abi/arch/syscall_numbers.h"
#include "servers/vfs/fake_system.h"
#include "servers/vfs/test_tree.h"

namespace tine::vfs {

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

}  // namespace tine::vfs

#endif  // SERVERS_VFS_VFS_SERVER_FIXTURE_H_
