// Capabilities: dropped for good, kept or lost with user ids and by exec, and
// what each of them is asked for.
// feature-map: 69
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

constexpr uid_t kUser = 1000;

struct Sets {
  uint64_t effective = 0;
  uint64_t permitted = 0;
  uint64_t inheritable = 0;
  bool operator==(const Sets&) const = default;
};

uint64_t bit(int capability) { return uint64_t{1} << capability; }

Sets own_sets(pid_t pid = 0) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, pid};
  __user_cap_data_struct data[2] = {};
  CHILD_CHECK(syscall(SYS_capget, &header, data) == 0);
  const auto joined = [](uint32_t low, uint32_t high) {
    return uint64_t{high} << 32 | low;
  };
  return {joined(data[0].effective, data[1].effective),
          joined(data[0].permitted, data[1].permitted),
          joined(data[0].inheritable, data[1].inheritable)};
}

int set_sets(const Sets& sets) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2];
  for (int i = 0; i < 2; ++i) {
    data[i] = {static_cast<uint32_t>(sets.effective >> 32 * i),
               static_cast<uint32_t>(sets.permitted >> 32 * i),
               static_cast<uint32_t>(sets.inheritable >> 32 * i)};
  }
  return static_cast<int>(syscall(SYS_capset, &header, data));
}

// Without some of them, effective and permitted.
int drop(uint64_t capabilities) {
  Sets sets = own_sets();
  sets.effective &= ~capabilities;
  sets.permitted &= ~capabilities;
  return set_sets(sets);
}

class Capability : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0 ||
        run_child([] { return own_sets().effective != 0 ? 0 : 1; }) != 0 ||
        run_child([] { return become_a_user() ? 0 : 1; }) != 0) {
      GTEST_SKIP() << "needs the superuser and another user";
    }
  }
};

// All that the machine gives; the build's may keep some back.
uint64_t all() {
  static const uint64_t sets = own_sets().permitted;
  return sets;
}

TEST_F(Capability, DroppedOnesDoNotComeBack) {
  EXPECT_EQ(run_child([] {
              const Sets before = own_sets();
              CHILD_CHECK(before.effective == before.permitted);
              // Only the effective one can be taken again.
              Sets less = before;
              less.effective = 0;
              CHILD_CHECK(set_sets(less) == 0 && own_sets() == less);
              CHILD_CHECK(set_sets(before) == 0 && own_sets() == before);
              CHILD_CHECK(drop(bit(CAP_KILL)) == 0);
              const Sets dropped = own_sets();
              CHILD_CHECK((dropped.permitted & bit(CAP_KILL)) == 0);
              CHILD_CHECK(set_sets(before) == -1 && errno == EPERM);
              Sets wrong = dropped;
              wrong.effective |= bit(CAP_KILL);
              CHILD_CHECK(set_sets(wrong) == -1 && errno == EPERM);
              CHILD_CHECK(own_sets() == dropped);
              // Children have no more, and others are seen as they are.
              CHILD_CHECK(run_child([&] {
                            return own_sets() == dropped &&
                                           own_sets(getppid()) == dropped
                                       ? 0
                                       : 1;
                          }) == 0);
              return 0;
            }),
            0);
}

TEST_F(Capability, InheritableWithinBounds) {
  EXPECT_EQ(run_child([] {
              Sets sets = own_sets();
              sets.inheritable = bit(CAP_KILL) | bit(CAP_CHOWN);
              CHILD_CHECK(set_sets(sets) == 0 && own_sets() == sets);
              // Neither permitted nor inheritable, and no CAP_SETPCAP.
              CHILD_CHECK(drop(bit(CAP_SETPCAP) | bit(CAP_SYS_TIME)) == 0);
              sets = own_sets();
              sets.inheritable |= bit(CAP_SYS_TIME);
              CHILD_CHECK(set_sets(sets) == -1 && errno == EPERM);
              sets.inheritable = 0;
              CHILD_CHECK(set_sets(sets) == 0 && own_sets() == sets);
              return 0;
            }),
            0);
}

TEST_F(Capability, OnlyTheCallersOwn) {
  const pid_t other = start_child([] {
    for (;;) pause();
    return 0;
  });
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, other};
  __user_cap_data_struct data[2] = {};
  EXPECT_EQ(syscall(SYS_capset, &header, data), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(kill(other, SIGKILL), 0);
  EXPECT_EQ(wait_for(other), -SIGKILL);
}

