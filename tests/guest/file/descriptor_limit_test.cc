// RLIMIT_NOFILE bounds new descriptors and takes none away.
// feature-map: 73
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr rlim_t kLimit = 10;

void limit_descriptors(rlim_t limit) {
  for (int fd = 3; fd < 100; ++fd) close(fd);
  const struct rlimit wanted{limit, limit};
  CHILD_CHECK(setrlimit(RLIMIT_NOFILE, &wanted) == 0);
}

TEST(DescriptorLimit, BoundsOpenAndDup) {
  EXPECT_EQ(run_child([] {
              limit_descriptors(kLimit);
              int opened = 0;
              while (open("/dev/null", O_RDONLY) >= 0) ++opened;
              CHILD_CHECK(errno == EMFILE);
              CHILD_CHECK(dup(0) == -1 && errno == EMFILE);
              CHILD_CHECK(fcntl(0, F_DUPFD, 9) == -1 && errno == EMFILE);
              CHILD_CHECK(fcntl(0, F_DUPFD, 10) == -1 && errno == EINVAL);
              CHILD_CHECK(dup2(0, 10) == -1 && errno == EBADF);
              CHILD_CHECK(dup2(0, 9) == 9);
              CHILD_CHECK(dup3(0, 10, 0) == -1 && errno == EBADF);
              return opened;
            }),
            static_cast<int>(kLimit) - 3);
}

TEST(DescriptorLimit, IsInherited) {
  EXPECT_EQ(run_child([] {
              limit_descriptors(kLimit);
              return run_child([] {
                CHILD_CHECK(dup2(0, 10) == -1 && errno == EBADF);
                return 0;
              });
            }),
            0);
}

TEST(DescriptorLimit, LeavesWhatIsOpen) {
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(dup2(1, 150) == 150);
              limit_descriptors(kLimit);
              CHILD_CHECK(fcntl(150, F_GETFD) == 0);
              CHILD_CHECK(dup2(150, 150) == 150);
              CHILD_CHECK(dup2(150, 5) == 5);
              CHILD_CHECK(dup2(1, 150) == -1 && errno == EBADF);
              return 0;
            }),
            0);
}

// What makes two descriptors makes both or none.
TEST(DescriptorLimit, PairsAreMadeWhole) {
  EXPECT_EQ(
      run_child([] {
        limit_descriptors(4);
        int fds[2] = {77, 77};
        CHILD_CHECK(pipe(fds) == -1 && errno == EMFILE);
        CHILD_CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1 &&
                    errno == EMFILE);
        CHILD_CHECK(fds[0] == 77 && fds[1] == 77);
        CHILD_CHECK(dup(0) == 3);
        CHILD_CHECK(pipe(fds) == -1 && errno == EMFILE);
        CHILD_CHECK(socket(AF_UNIX, SOCK_STREAM, 0) == -1 && errno == EMFILE);
        CHILD_CHECK(eventfd(0, 0) == -1 && errno == EMFILE);
        CHILD_CHECK(memfd_create("x", 0) == -1 && errno == EMFILE);
        return 0;
      }),
      0);
}

TEST(DescriptorLimit, MayBeNone) {
  EXPECT_EQ(run_child([] {
              limit_descriptors(0);
              CHILD_CHECK(open("/dev/null", O_RDONLY) == -1 && errno == EMFILE);
              CHILD_CHECK(dup(1) == -1 && errno == EMFILE);
              CHILD_CHECK(write(1, "", 0) == 0);
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace tine::guest
