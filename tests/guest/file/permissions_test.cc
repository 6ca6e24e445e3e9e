// Who may do what to files: modes, owners, sticky and set-id bits, umask.
// feature-map: 69, 71
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

constexpr uid_t kUser = 1000;
constexpr gid_t kGroup = 1000;
constexpr gid_t kOther = 2000;

class Permissions : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can be someone else";
    if (run_child([] { return become_a_user() ? 0 : 1; }) != 0) {
      GTEST_SKIP() << "there is no other user";
    }
    ASSERT_EQ(chmod(directory_.path().c_str(), 0777), 0);
    at_ = open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY);
  }
  void TearDown() override {
    if (at_ >= 0) close(at_);
  }
  std::string path(const std::string& name) const { return directory_ / name; }
  void make(const std::string& name, mode_t mode, uid_t user, gid_t group) {
    ASSERT_TRUE(put_file(path(name), "#!/none\n"));
    ASSERT_EQ(chown(path(name).c_str(), user, group), 0);
    ASSERT_EQ(chmod(path(name).c_str(), mode), 0);
  }
  mode_t mode_of(const std::string& name) const {
    return stat_of(path(name)).st_mode & 07777u;
  }
  // In a child that is the user, in those groups besides its own.
  static int as_user(const std::function<int()>& body, gid_t extra = kGroup) {
    return run_child([&] {
      CHILD_CHECK(setgroups(1, &extra) == 0);
      CHILD_CHECK(setresgid(kGroup, kGroup, kGroup) == 0);
      CHILD_CHECK(setresuid(kUser, kUser, kUser) == 0);
      umask(022);
      return body();
    });
  }
  TemporaryDirectory directory_;
  int at_ = -1;
};

TEST_F(Permissions, OwnerGroupOthers) {
  struct Case {
    mode_t mode;
    uid_t user;
    gid_t group;
    bool reads;
    bool writes;
  };
  const Case cases[] = {
      {0400, kUser, 0, true, false},       {0200, kUser, 0, false, true},
      {0066, kUser, kGroup, false, false},  // the owner is no one else
      {0040, 0, kGroup, true, false},      {0020, 0, kGroup, false, true},
      {0606, 0, kGroup, false, false},     {0040, 0, kOther, true, false},
      {0004, 0, 0, true, false},           {0002, 0, 0, false, true},
      {0660, 0, 0, false, false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << std::oct << c.mode << " " << c.group);
    make("file", c.mode, c.user, c.group);
    const std::string file = path("file");
    EXPECT_EQ(as_user(
                  [&] {
                    const int reader = open(file.c_str(), O_RDONLY);
                    CHILD_CHECK((reader >= 0) == c.reads);
                    CHILD_CHECK(c.reads || errno == EACCES);
                    const int writer = open(file.c_str(), O_WRONLY);
                    CHILD_CHECK((writer >= 0) == c.writes);
                    CHILD_CHECK(c.writes || errno == EACCES);
                    const int both = open(file.c_str(), O_RDWR);
                    CHILD_CHECK((both >= 0) == (c.reads && c.writes));
                    CHILD_CHECK((access(file.c_str(), R_OK) == 0) == c.reads);
                    CHILD_CHECK((access(file.c_str(), W_OK) == 0) == c.writes);
                    CHILD_CHECK((truncate(file.c_str(), 0) == 0) == c.writes);
                    return 0;
                  },
                  kOther),
              0);
    // Root is asked for nothing.
    EXPECT_EQ(access(file.c_str(), R_OK | W_OK), 0);
    unlink(file.c_str());
  }
}

TEST_F(Permissions, RootRunsOnlyWhatSomeoneMay) {
  make("file", 0600, 0, 0);
  EXPECT_ERRNO(EACCES, access(path("file").c_str(), X_OK));
  ASSERT_EQ(chmod(path("file").c_str(), 0601), 0);
  EXPECT_EQ(access(path("file").c_str(), X_OK), 0);
  EXPECT_EQ(as_user([&] {
              CHILD_CHECK(access(path("file").c_str(), X_OK) == 0);
              CHILD_CHECK(access(path("file").c_str(), R_OK) == -1);
              return 0;
            }),
            0);
}