TEST_F(Capability, UserIdsTakeAndGive) {
  EXPECT_EQ(run_child([] {
              // A record of its own, from which little is missing.
              CHILD_CHECK(drop(bit(CAP_SYS_TIME)) == 0);
              const Sets before = own_sets();
              CHILD_CHECK(setresuid(static_cast<uid_t>(-1), kUser, 0) == 0);
              CHILD_CHECK((own_sets() == Sets{0, before.permitted, 0}));
              CHILD_CHECK(setresuid(static_cast<uid_t>(-1), 0, 0) == 0);
              CHILD_CHECK(own_sets() == before);
              // With the user for files go the rights on files.
              CHILD_CHECK(setfsuid(kUser) == 0);
              CHILD_CHECK((own_sets().effective & bit(CAP_DAC_OVERRIDE)) == 0);
              CHILD_CHECK((own_sets().effective & bit(CAP_KILL)) != 0);
              CHILD_CHECK(setfsuid(0) == static_cast<int>(kUser));
              CHILD_CHECK(own_sets() == before);
              CHILD_CHECK(setuid(kUser) == 0);
              CHILD_CHECK(own_sets() == Sets{});
              return 0;
            }),
            0);
}

// The same of a thread that never called capset.
TEST_F(Capability, UserIdsAloneTakeAndGive) {
  EXPECT_EQ(run_child([] {
              const uint64_t permitted = own_sets().permitted;
              CHILD_CHECK(seteuid(kUser) == 0);
              CHILD_CHECK((own_sets() == Sets{0, permitted, 0}));
              CHILD_CHECK(setfsuid(0) == static_cast<int>(kUser));
              CHILD_CHECK((own_sets().effective & bit(CAP_DAC_OVERRIDE)) != 0);
              CHILD_CHECK((own_sets().effective & bit(CAP_KILL)) == 0);
              CHILD_CHECK(seteuid(0) == 0);
              CHILD_CHECK(own_sets().effective == permitted);
              CHILD_CHECK(setuid(kUser) == 0 && own_sets() == Sets{});
              return 0;
            }),
            0);
}

TEST_F(Capability, KeptThroughSetuidIfAsked) {
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(prctl(PR_GET_KEEPCAPS) == 0);
              CHILD_CHECK(prctl(PR_SET_KEEPCAPS, 1) == 0);
              CHILD_CHECK(prctl(PR_GET_KEEPCAPS) == 1);
              CHILD_CHECK(prctl(PR_GET_SECUREBITS) == SECBIT_KEEP_CAPS);
              const uint64_t permitted = own_sets().permitted;
              CHILD_CHECK(setuid(kUser) == 0);
              CHILD_CHECK((own_sets() == Sets{0, permitted, 0}));
              CHILD_CHECK(kill(1, 0) == -1 || getuid() == 0 || getpid() == 1);
              // One right alone.
              Sets sets{bit(CAP_SETUID), bit(CAP_SETUID), 0};
              CHILD_CHECK(set_sets(sets) == 0);
              CHILD_CHECK(setgroups(0, nullptr) == -1 && errno == EPERM);
              CHILD_CHECK(setuid(0) == 0 && getuid() == 0);
              return 0;
            }),
            0);
}

TEST_F(Capability, NoFixupWithSecurebits) {
  EXPECT_EQ(
      run_child([] {
        CHILD_CHECK(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) == 0);
        const Sets before = own_sets();
        CHILD_CHECK(setresuid(kUser, kUser, kUser) == 0);
        CHILD_CHECK(own_sets() == before);
        CHILD_CHECK(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP |
                                                 SECBIT_NO_SETUID_FIXUP_LOCKED |
                                                 SECBIT_NOROOT) == 0);
        CHILD_CHECK(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT) == -1 &&
                    errno == EPERM);
        CHILD_CHECK(prctl(PR_SET_SECUREBITS, 0x1000) == -1 && errno == EPERM);
        CHILD_CHECK(drop(bit(CAP_SETPCAP)) == 0);
        CHILD_CHECK(
            prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP |
                                         SECBIT_NO_SETUID_FIXUP_LOCKED) == -1 &&
            errno == EPERM);
        return 0;
      }),
      0);
}

