// Reading from the console, which may have to wait.
#include <cerrno>

#include "servers/vfs/vfs_server_fixture.h"

namespace tine::vfs {
namespace {

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

}  // namespace
}  // namespace tine::vfs
