// Reading directories: every name once, whatever happens meanwhile.
// feature-map: 71
#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

struct Name {
  std::string name;
  ino_t inode;
  int64_t next;
  unsigned type;
};

// One call; the names, or none at the end. `result` is what the call answered.
std::vector<Name> read_some(int fd, size_t room, long* result = nullptr) {
  alignas(8) static char bytes[65'536];
  const long got = syscall(SYS_getdents64, fd, bytes, room);
  if (result != nullptr) *result = got;
  std::vector<Name> names;
  for (long at = 0; at < got;) {
    struct Head {
      uint64_t inode;
      int64_t next;
      uint16_t size;
      uint8_t type;
    } head;
    std::memcpy(&head, bytes + at, sizeof(head));
    EXPECT_EQ(head.size % 8, 0);
    names.push_back({bytes + at + 19, head.inode, head.next, head.type});
    at += head.size;
  }
  return names;
}

class DirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    at_ = open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY);
    ASSERT_GE(at_, 0);
  }
  void TearDown() override { close(at_); }
  std::string path(const std::string& name) const { return directory_ / name; }
  void fill(int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(
          mknodat(at_, ("name" + std::to_string(i)).c_str(), S_IFREG | 0600, 0),
          0);
    }
  }
  TemporaryDirectory directory_;
  int at_ = -1;
};

TEST_F(DirectoryTest, Types) {
  ASSERT_TRUE(put_file(path("file"), ""));
  ASSERT_EQ(mkdirat(at_, "dir", 0700), 0);
  ASSERT_EQ(symlinkat("x", at_, "link"), 0);
  ASSERT_EQ(mkfifoat(at_, "fifo", 0600), 0);
  ASSERT_EQ(mknodat(at_, "socket", S_IFSOCK | 0600, 0), 0);
  std::map<std::string, unsigned> types;
  for (const Name& name : read_some(at_, 8192)) {
    types[name.name] = name.type;
    struct stat status;
    ASSERT_EQ(fstatat(at_, name.name.c_str(), &status, AT_SYMLINK_NOFOLLOW), 0);
    EXPECT_EQ(status.st_ino, name.inode) << name.name;
  }
  const std::map<std::string, unsigned> expected = {
      {".", DT_DIR},    {"..", DT_DIR},    {"file", DT_REG},   {"dir", DT_DIR},
      {"link", DT_LNK}, {"fifo", DT_FIFO}, {"socket", DT_SOCK}};
  EXPECT_EQ(types, expected);
  EXPECT_TRUE(read_some(at_, 8192).empty());
}

TEST_F(DirectoryTest, ManyNamesInSmallPieces) {
  constexpr int kNames = 300;
  fill(kNames);
  for (const size_t room : {size_t{40}, size_t{100}, size_t{4096}}) {
    ASSERT_EQ(lseek(at_, 0, SEEK_SET), 0);
    std::multiset<std::string> names;
    for (;;) {
      const std::vector<Name> some = read_some(at_, room);
      if (some.empty()) break;
      for (const Name& name : some) names.insert(name.name);
    }
    EXPECT_EQ(names.size(), static_cast<size_t>(kNames + 2));
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(),
              names.size());
  }
}

TEST_F(DirectoryTest, PositionsLeadBack) {
  fill(50);
  std::vector<Name> all;
  for (;;) {
    const std::vector<Name> some = read_some(at_, 200);
    if (some.empty()) break;
    all.insert(all.end(), some.begin(), some.end());
  }
  ASSERT_EQ(all.size(), 52u);
  for (const size_t i : {size_t{0}, size_t{1}, size_t{20}, size_t{50}}) {
    EXPECT_EQ(lseek(at_, all[i].next, SEEK_SET), all[i].next);
    const std::vector<Name> again = read_some(at_, 200);
    ASSERT_FALSE(again.empty());
    EXPECT_EQ(again[0].name, all[i + 1].name);
  }
  lseek(at_, all.back().next, SEEK_SET);
  EXPECT_TRUE(read_some(at_, 200).empty());
}

TEST_F(DirectoryTest, TelldirAndSeekdir) {
  fill(20);
  DIR* const stream = opendir(directory_.path().c_str());
  ASSERT_NE(stream, nullptr);
  for (int i = 0; i < 7; ++i) ASSERT_NE(readdir(stream), nullptr);
  const long place = telldir(stream);
  const std::string next = readdir(stream)->d_name;
  while (readdir(stream) != nullptr) {
  }
  seekdir(stream, place);
  EXPECT_EQ(readdir(stream)->d_name, next);
  rewinddir(stream);
  int count = 0;
  while (readdir(stream) != nullptr) ++count;
  EXPECT_EQ(count, 22);
  closedir(stream);
}