TEST_F(Capability, BoundsAndAmbient) {
  EXPECT_EQ(
      run_child([] {
        CHILD_CHECK(prctl(PR_CAPBSET_READ, CAP_KILL) == 1);
        CHILD_CHECK(prctl(PR_CAPBSET_READ, 63) == -1 && errno == EINVAL);
        CHILD_CHECK(prctl(PR_CAPBSET_DROP, 63) == -1 && errno == EINVAL);
        CHILD_CHECK(prctl(PR_CAPBSET_DROP, CAP_KILL) == 0);
        CHILD_CHECK(prctl(PR_CAPBSET_READ, CAP_KILL) == 0);
        // It keeps it, and cannot make it inheritable any more.
        Sets sets = own_sets();
        CHILD_CHECK((sets.permitted & bit(CAP_KILL)) != 0);
        sets.inheritable = bit(CAP_KILL);
        CHILD_CHECK(set_sets(sets) == -1 && errno == EPERM);
        const auto ambient = [](unsigned long what, unsigned long which) {
          return prctl(PR_CAP_AMBIENT, what, which, 0, 0);
        };
        CHILD_CHECK(ambient(PR_CAP_AMBIENT_RAISE, CAP_CHOWN) == -1 &&
                    errno == EPERM);
        sets.inheritable = bit(CAP_CHOWN) | bit(CAP_FOWNER);
        CHILD_CHECK(set_sets(sets) == 0);
        CHILD_CHECK(ambient(PR_CAP_AMBIENT_RAISE, CAP_CHOWN) == 0);
        CHILD_CHECK(ambient(PR_CAP_AMBIENT_RAISE, CAP_FOWNER) == 0);
        CHILD_CHECK(ambient(PR_CAP_AMBIENT_IS_SET, CAP_CHOWN) == 1);
        CHILD_CHECK(ambient(PR_CAP_AMBIENT_LOWER, CAP_FOWNER) == 0);
        CHILD_CHECK(ambient(PR_CAP_AMBIENT_IS_SET, CAP_FOWNER) == 0);
        CHILD_CHECK(ambient(PR_CAP_AMBIENT_IS_SET, 63) == -1 &&
                    errno == EINVAL);
        CHILD_CHECK(ambient(9, CAP_CHOWN) == -1 && errno == EINVAL);
        sets.inheritable = 0;
        CHILD_CHECK(set_sets(sets) == 0);
        CHILD_CHECK(ambient(PR_CAP_AMBIENT_IS_SET, CAP_CHOWN) == 0);
        CHILD_CHECK(ambient(PR_CAP_AMBIENT_CLEAR_ALL, 0) == 0);
        CHILD_CHECK(drop(bit(CAP_SETPCAP)) == 0);
        CHILD_CHECK(prctl(PR_CAPBSET_DROP, CAP_CHOWN) == -1 && errno == EPERM);
        return 0;
      }),
      0);
}

// ---- by exec: this program again, which says what it has

std::string sets_text(const Sets& sets) {
  char text[80];
  snprintf(text, sizeof(text), "%llx %llx %llx",
           static_cast<unsigned long long>(sets.effective),
           static_cast<unsigned long long>(sets.permitted),
           static_cast<unsigned long long>(sets.inheritable));
  return text;
}

// The sets of the program that a child runs after `prepare`.
template <typename Prepare>
std::string sets_after_exec(Prepare prepare) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = start_child([&] {
    prepare();
    const std::string to = std::to_string(ends[1]);
    execl("/proc/self/exe", "capability_test", "--say-sets", to.c_str(),
          nullptr);
    return kCheckFailed;
  });
  close(ends[1]);
  std::string said(80, '\0');
  const ssize_t bytes = read(ends[0], said.data(), said.size());
  said.resize(bytes > 0 ? static_cast<size_t>(bytes) : 0);
  close(ends[0]);
  const int end = wait_for(child);
  return end == 0 ? said : "ended with " + std::to_string(end);
}

