// /proc: what a process finds about itself and others there, and about the
// system.
// feature-map: 61, 96, 98, 116
#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

std::string self;  // This program's path.
std::vector<std::string> arguments;

std::string link_of(const std::string& path) {
  char target[4096];
  const ssize_t got = readlink(path.c_str(), target, sizeof(target));
  return got < 0 ? "?" : std::string(target, static_cast<size_t>(got));
}

std::string of(pid_t pid, const std::string& name) {
  return "/proc/" + std::to_string(pid) + "/" + name;
}

std::set<std::string> names_in(const std::string& path) {
  std::set<std::string> names;
  DIR* directory = opendir(path.c_str());
  if (directory == nullptr) return names;
  while (const dirent* entry = readdir(directory)) names.insert(entry->d_name);
  closedir(directory);
  return names;
}

// The fields of /proc/PID/stat, from 1 as proc(5) counts them; field 2 is the
// name without its parentheses.
std::vector<std::string> stat_fields(pid_t pid) {
  const std::string text = get_file(of(pid, "stat"));
  std::vector<std::string> fields = {""};
  const size_t open_at = text.find('(');
  const size_t close_at = text.rfind(')');
  if (open_at == std::string::npos || close_at == std::string::npos) return {};
  fields.push_back(text.substr(0, open_at - 1));
  fields.push_back(text.substr(open_at + 1, close_at - open_at - 1));
  std::istringstream rest(text.substr(close_at + 1));
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

std::map<std::string, std::string> status_of(pid_t pid) {
  std::map<std::string, std::string> lines;
  std::istringstream text(get_file(of(pid, "status")));
  for (std::string line; std::getline(text, line);) {
    const size_t colon = line.find(":\t");
    if (colon != std::string::npos) {
      lines[line.substr(0, colon)] = line.substr(colon + 2);
    }
  }
  return lines;
}

TEST(Proc, SelfIsTheCaller) {
  EXPECT_EQ(link_of("/proc/self"), std::to_string(getpid()));
  EXPECT_EQ(link_of("/proc/thread-self"),
            std::to_string(getpid()) + "/task/" + std::to_string(gettid()));
  EXPECT_EQ(run_child([] {
              const pid_t me = getpid();
              return link_of("/proc/self") == std::to_string(me) ? 0 : 1;
            }),
            0);
  struct statfs status;
  ASSERT_EQ(statfs("/proc", &status), 0);
  EXPECT_EQ(status.f_type, 0x9fa0);
  struct stat of_root;
  struct stat of_proc;
  ASSERT_EQ(stat("/", &of_root), 0);
  ASSERT_EQ(stat("/proc/self/stat", &of_proc), 0);
  EXPECT_NE(of_root.st_dev, of_proc.st_dev);
  EXPECT_TRUE(S_ISREG(of_proc.st_mode));
}

TEST(Proc, Stat) {
  const std::vector<std::string> fields = stat_fields(getpid());
  ASSERT_EQ(fields.size(), 53u);
  EXPECT_EQ(fields[1], std::to_string(getpid()));
  EXPECT_EQ(fields[2], self.substr(self.rfind('/') + 1).substr(0, 15));
  EXPECT_EQ(fields[3], "R");
  EXPECT_EQ(fields[4], std::to_string(getppid()));
  EXPECT_EQ(fields[5], std::to_string(getpgrp()));
  EXPECT_EQ(fields[6], std::to_string(getsid(0)));
  EXPECT_EQ(fields[20], "1");
  EXPECT_GT(std::stoull(fields[23]), 100'000u);  // vsize
  EXPECT_GT(std::stoull(fields[24]), 10u);       // rss
  EXPECT_EQ(fields[38], "17");                   // SIGCHLD
}

TEST(Proc, StartTimesAreMonotone) {
  const auto start = [](pid_t pid) {
    const std::vector<std::string> fields = stat_fields(pid);
    return fields.size() == 53 ? std::stoull(fields[22]) : 0;
  };
  const unsigned long long mine = start(getpid());
  EXPECT_GT(mine, 0u);
  const pid_t child = start_child([] {
    pause();
    return 0;
  });
  EXPECT_GE(start(child), mine);
  const double up = std::stod(get_file("/proc/uptime"));
  EXPECT_LE(static_cast<double>(start(child)) / 100, up + 1);
  kill(child, SIGKILL);
  wait_for(child);
  EXPECT_ERRNO(ENOENT, access(of(child, "stat").c_str(), F_OK));
}

TEST(Proc, ChildrenAreListedInOrder) {
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(start_child([] {
      pause();
      return 0;
    }));
  }
  std::vector<pid_t> listed;
  DIR* directory = opendir("/proc");
  ASSERT_NE(directory, nullptr);
  while (const dirent* entry = readdir(directory)) {
    const pid_t pid = std::atoi(entry->d_name);
    for (const pid_t child : children) {
      if (pid == child) listed.push_back(pid);
    }
  }
  closedir(directory);
  EXPECT_EQ(listed, children);
  for (const pid_t child : children) {
    EXPECT_EQ(stat_fields(child)[4], std::to_string(getpid()));
    kill(child, SIGKILL);
    wait_for(child);
  }
}

TEST(Proc, ForksAreCounted) {
  const auto forks = [] {
    const std::string text = get_file("/proc/stat");
    const size_t at = text.find("\nprocesses ");
    return at == std::string::npos ? 0 : std::atoll(&text[at + 11]);
  };
  const long long before = forks();
  EXPECT_GT(before, 0);
  for (int i = 0; i < 3; ++i) run_child([] { return 0; });
  EXPECT_GE(forks(), before + 3);
}

TEST(Proc, AZombieIsThereUntilItIsAwaited) {
  const pid_t child = start_child([] { return 3; });
  while (stat_fields(child)[3] != "Z") usleep(1000);
  EXPECT_EQ(status_of(child)["State"], "Z (zombie)");
  EXPECT_EQ(get_file(of(child, "cmdline")), "");
  EXPECT_EQ(wait_for(child), 3);
  EXPECT_EQ(get_file(of(child, "stat")), "?");
}

TEST(Proc, Status) {
  std::map<std::string, std::string> status = status_of(getpid());
  EXPECT_EQ(status["Pid"], std::to_string(getpid()));
  EXPECT_EQ(status["Tgid"], std::to_string(getpid()));
  EXPECT_EQ(status["PPid"], std::to_string(getppid()));
  EXPECT_EQ(status["State"], "R (running)");
  EXPECT_EQ(status["Threads"], "1");
  const std::string uid = std::to_string(getuid());
  EXPECT_EQ(status["Uid"], uid + "\t" + uid + "\t" + uid + "\t" + uid);
  EXPECT_GT(std::atol(status["VmRSS"].c_str()), 10);
  EXPECT_GT(std::atol(status["VmSize"].c_str()), 100);
  const mode_t mask = umask(027);
  EXPECT_EQ(status_of(getpid())["Umask"], "0027");
  umask(mask);
  signal(SIGUSR1, SIG_IGN);
  signal(SIGUSR2, [](int) {});
  status = status_of(getpid());
  EXPECT_EQ(std::stoull(status["SigIgn"], nullptr, 16) >> (SIGUSR1 - 1) & 1,
            1u);
  EXPECT_EQ(std::stoull(status["SigCgt"], nullptr, 16) >> (SIGUSR2 - 1) & 1,
            1u);
  signal(SIGUSR1, SIG_DFL);
  signal(SIGUSR2, SIG_DFL);
}

TEST(Proc, CommandLineAndEnvironment) {
  std::string expected;
  for (const std::string& argument : arguments) {
    expected += argument;
    expected += '\0';
  }
  EXPECT_EQ(get_file("/proc/self/cmdline"), expected);
  const std::string environment = get_file("/proc/self/environ");
  for (char** at = environ; *at != nullptr; ++at) {
    if (std::strncmp(*at, "GTEST", 5) == 0) continue;
    EXPECT_NE(environment.find(*at), std::string::npos) << *at;
  }
}

TEST(Proc, LinksToProgramAndDirectories) {
  EXPECT_EQ(link_of("/proc/self/root"), "/");
  char cwd[4096];
  ASSERT_NE(getcwd(cwd, sizeof(cwd)), nullptr);
  EXPECT_EQ(link_of("/proc/self/cwd"), cwd);
  struct stat by_link;
  struct stat by_path;
  ASSERT_EQ(stat("/proc/self/exe", &by_link), 0);
  ASSERT_EQ(stat(self.c_str(), &by_path), 0);
  EXPECT_EQ(by_link.st_ino, by_path.st_ino);
  EXPECT_EQ(run_child([] {
              return link_of("/proc/self/exe") == link_of(of(getppid(), "exe"))
                         ? 0
                         : 1;
            }),
            0);
  const TemporaryDirectory directory;
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(chdir(directory.path().c_str()) == 0);
              CHILD_CHECK(rmdir(directory.path().c_str()) == 0);
              CHILD_CHECK(link_of("/proc/self/cwd") ==
                          directory.path() + " (deleted)");
              return 0;
            }),
            0);
}