TEST_F(Permissions, Directories) {
  ASSERT_EQ(mkdirat(at_, "dir", 0755), 0);
  make("dir/file", 0666, 0, 0);
  const std::string file = path("dir/file");
  const auto with_mode = [&](mode_t mode, const std::function<int()>& body) {
    EXPECT_EQ(chmod(path("dir").c_str(), mode), 0);
    EXPECT_EQ(as_user(body), 0) << std::oct << mode;
  };
  const std::string dir = path("dir");
  const std::string made = path("dir/new");
  with_mode(0755, [&] {
    CHILD_CHECK(open(file.c_str(), O_RDWR) >= 0);
    CHILD_CHECK(open(dir.c_str(), O_RDONLY) >= 0);
    CHILD_CHECK(open(made.c_str(), O_RDWR | O_CREAT, 0600) == -1 &&
                errno == EACCES);
    CHILD_CHECK(mkdir(made.c_str(), 0700) == -1 && errno == EACCES);
    CHILD_CHECK(symlink("x", made.c_str()) == -1 && errno == EACCES);
    CHILD_CHECK(mkfifo(made.c_str(), 0600) == -1 && errno == EACCES);
    CHILD_CHECK(link(file.c_str(), made.c_str()) == -1 &&
                (errno == EACCES || errno == EPERM));
    CHILD_CHECK(unlink(file.c_str()) == -1 && errno == EACCES);
    // What is not there is told by those who may look.
    CHILD_CHECK(unlink(made.c_str()) == -1 && errno == ENOENT);
    return 0;
  });
  with_mode(0711, [&] {
    CHILD_CHECK(open(file.c_str(), O_RDWR) >= 0);
    CHILD_CHECK(open(dir.c_str(), O_RDONLY) == -1 && errno == EACCES);
    CHILD_CHECK(chdir(dir.c_str()) == 0);
    return 0;
  });
  with_mode(0744, [&] {
    CHILD_CHECK(open(dir.c_str(), O_RDONLY) >= 0);
    CHILD_CHECK(open(file.c_str(), O_RDWR) == -1 && errno == EACCES);
    struct stat status;
    CHILD_CHECK(stat(file.c_str(), &status) == -1 && errno == EACCES);
    CHILD_CHECK(stat(made.c_str(), &status) == -1 && errno == EACCES);
    CHILD_CHECK(chdir(dir.c_str()) == -1 && errno == EACCES);
    CHILD_CHECK(chroot(dir.c_str()) == -1 && errno == EACCES);
    CHILD_CHECK(access(file.c_str(), F_OK) == -1 && errno == EACCES);
    return 0;
  });
  with_mode(0733, [&] {
    CHILD_CHECK(open(made.c_str(), O_RDWR | O_CREAT, 0600) >= 0);
    CHILD_CHECK(unlink(made.c_str()) == 0);
    CHILD_CHECK(unlink(file.c_str()) == 0);
    return 0;
  });
}

TEST_F(Permissions, StickyDirectories) {
  ASSERT_EQ(mkdirat(at_, "dir", 0755), 0);
  ASSERT_EQ(chmod(path("dir").c_str(), 01777), 0);
  make("dir/mine", 0600, kUser, kGroup);
  make("dir/other", 0666, kUser + 1, kGroup);
  ASSERT_EQ(mkdirat(at_, "dir/sub", 0777), 0);
  EXPECT_EQ(
      as_user([&] {
        CHILD_CHECK(unlink(path("dir/other").c_str()) == -1 && errno == EPERM);
        CHILD_CHECK(rmdir(path("dir/sub").c_str()) == -1 && errno == EPERM);
        CHILD_CHECK(unlink(path("dir/mine").c_str()) == 0);
        return 0;
      }),
      0);
  // Who owns the directory may.
  ASSERT_EQ(chown(path("dir").c_str(), kUser, kGroup), 0);
  ASSERT_EQ(chmod(path("dir").c_str(), 01777), 0);
  EXPECT_EQ(as_user([&] { return unlink(path("dir/other").c_str()); }), 0);
}

TEST_F(Permissions, DirectoriesThatGiveTheirGroup) {
  ASSERT_EQ(mkdirat(at_, "dir", 0755), 0);
  ASSERT_EQ(chown(path("dir").c_str(), 0, kOther), 0);
  ASSERT_EQ(chmod(path("dir").c_str(), 02777), 0);
  EXPECT_EQ(as_user([&] {
              umask(0);
              CHILD_CHECK(put_file(path("dir/file"), "", 0666));
              CHILD_CHECK(mkdir(path("dir/sub").c_str(), 0777) == 0);
              CHILD_CHECK(put_file(path("dir/sub/file"), ""));
              CHILD_CHECK(symlink("x", path("dir/link").c_str()) == 0);
              // Not with that group's rights, which the maker is not in.
              CHILD_CHECK(put_file(path("dir/program"), "", 02777));
              return 0;
            }),
            0);
  EXPECT_EQ(stat_of(path("dir/file")).st_gid, kOther);
  EXPECT_EQ(stat_of(path("dir/file")).st_uid, kUser);
  EXPECT_EQ(stat_of(path("dir/sub")).st_gid, kOther);
  EXPECT_EQ(mode_of("dir/sub"), 02777u);
  EXPECT_EQ(stat_of(path("dir/sub/file")).st_gid, kOther);
  EXPECT_EQ(stat_of(path("dir/link")).st_gid, kOther);
  EXPECT_EQ(mode_of("dir/program"), 0777u);
}

