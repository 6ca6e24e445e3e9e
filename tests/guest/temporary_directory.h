// A directory of a test's own, gone with all in it at the end of the scope.
#ifndef TINE_TESTS_GUEST_TEMPORARY_DIRECTORY_H_
#define TINE_TESTS_GUEST_TEMPORARY_DIRECTORY_H_

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace tine::guest {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    const char* base = getenv("TEST_TMPDIR");
    std::string path = base != nullptr ? base : "/tmp";
    // The guest's image may have none.
    mkdir(path.c_str(), 01777);
    path += "/test.XXXXXX";
    if (mkdtemp(path.data()) != nullptr) path_ = path;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    const auto remove_one = [](const char* path, const struct stat*, int,
                               struct FTW*) { return remove(path); };
    nftw(path_.c_str(), remove_one, 16, FTW_DEPTH | FTW_PHYS);
  }

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

// Makes a file with that text. False: it could not.
inline bool put_file(const std::string& path, const std::string& text,
                     mode_t mode = 0644) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, mode);
  if (fd < 0) return false;
  const bool written =
      write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  return close(fd) == 0 && written;
}

// What is in a file; "?" if it cannot be read.
inline std::string get_file(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY);
  if (fd < 0) return "?";
  std::string text;
  char part[4096];
  ssize_t got;
  while ((got = read(fd, part, sizeof(part))) > 0) {
    text.append(part, static_cast<size_t>(got));
  }
  close(fd);
  return got < 0 ? "?" : text;
}

inline struct stat stat_of(const std::string& path) {
  struct stat status = {};
  if (lstat(path.c_str(), &status) != 0) status.st_nlink = 0;
  return status;
}

}  // namespace tine::guest

// The call fails with that errno.
#define EXPECT_ERRNO(error, call) \
  do {                            \
    errno = 0;                    \
    EXPECT_EQ((call), -1);        \
    EXPECT_EQ(errno, error);      \
  } while (false)

#endif  // TINE_TESTS_GUEST_TEMPORARY_DIRECTORY_H_
