// What prctl, personality and uname say of the machine, and what becomes of a
// process whose user changes. feature-map: 69, 73
#include <gtest/gtest.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

// The result, or minus the errno.
template <typename... Arguments>
long option(int number, Arguments... arguments) {
  const long result = prctl(number, static_cast<long>(arguments)...);
  return result < 0 ? -errno : result;
}

TEST(MachineOptions, BrokenMemory) {
  EXPECT_EQ(
      run_child([] {
        const auto get = [] { return option(PR_MCE_KILL_GET, 0, 0, 0, 0); };
        CHILD_CHECK(get() == PR_MCE_KILL_DEFAULT);
        for (const int policy : {PR_MCE_KILL_EARLY, PR_MCE_KILL_LATE}) {
          CHILD_CHECK(option(PR_MCE_KILL, PR_MCE_KILL_SET, policy, 0, 0) == 0);
          CHILD_CHECK(get() == policy);
          CHILD_CHECK(run_child([&] { return get() != policy; }) == 0);
        }
        CHILD_CHECK(option(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 0, 0) == 0);
        CHILD_CHECK(get() == PR_MCE_KILL_DEFAULT);
        return 0;
      }),
      0);
  EXPECT_EQ(option(PR_MCE_KILL, 7, 0, 0, 0), -EINVAL);
  EXPECT_EQ(option(PR_MCE_KILL, PR_MCE_KILL_SET, 7, 0, 0), -EINVAL);
  EXPECT_EQ(option(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 1, 0, 0), -EINVAL);
  EXPECT_EQ(option(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 1, 0), -EINVAL);
  EXPECT_EQ(option(PR_MCE_KILL_GET, 1, 0, 0, 0), -EINVAL);
}

TEST(MachineOptions, TimeStamps) {
#ifdef __x86_64__
  int is_enabled = 0;
  EXPECT_EQ(prctl(PR_GET_TSC, &is_enabled), 0);
  EXPECT_EQ(is_enabled, PR_TSC_ENABLE);
  EXPECT_EQ(option(PR_SET_TSC, PR_TSC_ENABLE), 0);
  EXPECT_EQ(option(PR_GET_TSC, -1), -EFAULT);
#endif
  EXPECT_EQ(option(PR_SET_TSC, 77), -EINVAL);
}

TEST(MachineOptions, Speculation) {
  EXPECT_EQ(option(PR_GET_SPECULATION_CTRL, 77, 0, 0, 0), -ENODEV);
  EXPECT_EQ(option(PR_GET_SPECULATION_CTRL, 0, 1, 0, 0), -EINVAL);
  EXPECT_EQ(option(PR_GET_SPECULATION_CTRL, 0, 0, 1, 0), -EINVAL);
  EXPECT_EQ(option(PR_SET_SPECULATION_CTRL, 77, 0, 0, 0), -ENODEV);
  EXPECT_EQ(option(PR_SET_SPECULATION_CTRL, 0, 0, 1, 0), -EINVAL);
}

TEST(MachineOptions, NeedRights) {
  const int end = run_child([] {
    if (!become_a_user()) return kNoOtherUser;
    CHILD_CHECK(option(PR_SET_MM, 0, 0, 0, 0) == -EPERM);
    CHILD_CHECK(option(PR_SET_IO_FLUSHER, 1, 0, 0, 0) == -EPERM);
    CHILD_CHECK(option(PR_GET_IO_FLUSHER, 0, 0, 0, 0) == -EPERM);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "no other user here";
  EXPECT_EQ(end, 0);
}

TEST(Personality, OfAnOlderRelease) {
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(personality(UNAME26) == 0);
              utsname name;
              CHILD_CHECK(uname(&name) == 0);
              CHILD_CHECK(std::string(name.release).rfind("2.6.", 0) == 0);
              CHILD_CHECK(std::stoi(name.release + 4) >= 60);
              return run_child(
                  [] { return personality(0xffff'ffff) == UNAME26 ? 0 : 1; });
            }),
            0);
}

// All that there are are kept, whether or not they mean anything.
TEST(Personality, OfOtherSystems) {
  for (int domain = 0; domain < 16; ++domain) {
    EXPECT_EQ(
        run_child([&] {
          const auto wanted = static_cast<unsigned long>(domain);
          utsname name;
          CHILD_CHECK(uname(&name) == 0);
          const std::string machine = name.machine;
          const int before = personality(wanted);
#ifdef __x86_64__
          CHILD_CHECK(before == 0);
#else
          // A processor may be without 32-bit programs.
          if (domain == PER_LINUX32 && before < 0) {
            CHILD_CHECK(errno == EINVAL);
            return 0;
          }
#endif
          CHILD_CHECK(personality(0xffff'ffff) == domain);
          CHILD_CHECK(uname(&name) == 0);
          CHILD_CHECK((machine == name.machine) == (domain != PER_LINUX32));
          return 0;
        }),
        0)
        << domain;
  }
}

// What it knows may not be for the user that it has become.
TEST(Credentials, AChangeHidesTheProcess) {
  const int end = run_child([] {
    if (geteuid() != 0) return kNoOtherUser;
    const auto death_signal = [] {
      int signal = -1;
      CHILD_CHECK(prctl(PR_GET_PDEATHSIG, &signal) == 0);
      return signal;
    };
    const auto prepare = [] {
      CHILD_CHECK(prctl(PR_SET_DUMPABLE, 1) == 0);
      CHILD_CHECK(prctl(PR_SET_PDEATHSIG, SIGUSR1) == 0);
    };
    prepare();
    // Real and saved ids alone change nothing.
    if (setresgid(1000, static_cast<gid_t>(-1), 1000) != 0) return kNoOtherUser;
    CHILD_CHECK(prctl(PR_GET_DUMPABLE) == 1 && death_signal() == SIGUSR1);
    CHILD_CHECK(
        setresgid(static_cast<gid_t>(-1), 1000, static_cast<gid_t>(-1)) == 0);
    CHILD_CHECK(prctl(PR_GET_DUMPABLE) == 0 && death_signal() == 0);
    prepare();
    if (setresuid(static_cast<uid_t>(-1), 1000, static_cast<uid_t>(-1)) != 0) {
      return kNoOtherUser;
    }
    CHILD_CHECK(prctl(PR_GET_DUMPABLE) == 0 && death_signal() == 0);
    // As is what goes on as the same one.
    prepare();
    CHILD_CHECK(setresuid(1000, 1000, 1000) == 0);
    CHILD_CHECK(prctl(PR_GET_DUMPABLE) == 1 && death_signal() == SIGUSR1);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "no other user here";
  EXPECT_EQ(end, 0);
}

}  // namespace
}  // namespace tine::guest