// Names that stay are seen once, whatever comes and goes.
TEST_F(DirectoryTest, ChangesMeanwhile) {
  fill(100);
  std::multiset<std::string> seen;
  for (int turn = 0;; ++turn) {
    const std::vector<Name> some = read_some(at_, 300);
    if (some.empty()) break;
    for (const Name& name : some) {
      seen.insert(name.name);
      if (turn % 2 == 0 && name.name[0] == 'n') {
        ASSERT_EQ(unlinkat(at_, name.name.c_str(), 0), 0);
      }
    }
    ASSERT_LT(turn, 200);
    if (turn > 20) continue;
    ASSERT_EQ(mknodat(at_, ("later" + std::to_string(turn)).c_str(),
                      S_IFREG | 0600, 0),
              0);
  }
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(seen.count("name" + std::to_string(i)), 1u) << i;
  }
}

TEST_F(DirectoryTest, ForksShareThePosition) {
  fill(30);
  const std::vector<Name> first = read_some(at_, 300);
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(run_child([&] { return read_some(at_, 300).empty() ? 1 : 0; }), 0);
  std::multiset<std::string> names;
  for (const Name& name : first) names.insert(name.name);
  for (;;) {
    const std::vector<Name> some = read_some(at_, 300);
    if (some.empty()) break;
    for (const Name& name : some) names.insert(name.name);
  }
  EXPECT_LT(names.size(), 32u);  // the child had some
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(),
            names.size());
}

TEST_F(DirectoryTest, Errors) {
  fill(1);
  long result;
  read_some(at_, 10, &result);
  EXPECT_EQ(result, -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(read_some(at_, 4096).size(), 3u);
  const int file = openat(at_, "name0", O_RDONLY);
  char room[100];
  EXPECT_ERRNO(ENOTDIR, syscall(SYS_getdents64, file, room, sizeof(room)));
  EXPECT_ERRNO(EBADF, syscall(SYS_getdents64, -1, room, sizeof(room)));
  lseek(at_, 0, SEEK_SET);
  EXPECT_ERRNO(EFAULT, syscall(SYS_getdents64, at_, 8, 4096));
  EXPECT_EQ(read_some(at_, 4096).size(), 3u);
  const int path_only = open(directory_.path().c_str(), O_PATH);
  EXPECT_ERRNO(EBADF, syscall(SYS_getdents64, path_only, room, sizeof(room)));
  lseek(at_, 0, SEEK_SET);
  EXPECT_ERRNO(EISDIR, read(at_, room, 1));
  EXPECT_ERRNO(EINVAL, lseek(at_, -1, SEEK_SET));
  close(path_only);
  close(file);
}

TEST_F(DirectoryTest, ARemovedOne) {
  ASSERT_EQ(mkdirat(at_, "dir", 0700), 0);
  const int gone = openat(at_, "dir", O_RDONLY);
  ASSERT_EQ(unlinkat(at_, "dir", AT_REMOVEDIR), 0);
  char room[100];
  EXPECT_ERRNO(ENOENT, syscall(SYS_getdents64, gone, room, sizeof(room)));
  EXPECT_ERRNO(ENOENT, openat(gone, "new", O_RDWR | O_CREAT, 0600));
  EXPECT_ERRNO(ENOENT, mkdirat(gone, "new", 0700));
  EXPECT_ERRNO(ENOENT, symlinkat("x", gone, "new"));
  EXPECT_ERRNO(ENOENT, linkat(at_, ".", gone, "new", 0));
  struct stat status;
  EXPECT_EQ(fstat(gone, &status), 0);
  EXPECT_EQ(status.st_nlink, 0u);
  EXPECT_EQ(fstatat(gone, "..", &status, 0), 0);
  close(gone);
}

#ifdef SYS_getdents
// The older call has the type behind the name.
TEST_F(DirectoryTest, TheOlderCall) {
  ASSERT_EQ(mkdirat(at_, "dir", 0700), 0);
  ASSERT_TRUE(put_file(path("file"), ""));
  alignas(8) char bytes[1024];
  const long got = syscall(SYS_getdents, at_, bytes, sizeof(bytes));
  ASSERT_GT(got, 0);
  std::map<std::string, int> types;
  for (long at = 0; at < got;) {
    uint16_t size;
    std::memcpy(&size, bytes + at + 16, sizeof(size));
    ASSERT_GT(size, 18);
    types[bytes + at + 18] = bytes[at + size - 1];
    at += size;
  }
  const std::map<std::string, int> expected = {
      {".", DT_DIR}, {"..", DT_DIR}, {"dir", DT_DIR}, {"file", DT_REG}};
  EXPECT_EQ(types, expected);
  EXPECT_EQ(syscall(SYS_getdents, at_, bytes, sizeof(bytes)), 0);
  lseek(at_, 0, SEEK_SET);
  EXPECT_ERRNO(EINVAL, syscall(SYS_getdents, at_, bytes, 10));
}
#endif

}  // namespace
}  // namespace tine::guest