TEST_F(Permissions, Chmod) {
  make("mine", 0644, kUser, kGroup);
  make("other", 0666, 0, 0);
  make("foreign", 0644, kUser, kOther);
  EXPECT_EQ(
      as_user([&] {
        CHILD_CHECK(chmod(path("mine").c_str(), 04711) == 0);
        CHILD_CHECK(chmod(path("other").c_str(), 0777) == -1 && errno == EPERM);
        const int fd = open(path("other").c_str(), O_RDWR);
        CHILD_CHECK(fchmod(fd, 0777) == -1 && errno == EPERM);
        // A group that one is not in gives no rights.
        CHILD_CHECK(chmod(path("foreign").c_str(), 02755) == 0);
        return 0;
      }),
      0);
  EXPECT_EQ(mode_of("mine"), 04711u);
  EXPECT_EQ(mode_of("foreign"), 0755u);
  EXPECT_EQ(
      as_user([&] { return chmod(path("foreign").c_str(), 02755); }, kOther),
      0);
  EXPECT_EQ(mode_of("foreign"), 02755u);
  ASSERT_EQ(chmod(path("mine").c_str(), 0177777), 0);
  EXPECT_EQ(mode_of("mine"), 07777u);
}

TEST_F(Permissions, Chown) {
  make("mine", 0644, kUser, kGroup);
  make("other", 0666, 0, 0);
  const std::string mine = path("mine");
  constexpr uid_t kSame = static_cast<uid_t>(-1);
  EXPECT_EQ(
      as_user(
          [&] {
            CHILD_CHECK(chown(mine.c_str(), 0, kSame) == -1 && errno == EPERM);
            CHILD_CHECK(chown(mine.c_str(), kUser, kSame) == 0);
            CHILD_CHECK(chown(mine.c_str(), kSame, kOther) == 0);
            CHILD_CHECK(chown(mine.c_str(), kSame, 3000) == -1 &&
                        errno == EPERM);
            CHILD_CHECK(chown(path("other").c_str(), kSame, kGroup) == -1 &&
                        errno == EPERM);
            CHILD_CHECK(chown(path("other").c_str(), kSame, kSame) == 0);
            return 0;
          },
          kOther),
      0);
  EXPECT_EQ(stat_of(mine).st_gid, kOther);
  ASSERT_EQ(symlinkat("mine", at_, "link"), 0);
  ASSERT_EQ(lchown(path("link").c_str(), 7, 8), 0);
  EXPECT_EQ(stat_of(path("link")).st_uid, 7u);
  EXPECT_EQ(stat_of(mine).st_uid, kUser);
  ASSERT_EQ(fchownat(at_, "link", 9, kSame, 0), 0);
  EXPECT_EQ(stat_of(mine).st_uid, 9u);
  EXPECT_EQ(stat_of(mine).st_gid, kOther);
}

TEST_F(Permissions, SetIdBitsGoWithChangesOfOwnerAndContents) {
  make("file", 06777, kUser, kGroup);
  ASSERT_EQ(chown(path("file").c_str(), kUser, kGroup), 0);
  EXPECT_EQ(mode_of("file"), 0777u);
  // Without the group's right to run it is no set-group-ID, and root keeps it.
  make("file", 02767, kUser, kGroup);
  ASSERT_EQ(chown(path("file").c_str(), kUser, kGroup), 0);
  EXPECT_EQ(mode_of("file"), 02767u);
  ASSERT_EQ(mkdirat(at_, "dir", 0777), 0);
  ASSERT_EQ(chmod(path("dir").c_str(), 06777), 0);
  ASSERT_EQ(chown(path("dir").c_str(), kUser, kGroup), 0);
  EXPECT_EQ(mode_of("dir"), 06777u);
  const auto after = [&](mode_t mode, const std::function<int()>& body) {
    make("file", mode, kUser, kGroup);
    EXPECT_EQ(as_user(body), 0);
    return mode_of("file");
  };
  const std::string file = path("file");
  const auto write_one = [&] {
    return write(open(file.c_str(), O_WRONLY), "x", 1) == 1 ? 0 : 1;
  };
  EXPECT_EQ(after(06777, write_one), 0777u);
  EXPECT_EQ(after(06777, [&] { return truncate(file.c_str(), 1); }), 0777u);
  EXPECT_EQ(after(02666, write_one), 02666u);
  EXPECT_EQ(after(06777, [&] { return chown(file.c_str(), kUser, kGroup); }),
            0777u);
  make("file", 06777, kUser, kGroup);
  EXPECT_EQ(write_one(), 0);
  EXPECT_EQ(mode_of("file"), 06777u);  // by root
}

