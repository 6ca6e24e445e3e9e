// execveat: programs by descriptors.
// feature-map: 71
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

const char* self;

class Execveat : public testing::Test {
 protected:
  void SetUp() override {
    at_ = open(directory_.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    ASSERT_TRUE(put_file(directory_ / "program", get_file(self), 0755));
    ASSERT_TRUE(put_file(directory_ / "data", "no program", 0644));
    ASSERT_EQ(symlinkat("program", at_, "link"), 0);
  }
  void TearDown() override { close(at_); }
  // The status of the program, or the errno.
  static int run(int at, const char* path, int flags) {
    return run_child([&] {
      const char* const arguments[] = {"name", "--child", nullptr};
      syscall(SYS_execveat, at, path, arguments, environ, flags);
      return errno;
    });
  }
  TemporaryDirectory directory_;
  int at_ = -1;
};

TEST_F(Execveat, RelativeToADirectory) {
  EXPECT_EQ(run(at_, "program", 0), 200);
  EXPECT_EQ(run(at_, "link", 0), 200);
  // A path from the root needs no descriptor.
  EXPECT_EQ(run(-1, (directory_ / "program").c_str(), 0), 200);
  EXPECT_EQ(run(AT_FDCWD, (directory_ / "program").c_str(), 0), 200);
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(chdir(directory_.path().c_str()) == 0);
              return run(AT_FDCWD, "program", 0) == 200 ? 0 : 1;
            }),
            0);
}

TEST_F(Execveat, OfADescriptor) {
  for (const int flags : {O_RDONLY, O_PATH, O_RDONLY | O_CLOEXEC}) {
    const int fd = openat(at_, "program", flags);
    ASSERT_GE(fd, 0);
    EXPECT_EQ(run(fd, "", AT_EMPTY_PATH), 200);
    close(fd);
  }
  const int fd = openat(at_, "program", O_RDONLY);
  ASSERT_EQ(unlinkat(at_, "program", 0), 0);
  EXPECT_EQ(run(fd, "", AT_EMPTY_PATH), 200);
  close(fd);
}

// A file without a name that was made here, and may still be written to.
TEST_F(Execveat, OfAMemfd) {
  const std::string program = get_file(self);
  const int fd = memfd_create("program", 0);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(run(fd, "", AT_EMPTY_PATH), ENOEXEC);
  ASSERT_EQ(write(fd, program.data(), program.size()),
            static_cast<ssize_t>(program.size()));
  EXPECT_EQ(run(fd, "", AT_EMPTY_PATH), 200);
  EXPECT_EQ(run(fd, "", AT_EMPTY_PATH), 200);
  // One that was opened for writing is busy.
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const int opened = open(path.c_str(), O_RDWR);
  ASSERT_GE(opened, 0);
  EXPECT_EQ(run(fd, "", AT_EMPTY_PATH), ETXTBSY);
  close(opened);
  EXPECT_EQ(run(fd, "", AT_EMPTY_PATH), 200);
  close(fd);
}

// Of a first line without an end 256 bytes are looked at.
TEST_F(Execveat, ScriptsWithLongLines) {
  const auto script = [&](size_t name_end) {
    std::string line = "#!";
    line += std::string(
        name_end - line.size() - (directory_ / "program").size(), ' ');
    line += directory_ / "program";
    line += std::string(400 - line.size(), ' ');
    return put_file(directory_ / "long", line, 0755);
  };
  ASSERT_TRUE(script(255));
  EXPECT_EQ(run(AT_FDCWD, (directory_ / "long").c_str(), 0), 203);
  ASSERT_TRUE(script(256));
  EXPECT_EQ(run(AT_FDCWD, (directory_ / "long").c_str(), 0), ENOEXEC);
}

