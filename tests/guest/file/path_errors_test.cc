// Paths that are too long, empty, unreadable, through files: each call says so.
// feature-map: 71
#include <fcntl.h>
#include <gtest/gtest.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;

struct PathCall {
  const char* name;
  std::function<int(const char*)> call;
};

const std::vector<PathCall>& calls() {
  static const std::vector<PathCall> all = {
      {"open", [](const char* p) { return open(p, O_RDONLY); }},
      {"creat",
       [](const char* p) { return open(p, O_WRONLY | O_CREAT, 0600); }},
      {"O_PATH", [](const char* p) { return open(p, O_PATH); }},
      {"stat",
       [](const char* p) {
         struct stat status;
         return static_cast<int>(
             syscall(SYS_newfstatat, AT_FDCWD, p, &status, 0));
       }},
      {"lstat",
       [](const char* p) {
         struct stat status;
         return static_cast<int>(syscall(SYS_newfstatat, AT_FDCWD, p, &status,
                                         AT_SYMLINK_NOFOLLOW));
       }},
      {"statx",
       [](const char* p) {
         struct statx status;
         return static_cast<int>(
             syscall(SYS_statx, AT_FDCWD, p, 0, STATX_BASIC_STATS, &status));
       }},
      {"statfs",
       [](const char* p) {
         struct statfs status;
         return statfs(p, &status);
       }},
      {"access",
       [](const char* p) {
         return static_cast<int>(syscall(SYS_faccessat, AT_FDCWD, p, F_OK));
       }},
      {"chmod",
       [](const char* p) {
         return static_cast<int>(syscall(SYS_fchmodat, AT_FDCWD, p, 0755));
       }},
      {"chown", [](const char* p) { return chown(p, geteuid(), getegid()); }},
      {"lchown", [](const char* p) { return lchown(p, geteuid(), getegid()); }},
      {"mkdir", [](const char* p) { return mkdirat(AT_FDCWD, p, 0700); }},
      {"rmdir", [](const char* p) { return rmdir(p); }},
      {"unlink", [](const char* p) { return unlink(p); }},
      {"link", [](const char* p) { return link(p, "/nowhere/x"); }},
      {"link to", [](const char* p) { return link("/dev/null", p); }},
      {"symlink", [](const char* p) { return symlink("target", p); }},
      {"symlink of", [](const char* p) { return symlink(p, "/nowhere/x"); }},
      {"readlink",
       [](const char* p) {
         char text[8];
         return static_cast<int>(readlink(p, text, sizeof(text)));
       }},
      {"rename", [](const char* p) { return rename(p, "/nowhere/x"); }},
      {"rename to", [](const char* p) { return rename("/dev/null", p); }},
      {"truncate", [](const char* p) { return truncate(p, 0); }},
      {"mknod", [](const char* p) { return mknod(p, S_IFREG | 0600, 0); }},
      {"utimensat",
       [](const char* p) {
         const timespec times[2] = {{1, 2}, {3, 4}};
         return static_cast<int>(syscall(SYS_utimensat, AT_FDCWD, p, times, 0));
       }},
      {"chdir", [](const char* p) { return chdir(p); }},
      {"chroot", [](const char* p) { return chroot(p); }},
      {"execve",
       [](const char* p) {
         char* const none[] = {nullptr};
         return execve(p, none, none);
       }},
  };
  return all;
}

void expect_all(int error, const char* path) {
  for (const PathCall& one : calls()) {
    errno = 0;
    EXPECT_EQ(one.call(path), -1) << one.name;
    EXPECT_EQ(errno, error) << one.name << ": " << strerror(errno);
  }
}

TEST(PathErrors, Empty) { expect_all(ENOENT, ""); }

TEST(PathErrors, BadPointers) {
  expect_all(EFAULT, nullptr);
  expect_all(EFAULT, reinterpret_cast<const char*>(8));
  expect_all(EFAULT, reinterpret_cast<const char*>(INTPTR_MIN));
}

