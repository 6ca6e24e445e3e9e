// Advice about the memory of a process that a pidfd names.
// feature-map: 122
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;
constexpr int kNumber = 440;  // SYS_process_madvise

int pidfd_of(pid_t process) {
  return static_cast<int>(syscall(SYS_pidfd_open, process, 0));
}

// Bytes, or minus the error.
long advise(int process, const iovec* vectors, size_t count, int advice,
            unsigned flags = 0) {
  const long done = syscall(kNumber, process, vectors, count, advice, flags);
  return done < 0 ? -errno : done;
}

class ProcessMadvise : public testing::Test {
 protected:
  void SetUp() override {
    self_ = pidfd_of(getpid());
    ASSERT_GE(self_, 0);
    at_ = static_cast<char*>(mmap(nullptr, 4 * kPage, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    at_[0] = 7;
    if (advise(self_, nullptr, 0, MADV_COLD) == -ENOSYS) {
      GTEST_SKIP() << "this sandbox has no such call";
    }
  }
  void TearDown() override {
    munmap(at_, 4 * kPage);
    close(self_);
  }
  int self_ = -1;
  char* at_ = nullptr;
};

TEST_F(ProcessMadvise, CountsTheBytesAndKeepsThem) {
  const iovec vectors[] = {{at_, kPage}, {at_ + 2 * kPage, 2 * kPage}};
  for (const int advice : {MADV_COLD, MADV_PAGEOUT, MADV_WILLNEED}) {
    EXPECT_EQ(advise(self_, vectors, 2, advice), 3 * long{kPage});
    EXPECT_EQ(advise(self_, vectors, 0, advice), 0);
  }
  EXPECT_EQ(at_[0], 7);
}

TEST_F(ProcessMadvise, OfAChild) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = start_child([&] {
    char byte;
    close(ends[1]);
    return read(ends[0], &byte, 1) == 0 ? at_[0] : 1;
  });
  const int process = pidfd_of(child);
  const iovec vector{at_, kPage};
  const long advised = advise(process, &vector, 1, MADV_PAGEOUT);
  close(ends[0]);
  close(ends[1]);
  EXPECT_EQ(wait_for(child), 7);
  if (advised == -EPERM) GTEST_SKIP() << "this sandbox gives no CAP_SYS_NICE";
  EXPECT_EQ(advised, long{kPage});
  EXPECT_EQ(advise(process, &vector, 1, MADV_PAGEOUT), -ESRCH);
  close(process);
}

TEST_F(ProcessMadvise, StopsAtTheFirstError) {
  ASSERT_EQ(munmap(at_ + 2 * kPage, kPage), 0);
  const iovec vectors[] = {{at_, kPage}, {at_ + 2 * kPage, kPage}};
  EXPECT_EQ(advise(self_, vectors, 2, MADV_COLD), long{kPage});
  EXPECT_EQ(advise(self_, vectors + 1, 1, MADV_COLD), -ENOMEM);
  const iovec odd{at_ + 1, kPage};
  EXPECT_EQ(advise(self_, &odd, 1, MADV_COLD), -EINVAL);
  ASSERT_EQ(mlock(at_, kPage), 0);
  EXPECT_EQ(advise(self_, vectors, 1, MADV_COLD), -EINVAL);
}

TEST_F(ProcessMadvise, Errors) {
  const iovec vector{at_, kPage};
  const iovec beyond{reinterpret_cast<void*>(0xffff'8000'0000'0000), kPage};
  EXPECT_EQ(advise(self_, &vector, 1, MADV_COLD, 1), -EINVAL);
  EXPECT_EQ(advise(self_, &vector, 1025, MADV_COLD), -EINVAL);
  EXPECT_EQ(advise(self_, nullptr, 1, MADV_COLD), -EFAULT);
  EXPECT_EQ(advise(self_, &beyond, 1, MADV_COLD), -EFAULT);
  EXPECT_EQ(advise(self_, &vector, 1, 99), -EINVAL);
  EXPECT_EQ(advise(-1, &vector, 1, MADV_COLD), -EBADF);
  EXPECT_EQ(advise(STDIN_FILENO, &vector, 1, MADV_COLD), -EBADF);
}

}  // namespace
}  // namespace tine::guest
