// Files by handles that outlive descriptors.
// feature-map: 71
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

int error_of(long result) { return result < 0 ? errno : 0; }

struct Handle {
  file_handle head;
  unsigned char bytes[MAX_HANDLE_SZ];
  explicit Handle(unsigned room = MAX_HANDLE_SZ) { head.handle_bytes = room; }
};

class FileHandle : public testing::Test {
 protected:
  void SetUp() override {
    path_ = directory_ / "file";
    const int fd = open(path_.c_str(), O_RDWR | O_CREAT, 0644);
    ASSERT_EQ(write(fd, "content", 7), 7);
    close(fd);
    mount_ = open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY);
  }
  void TearDown() override { close(mount_); }
  int name(const std::string& path, Handle& handle, int flags = 0) {
    return error_of(
        name_to_handle_at(AT_FDCWD, path.c_str(), &handle.head, &id_, flags));
  }
  int by(Handle& handle, int flags = O_RDONLY) {
    return open_by_handle_at(mount_, &handle.head, flags);
  }

  TemporaryDirectory directory_;
  std::string path_;
  int mount_ = -1;
  int id_ = -1;
};

TEST_F(FileHandle, LeadsToTheFileWhateverItsName) {
  Handle handle;
  ASSERT_EQ(name(path_, handle), 0);
  EXPECT_GT(handle.head.handle_bytes, 0u);
  struct statx status;
  ASSERT_EQ(statx(AT_FDCWD, path_.c_str(), 0, STATX_MNT_ID, &status), 0);
  EXPECT_NE(status.stx_mask & STATX_MNT_ID, 0u);
  EXPECT_EQ(status.stx_mnt_id, static_cast<unsigned>(id_));
  ASSERT_EQ(rename(path_.c_str(), (directory_ / "other").c_str()), 0);
  const int fd = by(handle);
  if (fd < 0 && errno == EPERM) GTEST_SKIP() << "not allowed in this sandbox";
  ASSERT_GE(fd, 0) << strerror(errno);
  char text[8] = {};
  EXPECT_EQ(read(fd, text, 7), 7);
  EXPECT_STREQ(text, "content");
  EXPECT_EQ(error_of(write(fd, "x", 1)), EBADF);
  close(fd);
  const int writer = by(handle, O_WRONLY | O_TRUNC);
  struct stat now;
  ASSERT_EQ(fstat(writer, &now), 0);
  EXPECT_EQ(now.st_size, 0);
  close(writer);
  EXPECT_EQ(error_of(by(handle, O_DIRECTORY)), ENOTDIR);
  unlink((directory_ / "other").c_str());
  EXPECT_EQ(error_of(by(handle)), ESTALE);
}

TEST_F(FileHandle, Directories) {
  Handle handle;
  ASSERT_EQ(name(directory_.path(), handle), 0);
  const int plain = by(handle);
  if (plain < 0 && errno == EPERM) {
    GTEST_SKIP() << "not allowed in this sandbox";
  }
  close(plain);
  const int fd = by(handle, O_RDONLY | O_DIRECTORY);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(faccessat(fd, "file", F_OK, 0), 0);
  EXPECT_EQ(error_of(by(handle, O_RDWR)), EISDIR);
  close(fd);
}

TEST_F(FileHandle, Links) {
  const std::string link = directory_ / "link";
  ASSERT_EQ(symlink("file", link.c_str()), 0);
  Handle own, target, file;
  ASSERT_EQ(name(link, own), 0);
  ASSERT_EQ(name(link, target, AT_SYMLINK_FOLLOW), 0);
  ASSERT_EQ(name(path_, file), 0);
  EXPECT_EQ(memcmp(&target, &file, 8 + file.head.handle_bytes), 0);
  EXPECT_NE(memcmp(&own, &file, 8 + file.head.handle_bytes), 0);
  const int fd = by(own);
  if (fd < 0 && errno == EPERM) GTEST_SKIP() << "not allowed in this sandbox";
  EXPECT_EQ(error_of(fd), ELOOP);
}

TEST_F(FileHandle, NameRefusals) {
  Handle handle;
  EXPECT_EQ(name(directory_ / "none", handle), ENOENT);
  EXPECT_EQ(name("", handle), ENOENT);
  EXPECT_EQ(name(path_ + "/x", handle), ENOTDIR);
  EXPECT_EQ(name(path_, handle, -1), EINVAL);
  Handle large(MAX_HANDLE_SZ + 1);
  EXPECT_EQ(name(path_, large), EINVAL);
  Handle none(0);
  EXPECT_EQ(name(path_, none), EOVERFLOW);
  EXPECT_GT(none.head.handle_bytes, 0u);
  Handle exact(none.head.handle_bytes);
  EXPECT_EQ(name(path_, exact), 0);
  EXPECT_EQ(
      error_of(name_to_handle_at(AT_FDCWD, path_.c_str(),
                                 reinterpret_cast<file_handle*>(8), &id_, 0)),
      EFAULT);
  EXPECT_EQ(error_of(name_to_handle_at(AT_FDCWD, path_.c_str(), &handle.head,
                                       reinterpret_cast<int*>(8), 0)),
            EFAULT);
  EXPECT_EQ(error_of(name_to_handle_at(-1, "x", &handle.head, &id_, 0)), EBADF);
  const int fd = open(path_.c_str(), O_RDONLY);
  Handle by_fd, by_path;
  EXPECT_EQ(name_to_handle_at(fd, "", &by_fd.head, &id_, AT_EMPTY_PATH), 0);
  EXPECT_EQ(name(path_, by_path), 0);
  EXPECT_EQ(memcmp(&by_fd, &by_path, 8 + by_path.head.handle_bytes), 0);
  close(fd);
}

TEST_F(FileHandle, OpenRefusals) {
  Handle handle;
  ASSERT_EQ(name(path_, handle), 0);
  const int fd = by(handle);
  if (fd < 0 && errno == EPERM) GTEST_SKIP() << "not allowed in this sandbox";
  close(fd);
  EXPECT_EQ(error_of(open_by_handle_at(-1, &handle.head, O_RDONLY)), EBADF);
  EXPECT_EQ(error_of(open_by_handle_at(
                mount_, reinterpret_cast<file_handle*>(8), O_RDONLY)),
            EFAULT);
  Handle none(0);
  EXPECT_EQ(error_of(by(none)), EINVAL);
  Handle large(MAX_HANDLE_SZ + 1);
  EXPECT_EQ(error_of(by(large)), EINVAL);
  Handle stale = handle;
  stale.head.handle_type = 99;
  EXPECT_EQ(error_of(by(stale)), ESTALE);
  const int end = run_child([&] {
    if (!become_a_user()) return kNoOtherUser;
    return error_of(by(handle));
  });
  if (end != kNoOtherUser) EXPECT_EQ(end, EPERM);
}

}  // namespace
}  // namespace tine::guest