TEST_F(Capability, ExecByTheSuperuserGivesAllWithinBounds) {
  EXPECT_EQ(sets_after_exec([] {
              Sets sets{0, bit(CAP_CHOWN) | bit(CAP_SETPCAP), 0};
              sets.effective = sets.permitted;
              CHILD_CHECK(prctl(PR_CAPBSET_DROP, CAP_KILL) == 0);
              CHILD_CHECK(set_sets(sets) == 0);
            }),
            sets_text({all() & ~bit(CAP_KILL), all() & ~bit(CAP_KILL), 0}));
  EXPECT_EQ(sets_after_exec([] { CHILD_CHECK(seteuid(kUser) == 0); }),
            sets_text({0, all(), 0}));
}

TEST_F(Capability, ExecByOthersLeavesTheAmbientOnes) {
  EXPECT_EQ(sets_after_exec([] {
              CHILD_CHECK(prctl(PR_SET_KEEPCAPS, 1) == 0);
              CHILD_CHECK(setuid(kUser) == 0);
              const uint64_t two = bit(CAP_KILL) | bit(CAP_CHOWN);
              CHILD_CHECK(set_sets({two, two, bit(CAP_KILL)}) == 0);
            }),
            sets_text({0, 0, bit(CAP_KILL)}));
  EXPECT_EQ(sets_after_exec([] {
              CHILD_CHECK(prctl(PR_SET_KEEPCAPS, 1) == 0);
              CHILD_CHECK(setuid(kUser) == 0);
              const uint64_t two = bit(CAP_KILL) | bit(CAP_CHOWN);
              CHILD_CHECK(set_sets({two, two, bit(CAP_KILL)}) == 0);
              CHILD_CHECK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL,
                                0, 0) == 0);
            }),
            sets_text({bit(CAP_KILL), bit(CAP_KILL), bit(CAP_KILL)}));
  EXPECT_EQ(sets_after_exec([] {
              CHILD_CHECK(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT) == 0);
            }),
            sets_text({0, 0, 0}));
}

// ---- what they are asked for

TEST_F(Capability, SignalsAndProcesses) {
  const pid_t other = start_child([] {
    CHILD_CHECK(become_a_user());
    for (;;) pause();
    return 0;
  });
  while (own_sets(other).permitted != 0) usleep(1000);
  EXPECT_EQ(
      run_child([&] {
        CHILD_CHECK(kill(other, 0) == 0);
        CHILD_CHECK(drop(bit(CAP_KILL)) == 0);
        CHILD_CHECK(kill(other, 0) == -1 && errno == EPERM);
        CHILD_CHECK(setpriority(PRIO_PROCESS, static_cast<id_t>(other), -1) ==
                    0);
        CHILD_CHECK(drop(bit(CAP_SYS_NICE)) == 0);
        CHILD_CHECK(setpriority(PRIO_PROCESS, static_cast<id_t>(other), -2) ==
                        -1 &&
                    errno == EPERM);
        CHILD_CHECK(setpriority(PRIO_PROCESS, 0, -3) == -1 && errno == EACCES);
        rlimit limit{};
        if ((all() & bit(CAP_SYS_RESOURCE)) != 0) {
          CHILD_CHECK(prlimit(other, RLIMIT_CORE, nullptr, &limit) == 0);
        }
        CHILD_CHECK(drop(bit(CAP_SYS_RESOURCE)) == 0);
        CHILD_CHECK(prlimit(other, RLIMIT_CORE, nullptr, &limit) == -1 &&
                    errno == EPERM);
        limit = {10, 10};
        CHILD_CHECK(setrlimit(RLIMIT_CORE, &limit) == 0);
        limit = {10, 20};
        CHILD_CHECK(setrlimit(RLIMIT_CORE, &limit) == -1 && errno == EPERM);
        return 0;
      }),
      0);
  EXPECT_EQ(kill(other, SIGKILL), 0);
  EXPECT_EQ(wait_for(other), -SIGKILL);
}