// A path ends where its page does: with its NUL it can be read, without not.
TEST(PathErrors, AtTheEndOfAPage) {
  char* const at =
      static_cast<char*>(mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(at, MAP_FAILED);
  ASSERT_EQ(munmap(at + kPage, kPage), 0);
  const char path[] = "/nowhere/deeper";
  char* const whole = at + kPage - sizeof(path);
  std::memcpy(whole, path, sizeof(path));
  expect_all(ENOENT, whole);
  char* const torn = at + kPage - (sizeof(path) - 1);
  std::memmove(torn, path, sizeof(path) - 1);
  expect_all(EFAULT, torn);
  munmap(at, kPage);
}

TEST(PathErrors, Lengths) {
  const TemporaryDirectory directory;
  const std::string base = directory.path() + "/";
  const std::string longer = base + std::string(256, 'n');
  for (const PathCall& one : calls()) {
    // Of two paths a name is looked at when both directories are known; a
    // symlink's target may be anything.
    if (std::strncmp(one.name, "rename", 6) == 0) continue;
    if (std::strcmp(one.name, "symlink of") == 0) continue;
    EXPECT_EQ(one.call(longer.c_str()), -1) << one.name;
    EXPECT_EQ(errno, ENAMETOOLONG) << one.name;
  }
  expect_all(ENAMETOOLONG, std::string(PATH_MAX, '/').c_str());
  expect_all(ENAMETOOLONG, std::string(100'000, 'x').c_str());
  // Names and paths of just the right length are fine.
  const std::string name = base + std::string(NAME_MAX, 'n');
  ASSERT_TRUE(put_file(name, "text"));
  EXPECT_EQ(get_file(name), "text");
  std::string path = name;
  path.insert(0, PATH_MAX - 1 - path.size(), '/');
  EXPECT_EQ(path.size(), static_cast<size_t>(PATH_MAX - 1));
  EXPECT_EQ(get_file(path), "text");
  EXPECT_EQ(get_file("/" + path), "?");
  EXPECT_EQ(errno, ENAMETOOLONG);
}

TEST(PathErrors, ThroughWhatIsNoDirectory) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(put_file(directory / "file", ""));
  ASSERT_EQ(symlink("file", (directory / "link").c_str()), 0);
  ASSERT_EQ(mkfifo((directory / "fifo").c_str(), 0600), 0);
  for (const char* name : {"file/x", "file/.", "file/..", "link/x", "fifo/x",
                           "file/x/y/z", "file//x"}) {
    SCOPED_TRACE(name);
    const std::string path = directory / name;
    // Those that take a second path meet the first one's error before.
    for (const PathCall& one : calls()) {
      if (std::strcmp(one.name, "symlink of") == 0) continue;
      errno = 0;
      EXPECT_EQ(one.call(path.c_str()), -1) << one.name;
      EXPECT_EQ(errno, ENOTDIR) << one.name;
    }
  }
}

TEST(PathErrors, ThroughWhatIsNotThere) {
  const TemporaryDirectory directory;
  ASSERT_EQ(symlink("no", (directory / "dangling").c_str()), 0);
  for (const char* name : {"no/x", "no/.", "no/../x", "dangling/x"}) {
    SCOPED_TRACE(name);
    expect_all(ENOENT, (directory / name).c_str());
  }
}

// A slash behind the name of a file asks for a directory.
TEST(PathErrors, TrailingSlashes) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(put_file(directory / "file", ""));
  const std::string path = directory / "file/";
  struct stat status;
  EXPECT_ERRNO(ENOTDIR, open(path.c_str(), O_RDONLY));
  EXPECT_ERRNO(EISDIR, open(path.c_str(), O_WRONLY | O_CREAT, 0600));
  EXPECT_ERRNO(ENOTDIR, stat(path.c_str(), &status));
  EXPECT_ERRNO(ENOTDIR, lstat(path.c_str(), &status));
  EXPECT_ERRNO(ENOTDIR, access(path.c_str(), F_OK));
  EXPECT_ERRNO(ENOTDIR, chmod(path.c_str(), 0600));
  EXPECT_ERRNO(ENOTDIR, truncate(path.c_str(), 0));
  EXPECT_ERRNO(EEXIST, mkdir(path.c_str(), 0700));
  EXPECT_ERRNO(EEXIST, mknod(path.c_str(), S_IFREG | 0600, 0));
  EXPECT_ERRNO(EISDIR,
               open((directory / "new/").c_str(), O_WRONLY | O_CREAT, 0600));
  EXPECT_ERRNO(ENOENT, open((directory / "new/").c_str(), O_RDONLY));
  EXPECT_ERRNO(ENOENT, mknod((directory / "new/").c_str(), S_IFREG, 0));
  EXPECT_EQ(mkdir((directory / "new//").c_str(), 0700), 0);
  EXPECT_EQ(stat((directory / "new///").c_str(), &status), 0);
  EXPECT_ERRNO(EISDIR,
               open((directory / "new/").c_str(), O_RDONLY | O_CREAT, 0600));
  EXPECT_ERRNO(EISDIR,
               open((directory / "new").c_str(), O_RDONLY | O_CREAT, 0600));
  EXPECT_ERRNO(EISDIR, open((directory / "new").c_str(), O_RDWR));
  EXPECT_ERRNO(EISDIR,
               open((directory / "new/.").c_str(), O_RDONLY | O_CREAT, 0600));
}

TEST(PathErrors, Flags) {
  const TemporaryDirectory directory;
  const std::string file = directory / "file";
  ASSERT_TRUE(put_file(file, "text"));
  struct stat status;
  struct statx extended;
  EXPECT_ERRNO(EINVAL, fstatat(AT_FDCWD, file.c_str(), &status, 0x8000));
  EXPECT_ERRNO(EINVAL, statx(AT_FDCWD, file.c_str(), 0x6000, 0, &extended));
  EXPECT_ERRNO(EINVAL, statx(AT_FDCWD, file.c_str(), 0, 0x80000000, &extended));
  EXPECT_ERRNO(EINVAL, fchownat(AT_FDCWD, file.c_str(), 0, 0, 0x8000));
  EXPECT_ERRNO(EINVAL,
               syscall(SYS_faccessat2, AT_FDCWD, file.c_str(), F_OK, 0x8000));
  EXPECT_ERRNO(EINVAL, access(file.c_str(), 8));
  EXPECT_ERRNO(EEXIST, open(file.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600));
  EXPECT_ERRNO(ENOTDIR, open(file.c_str(), O_RDONLY | O_DIRECTORY));
  EXPECT_ERRNO(EFAULT, stat(file.c_str(), reinterpret_cast<struct stat*>(8)));
  // Through an O_PATH descriptor nothing is done.
  const int fd = open(file.c_str(), O_PATH);
  char byte;
  EXPECT_ERRNO(EBADF, read(fd, &byte, 1));
  EXPECT_ERRNO(EBADF, write(fd, &byte, 1));
  EXPECT_ERRNO(EBADF, fchmod(fd, 0600));
  EXPECT_ERRNO(EBADF, fchown(fd, 0, 0));
  EXPECT_ERRNO(EBADF, ftruncate(fd, 0));
  EXPECT_ERRNO(EBADF, fsync(fd));
  EXPECT_ERRNO(EBADF, lseek(fd, 0, SEEK_SET));
  EXPECT_EQ(fstat(fd, &status), 0);
  EXPECT_EQ(status.st_size, 4);
  EXPECT_EQ(fcntl(fd, F_GETFL), O_PATH);
  close(fd);
}

TEST(PathErrors, StatxSaysMore) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(put_file(directory / "file", "text"));
  struct statx extended = {};
  struct stat status = stat_of(directory / "file");
  ASSERT_EQ(statx(AT_FDCWD, (directory / "file").c_str(), 0,
                  STATX_BASIC_STATS | STATX_BTIME, &extended),
            0);
  EXPECT_EQ(extended.stx_mask & STATX_BASIC_STATS, unsigned{STATX_BASIC_STATS});
  EXPECT_EQ(extended.stx_mask & STATX_BTIME, unsigned{STATX_BTIME});
  EXPECT_EQ(extended.stx_ino, status.st_ino);
  EXPECT_EQ(extended.stx_mode, status.st_mode);
  EXPECT_EQ(extended.stx_size, 4u);
  EXPECT_EQ(extended.stx_mtime.tv_sec, status.st_mtim.tv_sec);
  EXPECT_EQ(extended.stx_mtime.tv_nsec,
            static_cast<unsigned>(status.st_mtim.tv_nsec));
  EXPECT_LE(extended.stx_btime.tv_sec, extended.stx_mtime.tv_sec);
  EXPECT_GT(extended.stx_btime.tv_sec, 0);
  EXPECT_EQ(extended.stx_dev_minor, status.st_dev & 0xff);
  // Of a descriptor.
  const int fd = open((directory / "file").c_str(), O_RDONLY);
  struct statx again = {};
  ASSERT_EQ(statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &again), 0);
  EXPECT_EQ(again.stx_ino, extended.stx_ino);
  EXPECT_ERRNO(ENOENT, statx(fd, "", 0, STATX_SIZE, &again));
  EXPECT_ERRNO(EFAULT, syscall(SYS_statx, fd, "", AT_EMPTY_PATH, 0, 8));
  close(fd);
}

}  // namespace
}  // namespace tine::guest
