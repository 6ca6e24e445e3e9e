// execve of real ELF files from a real archive.
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/sim/system.h"

namespace tine {
namespace {

constexpr u64 kStatus = sim::kDataAddress + 64;
constexpr u64 kText = sim::kDataAddress + kPageSize;
constexpr u64 kArgv = sim::kDataAddress + 2 * kPageSize;

// Arguments of the call, in the caller's memory.
i64 exec(User& user, const std::string& path,
         const std::vector<std::string>& words) {
  u64 text = kText;
  const u64 path_at = user.store_text(text, path);
  text += path.size() + 1;
  u64 slot = kArgv;
  for (const std::string& word : words) {
    user.store(slot, user.store_text(text, word));
    text += word.size() + 1;
    slot += 8;
  }
  user.store(slot, 0);
  return call(user, Nr::kExecve, path_at, kArgv, slot);
}

i32 run_child(User& user, Script script) {
  const i64 pid = user.fork(std::move(script));
  EXPECT_EQ(wait4(user, pid, kStatus), pid);
  return static_cast<i32>(user.load(kStatus));
}

std::string text_at(User& user, u64 at) {
  std::string text;
  for (u8 byte = user.load8(at); byte != 0; byte = user.load8(++at)) {
    text += static_cast<char>(byte);
  }
  return text;
}

class Exec : public testing::TestWithParam<const char*> {};

TEST_P(Exec, NewImageHasItsArgumentsAndData) {
  System system({.command_line = GetParam()});
  system.add_program(
      "bin/other",
      [](User& user) {
        EXPECT_EQ(user.load(sim::kDataAddress), 0x1234'5678'9abcu);
        EXPECT_EQ(user.load(sim::kDataAddress + 3 * kPageSize), 0u);
        user.store(sim::kDataAddress, 5);
        EXPECT_EQ(user.sp() % 16, 0u);
        EXPECT_EQ(user.load(user.sp()), 2u);  // argc
        EXPECT_EQ(text_at(user, user.load(user.sp() + 8)), "other");
        EXPECT_EQ(text_at(user, user.load(user.sp() + 16)), "a word");
        EXPECT_EQ(user.load(user.sp() + 24), 0u);
        return 33;
      },
      0x1234'5678'9abc);
  system.run([](User& user) {
    user.store(sim::kDataAddress, 77);
    for (int round = 0; round < 3; ++round) {
      EXPECT_EQ(run_child(user,
                          [](User& child) {
                            exec(child, "/bin/other", {"other", "a word"});
                            return 1;
                          }),
                33 << 8);
      EXPECT_EQ(user.load(sim::kDataAddress), 77u);
    }
    return 0;
  });
  EXPECT_EQ(system.status(), 0u) << system.log();
}

// How a parent learns that its child runs another program. That program calls
// no server of files.
TEST_P(Exec, ClosingOnExecWakesWhoWaitsForIt) {
  System system({.command_line = GetParam()});
  system.add_program("bin/other", [](User& user) {
    constexpr u64 kForEver = 1'000'000;
    user.store(sim::kDataAddress, kForEver);
    user.store(sim::kDataAddress + 8, 0);
    (void)call(user, Nr::kNanosleep, sim::kDataAddress, 0);
    return 0;
  });
  system.run([](User& user) {
    constexpr u64 kCloseOnExec = 0x8'0000;
    constexpr u64 kEnds = kStatus + 8;
    constexpr u64 kSigKill = 9;
    EXPECT_EQ(call(user, Nr::kPipe2, kEnds, kCloseOnExec), 0);
    const u64 to_read = user.load(kEnds) & 0xffff'ffff;
    const u64 to_write = user.load(kEnds) >> 32;
    const i64 pid = user.fork([](User& child) {
      exec(child, "/bin/other", {"other"});
      return 1;
    });
    EXPECT_EQ(call(user, Nr::kClose, to_write), 0);
    EXPECT_EQ(call(user, Nr::kRead, to_read, kText, 1), 0);
    EXPECT_EQ(call(user, Nr::kKill, pid, kSigKill), 0);
    EXPECT_EQ(wait4(user, pid, kStatus), pid);
    EXPECT_EQ(user.load(kStatus) & 0xffff, kSigKill);
    return 0;
  });
  EXPECT_EQ(system.status(), 0u) << system.log();
}

TEST_P(Exec, FailureLeavesTheOldImage) {
  System system({.command_line = GetParam()});
  system.add_file("bin/plain", "not a program", 0100644);
  system.add_file("bin/garbage", "not a program", 0100755);
  system.add_file("bin/short",
                  std::string("\x7f"
                              "ELF\2\1\1",
                              7),
                  0100755);
  std::string wrong = sim::make_elf(sim::kTextAddress + 512, 0);
  wrong[18] = 3;  // another machine
  system.add_file("bin/wrong", wrong, 0100755);
  std::string cut = sim::make_elf(sim::kTextAddress + 512, 0);
  cut.resize(600);
  system.add_file("bin/cut", cut, 0100755);
  system.add_program("bin/loop", [](User&) { return 0; });
  system.run([](User& user) {
    user.store(sim::kDataAddress, 77);
    const auto before = System::counts();
    EXPECT_EQ(exec(user, "/bin/none", {"x"}), -ENOENT);
    EXPECT_EQ(exec(user, "/bin/plain/x", {"x"}), -ENOTDIR);
    EXPECT_EQ(exec(user, "/bin/plain", {"x"}), -EACCES);
    EXPECT_EQ(exec(user, "/bin", {"x"}), -EACCES);
    EXPECT_EQ(exec(user, "/bin/garbage", {"x"}), -ENOEXEC);
    EXPECT_EQ(exec(user, "/bin/short", {"x"}), -ENOEXEC);
    EXPECT_EQ(exec(user, "/bin/wrong", {"x"}), -ENOEXEC);
    EXPECT_LT(exec(user, "/bin/cut", {"x"}), 0);
    EXPECT_EQ(call(user, Nr::kExecve, 0, 0, 0), -EFAULT);
    EXPECT_EQ(call(user, Nr::kExecve, kText, 8, 0), -EFAULT);
    EXPECT_EQ(exec(user, std::string(5000, 'x'), {"x"}), -ENAMETOOLONG);
    EXPECT_EQ(user.load(sim::kDataAddress), 77u);
    EXPECT_EQ(System::counts().spaces, before.spaces);
    EXPECT_EQ(System::counts().objects, before.objects);
    return 0;
  });
  EXPECT_EQ(system.status(), 0u) << system.log();
}

INSTANTIATE_TEST_SUITE_P(Modes, Exec, testing::Values("", "tine.fork=eager"));

}  // namespace
}  // namespace tine
