// Extended attributes of the system's: trusted.* and security.*.
// feature-map: 71
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

constexpr char kName[] = "trusted.tine";

int error_of(long result) { return result < 0 ? errno : 0; }

class Xattr : public testing::Test {
 protected:
  void SetUp() override {
    path_ = directory_.path() + "/file";
    fd_ = open(path_.c_str(), O_RDWR | O_CREAT, 0644);
    ASSERT_GE(fd_, 0);
    if (setxattr(path_.c_str(), kName, "first", 5, 0) != 0) {
      ASSERT_TRUE(errno == EPERM || errno == EOPNOTSUPP);
      GTEST_SKIP() << "no trusted attributes in this sandbox";
    }
  }
  void TearDown() override { close(fd_); }

  std::string value(const char* name = kName) {
    char bytes[64];
    const ssize_t count = getxattr(path_.c_str(), name, bytes, sizeof(bytes));
    if (count < 0) return "-" + std::to_string(errno);
    return std::string(bytes, static_cast<size_t>(count));
  }
  int set(const char* name, const std::string& to, int flags = 0) {
    return error_of(setxattr(path_.c_str(), name, to.data(), to.size(), flags));
  }

  TemporaryDirectory directory_;
  std::string path_;
  int fd_ = -1;
};

TEST_F(Xattr, SetAndGet) {
  EXPECT_EQ(value(), "first");
  EXPECT_EQ(set(kName, "second and longer"), 0);
  EXPECT_EQ(value(), "second and longer");
  EXPECT_EQ(set(kName, "x", XATTR_CREATE), EEXIST);
  EXPECT_EQ(set("trusted.none", "x", XATTR_REPLACE), ENODATA);
  EXPECT_EQ(set("trusted.none", "x", XATTR_CREATE), 0);
  EXPECT_EQ(set(kName, "third", XATTR_REPLACE), 0);
  EXPECT_EQ(value(), "third");
  EXPECT_EQ(set(kName, ""), 0);
  EXPECT_EQ(value(), "");
  EXPECT_EQ(value("trusted.other"), "-" + std::to_string(ENODATA));
}

