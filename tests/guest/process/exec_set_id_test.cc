// Programs with set-user-ID and set-group-ID bits. feature-map: 69, 71
#include <gtest/gtest.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

const char* self;

constexpr uid_t kUser = 1234;   // who owns the program
constexpr gid_t kGroup = 5678;  // and what group
constexpr uid_t kOther = 1000;  // who runs it

// What the program answers, one bit each.
enum Seen : int {
  kHasUser = 1,   // effective, saved, in the auxiliary vector
  kHasGroup = 2,  // the same
  kIsSecure = 4,
  kIsHidden = 8,  // not dumpable
  kHasDeathSignal = 16,
  kHasRealIds = 32,
};

int look() {
  uid_t user, effective_user, saved_user;
  gid_t group, effective_group, saved_group;
  getresuid(&user, &effective_user, &saved_user);
  getresgid(&group, &effective_group, &saved_group);
  int signal = 0;
  prctl(PR_GET_PDEATHSIG, &signal);
  int seen = 0;
  if (effective_user == kUser && saved_user == kUser &&
      getauxval(AT_EUID) == kUser) {
    seen |= kHasUser;
  }
  if (effective_group == kGroup && saved_group == kGroup &&
      getauxval(AT_EGID) == kGroup) {
    seen |= kHasGroup;
  }
  if (getauxval(AT_SECURE) != 0) seen |= kIsSecure;
  if (prctl(PR_GET_DUMPABLE) == 0) seen |= kIsHidden;
  if (signal != 0) seen |= kHasDeathSignal;
  if (user == kOther && group == kOther && getauxval(AT_UID) == kOther) {
    seen |= kHasRealIds;
  }
  return seen;
}

class ExecSetId : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0 || run_child([] { return become_a_user(); }) != 1) {
      GTEST_SKIP() << "no other user here";
    }
    ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);
    ASSERT_TRUE(put_file(program(), get_file(self), 0755));
    ASSERT_EQ(chown(program().c_str(), kUser, kGroup), 0);
  }
  std::string program() const { return directory_ / "program"; }
  // By another user; `prepare` is what it does before.
  template <typename Prepare>
  int run(mode_t mode, Prepare prepare) {
    EXPECT_EQ(chmod(program().c_str(), mode), 0);
    return run_child([&] {
      CHILD_CHECK(setresgid(kOther, kOther, kOther) == 0);
      CHILD_CHECK(setresuid(kOther, kOther, kOther) == 0);
      CHILD_CHECK(prctl(PR_SET_PDEATHSIG, SIGUSR1) == 0);
      prepare();
      execl(program().c_str(), "program", "--look", nullptr);
      return 200 + errno % 50;
    });
  }
  int run(mode_t mode) {
    return run(mode, [] {});
  }

  TemporaryDirectory directory_;
};

TEST_F(ExecSetId, BitsAct) {
  EXPECT_EQ(run(0755), kHasRealIds | kHasDeathSignal);
  EXPECT_EQ(run(04755), kHasRealIds | kHasUser | kIsSecure | kIsHidden);
  EXPECT_EQ(run(02755), kHasRealIds | kHasGroup | kIsSecure | kIsHidden);
  EXPECT_EQ(run(06755),
            kHasRealIds | kHasUser | kHasGroup | kIsSecure | kIsHidden);
  // Without the right to execute it is another bit.
  EXPECT_EQ(run(02745), kHasRealIds | kHasDeathSignal);
}

TEST_F(ExecSetId, NotWithoutNewPrivileges) {
  EXPECT_EQ(
      run(06755,
          [] { CHILD_CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0); }),
      kHasRealIds | kHasDeathSignal);
}

// Only that of the interpreter counts.
TEST_F(ExecSetId, NotOfAScript) {
  ASSERT_EQ(rename(program().c_str(), (directory_ / "interpreter").c_str()), 0);
  ASSERT_EQ(chmod((directory_ / "interpreter").c_str(), 0755), 0);
  ASSERT_TRUE(put_file(
      program(), "#!" + (directory_ / "interpreter") + " --look\n", 0755));
  ASSERT_EQ(chown(program().c_str(), kUser, kGroup), 0);
  EXPECT_EQ(run(06755), kHasRealIds | kHasDeathSignal);
  ASSERT_EQ(chmod((directory_ / "interpreter").c_str(), 04755), 0);
  EXPECT_EQ(run(0755), kHasRealIds | kHasUser | kIsSecure | kIsHidden);
}

// Or its tracer could do as it likes with what the program may.
TEST_F(ExecSetId, NotUnderATracerWithoutRights) {
  ASSERT_EQ(chmod(program().c_str(), 06755), 0);
  EXPECT_EQ(
      run_child([&] {
        CHILD_CHECK(setresgid(kOther, kOther, kOther) == 0);
        CHILD_CHECK(setresuid(kOther, kOther, kOther) == 0);
        const pid_t child = start_child([&] {
          ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
          execl(program().c_str(), "program", "--look", nullptr);
          return 200;
        });
        int status = 0;
        CHILD_CHECK(waitpid(child, &status, 0) == child && WIFSTOPPED(status));
        CHILD_CHECK(ptrace(PTRACE_CONT, child, nullptr, nullptr) == 0);
        return wait_for(child);
      }),
      kHasRealIds | kIsSecure);
}

TEST_F(ExecSetId, OfTheSuperuser) {
  ASSERT_EQ(chown(program().c_str(), 0, 0), 0);
  ASSERT_EQ(chmod(program().c_str(), 04755), 0);
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(setresgid(kOther, kOther, kOther) == 0);
              CHILD_CHECK(setresuid(kOther, kOther, kOther) == 0);
              execl(program().c_str(), "program", "--rights", nullptr);
              return 200;
            }),
            0);
}

// Who is another one in effect already gives nothing up by an exec, and what it
// runs is hidden.
TEST_F(ExecSetId, EffectiveIdsStay) {
  ASSERT_EQ(chmod(program().c_str(), 0755), 0);
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(setresgid(kOther, kGroup, kOther) == 0);
              CHILD_CHECK(setresuid(kOther, kUser, kOther) == 0);
              execl(program().c_str(), "program", "--look", nullptr);
              return 200;
            }),
            kHasRealIds | kHasUser | kHasGroup | kIsSecure | kIsHidden);
}

}  // namespace
}  // namespace tine::guest

int main(int argc, char** argv) {
  if (argc >= 2 && std::strcmp(argv[1], "--look") == 0) {
    return tine::guest::look();
  }
  if (argc >= 2 && std::strcmp(argv[1], "--rights") == 0) {
    // All that the superuser may, and its own user again.
    return geteuid() == 0 && getuid() == 1000 && chown("/tmp", 0, 0) == 0 &&
                   setuid(0) == 0 && getuid() == 0
               ? 0
               : 1;
  }
  tine::guest::self = argv[0];
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