TEST_F(Permissions, RealAndEffectiveUser) {
  make("roots", 0600, 0, 0);
  make("users", 0600, kUser, kGroup);
  const std::string roots = path("roots");
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(setresuid(kUser, 0, 0) == 0);
              CHILD_CHECK(access(roots.c_str(), R_OK) == -1 && errno == EACCES);
              CHILD_CHECK(access(path("users").c_str(), R_OK | W_OK) == 0);
              CHILD_CHECK(syscall(SYS_faccessat2, AT_FDCWD, roots.c_str(), R_OK,
                                  AT_EACCESS) == 0);
              CHILD_CHECK(open(roots.c_str(), O_RDWR) >= 0);
              CHILD_CHECK(setresuid(0, kUser, 0) == 0);
              CHILD_CHECK(access(roots.c_str(), R_OK) == 0);
              CHILD_CHECK(syscall(SYS_faccessat2, AT_FDCWD, roots.c_str(), R_OK,
                                  AT_EACCESS) == -1 &&
                          errno == EACCES);
              CHILD_CHECK(open(roots.c_str(), O_RDWR) == -1);
              return 0;
            }),
            0);
}

TEST_F(Permissions, OpenDescriptorsKeepTheirs) {
  make("file", 0600, 0, 0);
  const int fd = open(path("file").c_str(), O_RDWR);
  EXPECT_EQ(as_user([&] {
              char byte;
              CHILD_CHECK(pread(fd, &byte, 1, 0) == 1);
              CHILD_CHECK(pwrite(fd, &byte, 1, 0) == 1);
              CHILD_CHECK(open(path("file").c_str(), O_RDONLY) == -1);
              CHILD_CHECK(open(("/proc/self/fd/" + std::to_string(fd)).c_str(),
                               O_RDONLY) == -1 &&
                          errno == EACCES);
              return 0;
            }),
            0);
  // A mode without rights does not hinder its maker.
  EXPECT_EQ(as_user([&] {
              const int made =
                  open(path("new").c_str(), O_RDWR | O_CREAT, 0000);
              CHILD_CHECK(made >= 0 && write(made, "x", 1) == 1);
              CHILD_CHECK(open(path("new").c_str(), O_RDONLY) == -1);
              return 0;
            }),
            0);
  close(fd);
}

TEST_F(Permissions, AccessTimesAreForOwnersToKeep) {
  make("file", 0666, 0, 0);
  EXPECT_EQ(
      as_user([&] {
        CHILD_CHECK(open(path("file").c_str(), O_RDONLY | O_NOATIME) == -1 &&
                    errno == EPERM);
        const int fd = open(path("file").c_str(), O_RDONLY);
        CHILD_CHECK(fcntl(fd, F_SETFL, O_NOATIME) == -1 && errno == EPERM);
        return 0;
      }),
      0);
}

TEST_F(Permissions, DeviceNodesAreMadeByRoot) {
  EXPECT_EQ(
      as_user([&] {
        CHILD_CHECK(mknod(path("null").c_str(), S_IFCHR | 0666, 0x103) == -1 &&
                    errno == EPERM);
        CHILD_CHECK(mknod(path("fifo").c_str(), S_IFIFO | 0600, 0) == 0);
        CHILD_CHECK(mknod(path("plain").c_str(), 0600, 0) == 0);
        return 0;
      }),
      0);
  EXPECT_TRUE(S_ISREG(stat_of(path("plain")).st_mode));
}

TEST_F(Permissions, TheMaskTakesAway) {
  EXPECT_EQ(run_child([&] {
              umask(0027);
              CHILD_CHECK(put_file(path("file"), "", 06777));
              CHILD_CHECK(mkdir(path("dir").c_str(), 01777) == 0);
              CHILD_CHECK(mkfifo(path("fifo").c_str(), 0666) == 0);
              CHILD_CHECK(symlink("x", path("link").c_str()) == 0);
              return 0;
            }),
            0);
  EXPECT_EQ(mode_of("file"), 06750u);
  EXPECT_EQ(mode_of("dir"), 01750u);
  EXPECT_EQ(mode_of("fifo"), 0640u);
  EXPECT_EQ(mode_of("link"), 0777u);
}

}  // namespace
}  // namespace tine::guest