TEST_F(Xattr, Sizes) {
  char bytes[8];
  EXPECT_EQ(getxattr(path_.c_str(), kName, nullptr, 0), 5);
  EXPECT_EQ(fgetxattr(fd_, kName, bytes, 5), 5);
  EXPECT_EQ(error_of(fgetxattr(fd_, kName, bytes, 4)), ERANGE);
  EXPECT_EQ(error_of(fgetxattr(fd_, kName, reinterpret_cast<void*>(8), 5)),
            EFAULT);
  EXPECT_EQ(set(kName, std::string(65'537, 'x')), E2BIG);
  EXPECT_EQ(set(kName, "x", 4), EINVAL);
  EXPECT_EQ(set("", "x"), ERANGE);
  EXPECT_EQ(set(("trusted." + std::string(247, 'n')).c_str(), "x"), 0);
  EXPECT_EQ(set(("trusted." + std::string(248, 'n')).c_str(), "x"), ERANGE);
  EXPECT_EQ(error_of(fsetxattr(fd_, kName, reinterpret_cast<void*>(8), 5, 0)),
            EFAULT);
  EXPECT_EQ(error_of(fsetxattr(fd_, reinterpret_cast<char*>(8), "x", 1, 0)),
            EFAULT);
  const std::string large(3000, 'l');
  EXPECT_EQ(set(kName, large), 0);
  EXPECT_EQ(getxattr(path_.c_str(), kName, nullptr, 0), 3000);
  EXPECT_EQ(set("trusted.", "x"), EINVAL);
  EXPECT_EQ(set("nothing", "x"), EOPNOTSUPP);
  EXPECT_EQ(value("nothing.at.all"), "-" + std::to_string(EOPNOTSUPP));
}

TEST_F(Xattr, ListAndRemove) {
  EXPECT_EQ(set("security.tine", "s"), 0);
  char bytes[64];
  const ssize_t count = flistxattr(fd_, bytes, sizeof(bytes));
  ASSERT_GT(count, 0);
  const std::string all(bytes, static_cast<size_t>(count));
  EXPECT_NE(all.find(std::string(kName) + '\0'), std::string::npos);
  EXPECT_NE(all.find(std::string("security.tine") + '\0'), std::string::npos);
  EXPECT_EQ(flistxattr(fd_, nullptr, 0), count);
  EXPECT_EQ(error_of(flistxattr(fd_, bytes, static_cast<size_t>(count) - 1)),
            ERANGE);
  EXPECT_EQ(removexattr(path_.c_str(), kName), 0);
  EXPECT_EQ(error_of(removexattr(path_.c_str(), kName)), ENODATA);
  EXPECT_EQ(fremovexattr(fd_, "security.tine"), 0);
  EXPECT_EQ(error_of(fremovexattr(fd_, "")), ERANGE);
  EXPECT_EQ(value(), "-" + std::to_string(ENODATA));
}

TEST_F(Xattr, OfTheFileAndNotTheName) {
  const std::string other = directory_.path() + "/other";
  ASSERT_EQ(link(path_.c_str(), other.c_str()), 0);
  const std::string symbolic = directory_.path() + "/symbolic";
  ASSERT_EQ(symlink("file", symbolic.c_str()), 0);
  EXPECT_EQ(setxattr(symbolic.c_str(), kName, "by link", 7, 0), 0);
  EXPECT_EQ(value(), "by link");
  EXPECT_EQ(error_of(lgetxattr(symbolic.c_str(), kName, nullptr, 0)), ENODATA);
  EXPECT_EQ(lsetxattr(symbolic.c_str(), kName, "own", 3, 0), 0);
  EXPECT_EQ(lgetxattr(symbolic.c_str(), kName, nullptr, 0), 3);
  EXPECT_EQ(error_of(lsetxattr(symbolic.c_str(), "user.x", "x", 1, 0)), EPERM);
  EXPECT_EQ(error_of(lgetxattr(symbolic.c_str(), "user.x", nullptr, 0)),
            ENODATA);
  EXPECT_EQ(getxattr(other.c_str(), kName, nullptr, 0), 7);
  EXPECT_EQ(setxattr(directory_.path().c_str(), kName, "d", 1, 0), 0);
  EXPECT_EQ(removexattr(directory_.path().c_str(), kName), 0);
}

TEST_F(Xattr, ChangesTheFile) {
  struct stat before, after;
  ASSERT_EQ(fstat(fd_, &before), 0);
  usleep(20'000);
  EXPECT_EQ(set(kName, "x"), 0);
  ASSERT_EQ(fstat(fd_, &after), 0);
  EXPECT_TRUE(after.st_ctim.tv_sec > before.st_ctim.tv_sec ||
              after.st_ctim.tv_nsec > before.st_ctim.tv_nsec);
  EXPECT_EQ(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
}

TEST_F(Xattr, NotOfUsers) {
  EXPECT_EQ(set("security.tine", "s"), 0);
  ASSERT_EQ(chmod(directory_.path().c_str(), 0777), 0);
  ASSERT_EQ(chmod(path_.c_str(), 0666), 0);
  const int end = run_child([&] {
    if (!become_a_user()) return kNoOtherUser;
    CHILD_CHECK(set(kName, "x") == EPERM);
    CHILD_CHECK(value() == "-" + std::to_string(ENODATA));
    CHILD_CHECK(set("security.tine", "x") == EPERM);
    CHILD_CHECK(error_of(removexattr(path_.c_str(), "security.tine")) == EPERM);
    CHILD_CHECK(value("security.tine") == "s");
    char bytes[64];
    const ssize_t count = listxattr(path_.c_str(), bytes, sizeof(bytes));
    const std::string all(bytes, static_cast<size_t>(count < 0 ? 0 : count));
    CHILD_CHECK(all.find("trusted") == std::string::npos);
    CHILD_CHECK(all.find("security.tine") != std::string::npos);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "no other user in this sandbox";
  EXPECT_EQ(end, 0);
}

TEST(XattrOfOthers, HaveNone) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(error_of(fsetxattr(ends[0], "user.x", "x", 1, 0)), EPERM);
  EXPECT_EQ(error_of(fgetxattr(ends[0], "user.x", nullptr, 0)), ENODATA);
  EXPECT_EQ(flistxattr(ends[0], nullptr, 0), 0);
  EXPECT_EQ(error_of(fsetxattr(-1, "user.x", "x", 1, 0)), EBADF);
  const int path_only = open("/", O_PATH);
  EXPECT_EQ(error_of(fgetxattr(path_only, "user.x", nullptr, 0)), EBADF);
  EXPECT_EQ(error_of(getxattr("/proc/self/status", "user.x", nullptr, 0)),
            EOPNOTSUPP);
  for (const int fd : {ends[0], ends[1], path_only}) close(fd);
}

}  // namespace
}  // namespace tine::guest
