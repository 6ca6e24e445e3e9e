// /proc/PID/ns: who is in the same namespace. feature-map: 74
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

std::string path_of(const std::string& process, const char* name) {
  return "/proc/" + process + "/ns/" + name;
}

// What the link says; empty: it cannot be read.
std::string link_of(const std::string& process, const char* name) {
  std::array<char, 64> text{};
  const ssize_t length =
      readlink(path_of(process, name).c_str(), text.data(), text.size());
  return length < 0 ? ""
                    : std::string(text.data(), static_cast<size_t>(length));
}
std::string own(const char* name) { return link_of("self", name); }
std::string of(pid_t pid, const char* name) {
  return link_of(std::to_string(pid), name);
}

TEST(NamespaceLinks, NameTheirKindAndANumber) {
  for (const char* const name : {"uts", "pid", "mnt"}) {
    const std::string text = own(name);
    const std::string head = std::string(name) + ":[";
    ASSERT_EQ(text.substr(0, head.size()), head);
    EXPECT_EQ(text.back(), ']');
    char* end = nullptr;
    const unsigned long long number =
        strtoull(text.c_str() + head.size(), &end, 10);
    EXPECT_STREQ(end, "]");
    EXPECT_NE(number, 0u);
    // The file behind it is known by the same number.
    struct stat status;
    ASSERT_EQ(stat(path_of("self", name).c_str(), &status), 0);
    EXPECT_EQ(status.st_ino, number);
    EXPECT_TRUE(S_ISREG(status.st_mode));
    ASSERT_EQ(lstat(path_of("self", name).c_str(), &status), 0);
    EXPECT_TRUE(S_ISLNK(status.st_mode));
  }
  EXPECT_EQ(own("pid_for_children"), own("pid"));
  EXPECT_EQ(own("nothing"), "");
  struct stat status;
  ASSERT_EQ(stat("/proc/self/ns", &status), 0);
  EXPECT_EQ(status.st_mode, static_cast<mode_t>(S_IFDIR | 0511));
}

TEST(NamespaceLinks, AForkIsInTheSame) {
  const std::string uts = own("uts");
  const std::string pid = own("pid");
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(own("uts") == uts);
              CHILD_CHECK(own("pid") == pid);
              CHILD_CHECK(of(getppid(), "uts") == uts);
              return 0;
            }),
            0);
}

// Child of clone(): stands still.
int stand_still(void*) {
  for (;;) pause();
}

TEST(NamespaceLinks, UnshareAndCloneLeaveThem) {
  const int end = run_child([] {
    const std::string uts = own("uts");
    const std::string pid = own("pid");
    if (unshare(CLONE_NEWUTS) != 0) return errno == EPERM ? kNoOtherUser : 1;
    const std::string other = own("uts");
    CHILD_CHECK(other != uts && !other.empty());
    CHILD_CHECK(own("pid") == pid);
    CHILD_CHECK(of(getppid(), "uts") == uts);
    alignas(16) static std::array<char, 65536> stack;
    const int child = clone(stand_still, stack.data() + stack.size(),
                            CLONE_NEWUTS | CLONE_NEWPID | SIGCHLD, nullptr);
    CHILD_CHECK(child > 0);
    CHILD_CHECK(of(child, "uts") != uts && of(child, "uts") != other);
    CHILD_CHECK(of(child, "pid") != pid);
    CHILD_CHECK(of(child, "pid") == of(child, "pid_for_children"));
    kill(child, SIGKILL);
    CHILD_CHECK(wait_for(child) == -SIGKILL);
    // Only its children will be elsewhere.
    CHILD_CHECK(unshare(CLONE_NEWPID) == 0);
    CHILD_CHECK(own("pid") == pid);
    const pid_t first =
        start_child([]() -> int { return stand_still(nullptr); });
    CHILD_CHECK(of(first, "pid") != pid);
    CHILD_CHECK(own("pid_for_children") == of(first, "pid"));
    CHILD_CHECK(of(first, "uts") == other);
    kill(first, SIGKILL);
    CHILD_CHECK(wait_for(first) == -SIGKILL);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "namespaces are not allowed here";
  EXPECT_EQ(end, 0);
}

TEST(NamespaceLinks, OthersAreNotTold) {
  const pid_t self = getpid();
  const int end = run_child([self] {
    if (!become_a_user()) return kNoOtherUser;
    CHILD_CHECK(of(self, "uts").empty() && errno == EACCES);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "there is no other user here";
  EXPECT_EQ(end, 0);
}

}  // namespace
}  // namespace tine::guest