TEST(Proc, Descriptors) {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  ASSERT_TRUE(put_file(path, "text"));
  const int fd = open(path.c_str(), O_RDONLY);
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  EXPECT_EQ(link_of(link), path);
  EXPECT_TRUE(names_in("/proc/self/fd").contains(std::to_string(fd)));
  EXPECT_EQ(stat_of(link).st_mode & 0777u, 0500u);
  // It is the file itself that the link leads to, whatever its name.
  ASSERT_EQ(unlink(path.c_str()), 0);
  EXPECT_EQ(link_of(link), path + " (deleted)");
  EXPECT_EQ(get_file(link), "text");
  EXPECT_EQ(get_file("/dev/fd/" + std::to_string(fd)), "text");
  EXPECT_EQ(lseek(fd, 3, SEEK_SET), 3);
  EXPECT_NE(get_file("/proc/self/fdinfo/" + std::to_string(fd)).find("pos:\t3"),
            std::string::npos);
  close(fd);
  EXPECT_ERRNO(ENOENT, access(link.c_str(), F_OK));
  EXPECT_EQ(link_of("/dev/fd"), "/proc/self/fd");
  EXPECT_EQ(link_of("/dev/stdin"), "/proc/self/fd/0");
}

TEST(Proc, Maps) {
  void* at =
      mmap(nullptr, 0x3000, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(at, MAP_FAILED);
  ASSERT_EQ(mprotect(static_cast<char*>(at) + 0x1000, 0x1000, PROT_NONE), 0);
  bool has_area = false;
  bool has_code = false;
  bool has_stack = false;
  const auto me = reinterpret_cast<unsigned long>(&names_in);
  const auto local = reinterpret_cast<unsigned long>(&has_stack);
  std::istringstream maps(get_file("/proc/self/maps"));
  unsigned long last = 0;
  for (std::string line; std::getline(maps, line);) {
    unsigned long start = 0;
    unsigned long end = 0;
    char rights[5] = {};
    ASSERT_EQ(sscanf(line.c_str(), "%lx-%lx %4s", &start, &end, rights), 3)
        << line;
    EXPECT_LE(last, start);
    EXPECT_LT(start, end);
    last = end;
    if (start == reinterpret_cast<unsigned long>(at) + 0x1000) {
      has_area = true;
      EXPECT_STREQ(rights, "---p");
      EXPECT_EQ(end, start + 0x1000);
    }
    if (start <= me && me < end) {
      has_code = true;
      EXPECT_STREQ(rights, "r-xp");
      EXPECT_EQ(line.substr(73), link_of("/proc/self/exe"));
    }
    if (start <= local && local < end) {
      has_stack = line.ends_with("[stack]") || has_stack;
    }
  }
  EXPECT_TRUE(has_area);
  EXPECT_TRUE(has_code);
  EXPECT_TRUE(has_stack);
  munmap(at, 0x3000);
}

TEST(Proc, SizesInPages) {
  std::istringstream text(get_file("/proc/self/statm"));
  long total = 0;
  long resident = 0;
  ASSERT_TRUE(text >> total >> resident);
  EXPECT_GT(total, resident);
  EXPECT_GT(resident, 10);
}

TEST(Proc, OomAdjust) {
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(get_file("/proc/self/oom_score_adj") == "0\n");
              CHILD_CHECK(put_file("/proc/self/oom_score_adj", "500\n"));
              CHILD_CHECK(get_file("/proc/self/oom_score_adj") == "500\n");
              CHILD_CHECK(!put_file("/proc/self/oom_score_adj", "1001"));
              CHILD_CHECK(errno == EINVAL);
              CHILD_CHECK(!put_file("/proc/self/oom_score_adj", "x"));
              CHILD_CHECK(errno == EINVAL);
              return run_child([] {
                return get_file("/proc/self/oom_score_adj") == "500\n" ? 0 : 1;
              });
            }),
            0);
}