TEST_F(Capability, IdsNamesAndClocks) {
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(drop(bit(CAP_SYS_ADMIN) | bit(CAP_SYS_TIME)) == 0);
              CHILD_CHECK(unshare(CLONE_NEWUTS) == -1 && errno == EPERM);
              CHILD_CHECK(unshare(CLONE_NEWPID) == -1 && errno == EPERM);
              CHILD_CHECK(sethostname("x", 1) == -1 && errno == EPERM);
              const timespec time{1, 0};
              CHILD_CHECK(clock_settime(CLOCK_REALTIME, &time) == -1 &&
                          errno == EPERM);
              CHILD_CHECK(drop(bit(CAP_SETGID)) == 0);
              CHILD_CHECK(setgid(kUser) == -1 && errno == EPERM);
              CHILD_CHECK(setgroups(0, nullptr) == -1 && errno == EPERM);
              CHILD_CHECK(drop(bit(CAP_SETUID)) == 0);
              CHILD_CHECK(setuid(kUser) == -1 && errno == EPERM);
              CHILD_CHECK(setuid(0) == 0);
              return 0;
            }),
            0);
}

TEST_F(Capability, Files) {
  const TemporaryDirectory directory;
  ASSERT_EQ(chmod(directory.path().c_str(), 0777), 0);
  const std::string path = directory / "closed";
  const int made = open(path.c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_GE(made, 0);
  close(made);
  ASSERT_EQ(chown(path.c_str(), kUser, kUser), 0);
  const std::string inner = directory / "inner";
  ASSERT_EQ(mkdir(inner.c_str(), 0700), 0);
  ASSERT_EQ(chown(inner.c_str(), kUser, kUser), 0);
  const char* const name = path.c_str();
  const auto opens = [&](int flags) {
    const int fd = open(name, flags);
    if (fd >= 0) close(fd);
    return fd >= 0;
  };
  EXPECT_EQ(
      run_child([&] {
        CHILD_CHECK(opens(O_RDWR));
        CHILD_CHECK(drop(bit(CAP_DAC_OVERRIDE)) == 0);
        CHILD_CHECK(opens(O_RDONLY) && !opens(O_RDWR) && errno == EACCES);
        CHILD_CHECK(access((inner + "/none").c_str(), F_OK) == -1 &&
                    errno == ENOENT);
        CHILD_CHECK(mkdir((inner + "/new").c_str(), 0700) == -1 &&
                    errno == EACCES);
        CHILD_CHECK(drop(bit(CAP_DAC_READ_SEARCH)) == 0);
        CHILD_CHECK(!opens(O_RDONLY) && errno == EACCES);
        CHILD_CHECK(open((inner + "/none").c_str(), O_RDONLY) == -1 &&
                    errno == EACCES);
        CHILD_CHECK(chmod(name, 0644) == 0);
        CHILD_CHECK(drop(bit(CAP_FOWNER)) == 0);
        CHILD_CHECK(chmod(name, 0600) == -1 && errno == EPERM);
        CHILD_CHECK(chown(name, kUser + 1, kUser) == 0);
        CHILD_CHECK(drop(bit(CAP_CHOWN)) == 0);
        CHILD_CHECK(chown(name, kUser, kUser) == -1 && errno == EPERM);
        const std::string node = directory / "node";
        CHILD_CHECK(drop(bit(CAP_MKNOD)) == 0);
        CHILD_CHECK(mknod(node.c_str(), S_IFCHR | 0600, 0x103) == -1 &&
                    errno == EPERM);
        CHILD_CHECK(drop(bit(CAP_SYS_CHROOT)) == 0);
        CHILD_CHECK(chroot(directory.path().c_str()) == -1 && errno == EPERM);
        return 0;
      }),
      0);
}

TEST_F(Capability, ProcSaysThem) {
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(drop(bit(CAP_KILL)) == 0);
              std::ifstream status("/proc/self/status");
              char expected[64];
              snprintf(expected, sizeof(expected), "CapPrm:\t%016llx",
                       static_cast<unsigned long long>(all() & ~bit(CAP_KILL)));
              for (std::string line; std::getline(status, line);) {
                if (line == expected) return 0;
              }
              return 1;
            }),
            0);
}

}  // namespace

// The program that sets_after_exec() runs.
int say_sets(int to) {
  const std::string text = sets_text(own_sets());
  return write(to, text.data(), text.size()) ==
                 static_cast<ssize_t>(text.size())
             ? 0
             : 1;
}

}  // namespace tine::guest

int main(int count, char** arguments) {
  if (count == 3 && std::string(arguments[1]) == "--say-sets") {
    return tine::guest::say_sets(std::atoi(arguments[2]));
  }
  testing::InitGoogleTest(&count, arguments);
  return RUN_ALL_TESTS();
}
