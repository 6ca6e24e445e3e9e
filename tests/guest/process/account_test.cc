// What bounds a group of processes: the account of their user. A child is
// charged to the one of its maker, and moves when it becomes another user.
// feature-map: 64
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

constexpr uid_t kUser = 54'322;  // nobody else's
constexpr uid_t kOther = 54'323;
constexpr rlim_t kLimit = 8;

// Whether there can be other users here.
bool has_users() {
  return geteuid() == 0 &&
         run_child([] { return setuid(kUser) == 0 ? 0 : 1; }) == 0;
}

int sleeper() {
  for (;;) pause();
  return 0;
}

// Children of the caller until there can be no more.
std::vector<pid_t> fill() {
  std::vector<pid_t> children;
  for (;;) {
    const pid_t child = start_child(sleeper);
    if (child < 0) return children;
    children.push_back(child);
    CHILD_CHECK(children.size() < 2 * kLimit);
  }
}

void end_all(const std::vector<pid_t>& children) {
  for (const pid_t child : children) kill(child, SIGKILL);
  for (const pid_t child : children) CHILD_CHECK(wait_for(child) == -SIGKILL);
}

void become(uid_t user) {
  const rlimit limit{kLimit, kLimit};
  CHILD_CHECK(setrlimit(RLIMIT_NPROC, &limit) == 0);
  CHILD_CHECK(setuid(user) == 0);
}

TEST(Account, ChildrenOfChildrenCount) {
  if (!has_users()) GTEST_SKIP() << "no other user here";
  EXPECT_EQ(run_child([] {
              become(kUser);
              // Three generations, each with one child.
              CHILD_CHECK(run_child([] {
                            return run_child([] {
                              const std::vector<pid_t> children = fill();
                              // And these three themselves.
                              CHILD_CHECK(errno == EAGAIN);
                              CHILD_CHECK(children.size() == kLimit - 3);
                              end_all(children);
                              return 0;
                            });
                          }) == 0);
              const std::vector<pid_t> children = fill();
              CHILD_CHECK(children.size() == kLimit - 1);
              end_all(children);
              return 0;
            }),
            0);
}

TEST(Account, EachUserHasOne) {
  if (!has_users()) GTEST_SKIP() << "no other user here";
  const pid_t filled = start_child([] {
    become(kUser);
    const std::vector<pid_t> children = fill();
    CHILD_CHECK(children.size() == kLimit - 1);
    raise(SIGSTOP);
    end_all(children);
    return 0;
  });
  int status;
  ASSERT_EQ(waitpid(filled, &status, WUNTRACED), filled);
  ASSERT_TRUE(WIFSTOPPED(status));
  EXPECT_EQ(run_child([] {
              become(kOther);
              const std::vector<pid_t> children = fill();
              CHILD_CHECK(children.size() == kLimit - 1);
              end_all(children);
              return 0;
            }),
            0);
  EXPECT_EQ(run_child([] {
              // One more of the first user has no room.
              become(kUser);
              CHILD_CHECK(fork() == -1 && errno == EAGAIN);
              return 0;
            }),
            0);
  kill(filled, SIGCONT);
  EXPECT_EQ(wait_for(filled), 0);
}

// A process that has ended counts until it is waited for.
TEST(Account, ZombiesCount) {
  if (!has_users()) GTEST_SKIP() << "no other user here";
  EXPECT_EQ(run_child([] {
              become(kUser);
              const std::vector<pid_t> children = fill();
              kill(children[0], SIGKILL);
              siginfo_t info{};
              CHILD_CHECK(waitid(P_PID, static_cast<id_t>(children[0]), &info,
                                 WEXITED | WNOWAIT) == 0);
              CHILD_CHECK(fork() == -1 && errno == EAGAIN);
              CHILD_CHECK(wait_for(children[0]) == -SIGKILL);
              const pid_t again = start_child(sleeper);
              CHILD_CHECK(again > 0);
              std::vector<pid_t> rest(children.begin() + 1, children.end());
              rest.push_back(again);
              end_all(rest);
              return 0;
            }),
            0);
}

// The limit is that of who forks, the count that of the user.
TEST(Account, ALowerLimitBindsItsHoldersOnly) {
  if (!has_users()) GTEST_SKIP() << "no other user here";
  EXPECT_EQ(run_child([] {
              become(kUser);
              CHILD_CHECK(run_child([] {
                            const rlimit two{2, 2};
                            CHILD_CHECK(setrlimit(RLIMIT_NPROC, &two) == 0);
                            CHILD_CHECK(fork() == -1 && errno == EAGAIN);
                            return 0;
                          }) == 0);
              CHILD_CHECK(run_child([] { return 0; }) == 0);
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace tine::guest