TEST(Proc, TheSystem) {
  const std::string memory = get_file("/proc/meminfo");
  unsigned long total = 0;
  unsigned long free = 0;
  EXPECT_EQ(
      sscanf(memory.c_str(), "MemTotal: %lu kB MemFree: %lu kB", &total, &free),
      2);
  EXPECT_GT(total, free);
  EXPECT_NE(memory.find("\nMemAvailable:"), std::string::npos);
  double load[3];
  int running = 0;
  int all = 0;
  int last = 0;
  EXPECT_EQ(sscanf(get_file("/proc/loadavg").c_str(), "%lf %lf %lf %d/%d %d",
                   &load[0], &load[1], &load[2], &running, &all, &last),
            6);
  EXPECT_GE(all, running);
  EXPECT_GE(running, 1);
  const std::string stat = get_file("/proc/stat");
  EXPECT_EQ(stat.rfind("cpu  ", 0), 0u);
  EXPECT_NE(stat.find("\ncpu0 "), std::string::npos);
  EXPECT_NE(stat.find("\nbtime "), std::string::npos);
  EXPECT_NE(get_file("/proc/cpuinfo").find("processor\t: 0\n"),
            std::string::npos);
  utsname name;
  ASSERT_EQ(uname(&name), 0);
  EXPECT_EQ(get_file("/proc/version").rfind("Linux version ", 0), 0u);
  EXPECT_EQ(get_file("/proc/sys/kernel/ostype"), "Linux\n");
  EXPECT_EQ(get_file("/proc/sys/kernel/osrelease"),
            std::string(name.release) + "\n");
  EXPECT_GE(std::atol(get_file("/proc/sys/kernel/pid_max").c_str()), 1000);
  EXPECT_EQ(get_file("/proc/sys/kernel/random/boot_id").size(), 37u);
  EXPECT_EQ(get_file("/proc/sys/kernel/random/boot_id"),
            get_file("/proc/sys/kernel/random/boot_id"));
  EXPECT_NE(get_file("/proc/filesystems").find("nodev\tproc\n"),
            std::string::npos);
  EXPECT_NE(get_file("/proc/mounts").find(" / "), std::string::npos);
  EXPECT_EQ(get_file("/sys/devices/system/cpu/online")[0], '0');
}