TEST_F(Execveat, Errors) {
  EXPECT_EQ(run(at_, "no", 0), ENOENT);
  EXPECT_EQ(run(at_, "data", 0), EACCES);
  EXPECT_EQ(run(at_, "", 0), ENOENT);
  EXPECT_EQ(run(at_, "", AT_EMPTY_PATH), EACCES);
  EXPECT_EQ(run(-1, "program", 0), EBADF);
  EXPECT_EQ(run(1000, "program", 0), EBADF);
  EXPECT_EQ(run(1000, "", AT_EMPTY_PATH), EBADF);
  EXPECT_EQ(run(at_, "link", AT_SYMLINK_NOFOLLOW), ELOOP);
  EXPECT_EQ(run(at_, "program", AT_SYMLINK_NOFOLLOW), 200);
  EXPECT_EQ(run(at_, "program", 0x8000), EINVAL);
  EXPECT_EQ(run(at_, reinterpret_cast<const char*>(8), 0), EFAULT);
  const int file = openat(at_, "data", O_RDONLY);
  EXPECT_EQ(run(file, "program", 0), ENOTDIR);
  EXPECT_EQ(run(file, "", AT_EMPTY_PATH), EACCES);
  close(file);
}

// An interpreter reads the script by its descriptor, if that stays open.
TEST_F(Execveat, Scripts) {
  const std::string line = "#!" + (directory_ / "program") + " --script\n";
  ASSERT_TRUE(put_file(directory_ / "script", line, 0755));
  EXPECT_EQ(run(AT_FDCWD, (directory_ / "script").c_str(), 0), 201);
  const int open_fd = openat(at_, "script", O_RDONLY);
  EXPECT_EQ(run(open_fd, "", AT_EMPTY_PATH), 201);
  close(open_fd);
  const int closed_fd = openat(at_, "script", O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(run(closed_fd, "", AT_EMPTY_PATH), ENOENT);
  close(closed_fd);
  EXPECT_EQ(run(at_, "script", 0), ENOENT);
}

// The script's name takes the place of an argument that was not given, too.
TEST_F(Execveat, AScriptWithoutArguments) {
  const std::string line = "#!" + (directory_ / "program") + " --script\n";
  ASSERT_TRUE(put_file(directory_ / "script", line, 0755));
  ASSERT_TRUE(
      put_file(directory_ / "second", "#!" + (directory_ / "script"), 0755));
  char* const none[] = {nullptr};
  for (const char* const name : {"script", "second"}) {
    for (char* const* const arguments : {none, (char* const*)nullptr}) {
      EXPECT_EQ(run_child([&] {
                  execve((directory_ / name).c_str(), arguments, environ);
                  return errno;
                }),
                201);
    }
  }
}

TEST_F(Execveat, AScriptWithoutAnInterpreter) {
  for (const char* const line : {"#!\n", "#! \t \n", "#!\n/bin/sh\n"}) {
    ASSERT_TRUE(put_file(directory_ / "script", line, 0755));
    EXPECT_EQ(run(AT_FDCWD, (directory_ / "script").c_str(), 0), ENOEXEC);
  }
  // Without the end of the line its name is empty: a directory.
  for (const char* const line : {"#!", "#! "}) {
    ASSERT_TRUE(put_file(directory_ / "script", line, 0755));
    EXPECT_EQ(run(AT_FDCWD, (directory_ / "script").c_str(), 0), EACCES);
  }
}

}  // namespace
}  // namespace tine::guest

int main(int argc, char** argv) {
  if (argc >= 2 && std::strcmp(argv[1], "--child") == 0) return 200;
  // As an interpreter: the script's name is there and can be read.
  if (argc >= 3 && std::strcmp(argv[1], "--script") == 0) {
    return tine::guest::get_file(argv[2]).rfind("#!", 0) == 0 ? 201 : 202;
  }
  // By a line without arguments.
  if (argc >= 2 && tine::guest::get_file(argv[1]).rfind("#!", 0) == 0) {
    return 203;
  }
  tine::guest::self = argv[0];
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
