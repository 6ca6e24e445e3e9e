// oom_score_adj: written, inherited, one's own after fork.
// feature-map: 73
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <thread>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

const char kAdjust[] = "/proc/self/oom_score_adj";

int adjust() { return std::atoi(get_file(kAdjust).c_str()); }

// 0 or the errno.
int set_adjust(const std::string& text, const std::string& path = kAdjust) {
  const int fd = open(path.c_str(), O_WRONLY);
  if (fd < 0) return errno;
  const ssize_t put = write(fd, text.data(), text.size());
  const int error = put == static_cast<ssize_t>(text.size()) ? 0 : errno;
  close(fd);
  return error;
}

TEST(OomScore, IsWrittenAndRead) {
  EXPECT_EQ(run_child([] {
              const int before = adjust();
              CHILD_CHECK(set_adjust(std::to_string(before + 100)) == 0);
              CHILD_CHECK(adjust() == before + 100);
              CHILD_CHECK(set_adjust(" 321 \n") == 0);
              CHILD_CHECK(get_file(kAdjust) == "321\n");
              for (const char* const bad : {"x", "1001", "-1001", "5x"}) {
                const int error = set_adjust(bad);
                CHILD_CHECK(error == EINVAL);
              }
              CHILD_CHECK(adjust() == 321);
              return 0;
            }),
            0);
}

// The child has the parent's value, and changes only its own.
TEST(OomScore, IsInheritedAndThenPrivate) {
  EXPECT_EQ(
      run_child([] {
        CHILD_CHECK(set_adjust("200") == 0);
        CHILD_CHECK(run_child([] {
                      CHILD_CHECK(adjust() == 200);
                      CHILD_CHECK(set_adjust("300") == 0);
                      CHILD_CHECK(run_child([] { return adjust() == 300; }));
                      return 0;
                    }) == 0);
        CHILD_CHECK(adjust() == 200);
        int ends[2];
        CHILD_CHECK(pipe(ends) == 0);
        const pid_t child = start_child([&] {
          char byte;
          CHILD_CHECK(read(ends[0], &byte, 1) == 1);
          return adjust() == 200 ? 0 : 1;
        });
        CHILD_CHECK(set_adjust("400") == 0);
        const std::string path =
            "/proc/" + std::to_string(child) + "/oom_score_adj";
        CHILD_CHECK(get_file(path) == "200\n");
        CHILD_CHECK(write(ends[1], "x", 1) == 1);
        CHILD_CHECK(wait_for(child) == 0);
        return 0;
      }),
      0);
}

TEST(OomScore, ThreadsHaveOne) {
  EXPECT_EQ(run_child([] {
              std::thread([] { set_adjust("250"); }).join();
              CHILD_CHECK(adjust() == 250);
              std::thread([] {
                if (adjust() != 250) _exit(1);
              }).join();
              return 0;
            }),
            0);
}

// A parent sets it for another; it shows in the score.
TEST(OomScore, OfAnotherProcess) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = start_child([&] {
    char byte;
    return read(ends[0], &byte, 1) == 1 && adjust() == 900 ? 0 : 1;
  });
  const std::string of_child = "/proc/" + std::to_string(child);
  const int before = std::atoi(get_file(of_child + "/oom_score").c_str());
  EXPECT_EQ(set_adjust("900", of_child + "/oom_score_adj"), 0);
  const int after = std::atoi(get_file(of_child + "/oom_score").c_str());
  EXPECT_GT(after, before);
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  EXPECT_EQ(wait_for(child), 0);
  close(ends[0]);
  close(ends[1]);
}

TEST(OomScore, UsersOnlyRaiseIt) {
  const int end = run_child([] {
    if (geteuid() != 0 || !become_a_user()) return kNoOtherUser;
    const int before = adjust();
    // Its own file belongs to root now that it changed its user.
    if (set_adjust(std::to_string(before + 50)) == EACCES) return 0;
    CHILD_CHECK(adjust() == before + 50);
    CHILD_CHECK(set_adjust(std::to_string(before)) == 0);
    CHILD_CHECK(set_adjust(std::to_string(before - 1)) == EACCES);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "there is no other user";
  EXPECT_EQ(end, 0);
}

}  // namespace
}  // namespace tine::guest