TEST(Proc, WhatCannotBeDone) {
  EXPECT_ERRNO(ENOENT, open("/proc/new", O_RDWR | O_CREAT, 0600));
  EXPECT_ERRNO(ENOENT, mkdir("/proc/new", 0700));
  EXPECT_ERRNO(ENOENT, access("/proc/0", F_OK));
  EXPECT_ERRNO(ENOENT, access("/proc/01", F_OK));
  EXPECT_ERRNO(ENOENT, access("/proc/999999999", F_OK));
  EXPECT_ERRNO(EPERM, unlink("/proc/self/stat"));
  EXPECT_ERRNO(ENOTDIR, open("/proc/self/stat/x", O_RDONLY));
  EXPECT_ERRNO(ENOENT, open("/proc/self/fd/999", O_RDONLY));
  EXPECT_ERRNO(ENOENT, open("/proc/self/task/1000000/stat", O_RDONLY));
}

TEST(Proc, Threads) {
  EXPECT_EQ(names_in("/proc/self/task"),
            (std::set<std::string>{".", "..", std::to_string(getpid())}));
  EXPECT_EQ(get_file("/proc/self/task/" + std::to_string(getpid()) + "/comm"),
            get_file("/proc/self/comm"));
}

// Others may see that there is a process, not what it has open.
TEST(Proc, OtherUsers) {
  if (run_child([] { return setgid(1000) == 0 ? 0 : 1; }) != 0) {
    GTEST_SKIP() << "no other users here";
  }
  if (getuid() != 0) GTEST_SKIP() << "only root can become another user";
  const pid_t parent = getpid();
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(setgid(1000) == 0 && setuid(1000) == 0);
              CHILD_CHECK(get_file(of(parent, "stat")) != "?");
              CHILD_CHECK(get_file(of(parent, "cmdline")) != "?");
              CHILD_CHECK(open(of(parent, "fd").c_str(), O_RDONLY) == -1 &&
                          errno == EACCES);
              CHILD_CHECK(link_of(of(parent, "exe")) == "?" && errno == EACCES);
              CHILD_CHECK(open(of(parent, "environ").c_str(), O_RDONLY) == -1 &&
                          errno == EACCES);
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace tine::guest

int main(int argc, char** argv) {
  tine::guest::self = argv[0];
  tine::guest::arguments.assign(argv, argv + argc);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
