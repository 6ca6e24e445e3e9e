// What /proc says is so: limits, names, pending signals, what children have
// used, peaks of memory.
// feature-map: 73, 117
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

// The rest of a line of /proc/self/status behind its name.
std::string status_of(const std::string& name) {
  std::istringstream lines(get_file("/proc/self/status"));
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(name + ":", 0) == 0) {
      const size_t at = line.find_first_not_of(" \t", name.size() + 1);
      return at == std::string::npos ? "" : line.substr(at);
    }
  }
  return "?";
}

uint64_t set_of(const std::string& name) {
  return std::strtoull(status_of(name).c_str(), nullptr, 16);
}
long kilobytes(const std::string& name) {
  return std::atol(status_of(name).c_str());
}

// The fields of /proc/self/stat, the first being 1 as proc(5) counts.
std::vector<std::string> stat_fields() {
  const std::string text = get_file("/proc/self/stat");
  std::vector<std::string> fields = {"", "", ""};
  std::istringstream rest(text.substr(text.rfind(')') + 1));
  for (std::string one; rest >> one;) fields.push_back(one);
  return fields;
}

TEST(ProcValues, Limits) {
  EXPECT_EQ(
      run_child([] {
        const rlimit limit = {12345, 54321};
        CHILD_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
        rlimit files;
        CHILD_CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
        std::istringstream lines(get_file("/proc/self/limits"));
        std::string line;
        CHILD_CHECK(std::getline(lines, line).good());
        CHILD_CHECK(line.rfind("Limit                     Soft Limit", 0) == 0);
        int count = 0;
        bool has_size = false;
        bool has_files = false;
        while (std::getline(lines, line)) {
          ++count;
          has_size |= line.rfind(
                          "Max file size             12345       "
                          "         54321                bytes",
                          0) == 0;
          has_files |= line.rfind("Max open files            " +
                                      std::to_string(files.rlim_cur) + " ",
                                  0) == 0;
        }
        CHILD_CHECK(count == 16);
        CHILD_CHECK(has_size && has_files);
        // Piece by piece it is the same.
        const int fd = open("/proc/self/limits", O_RDONLY);
        std::string pieces;
        char piece[37];
        for (ssize_t got; (got = read(fd, piece, sizeof(piece))) > 0;) {
          pieces.append(piece, static_cast<size_t>(got));
        }
        CHILD_CHECK(pieces == get_file("/proc/self/limits"));
        CHILD_CHECK(pread(fd, piece, 5, 0) == 5);
        CHILD_CHECK(memcmp(piece, "Limit", 5) == 0);
        CHILD_CHECK(read(fd, piece, 5) == 0);
        return 0;
      }),
      0);
}

TEST(ProcValues, ANameIsWritten) {
  EXPECT_EQ(
      run_child([] {
        const int fd = open("/proc/self/comm", O_RDWR);
        CHILD_CHECK(fd >= 0);
        CHILD_CHECK(write(fd, "renamed", 7) == 7);
        char name[16] = {};
        CHILD_CHECK(prctl(PR_GET_NAME, name) == 0);
        CHILD_CHECK(strcmp(name, "renamed") == 0);
        CHILD_CHECK(get_file("/proc/self/comm") == "renamed\n");
        CHILD_CHECK(write(fd, "much longer than there is room", 30) == 30);
        CHILD_CHECK(get_file("/proc/self/comm") == "much longer tha\n");
        // Not another's.
        const std::string parents =
            "/proc/" + std::to_string(getppid()) + "/comm";
        const int other = open(parents.c_str(), O_WRONLY);
        CHILD_CHECK(other >= 0);
        CHILD_CHECK(write(other, "x", 1) == -1 && errno == EINVAL);
        return 0;
      }),
      0);
}

TEST(ProcValues, TheHostsName) {
  struct utsname names;
  ASSERT_EQ(uname(&names), 0);
  EXPECT_EQ(get_file("/proc/sys/kernel/hostname"),
            std::string(names.nodename) + "\n");
  EXPECT_EQ(get_file("/proc/sys/kernel/domainname"),
            std::string(names.domainname) + "\n");
  EXPECT_EQ(get_file("/proc/sys/kernel/ostype"), "Linux\n");
}

TEST(ProcValues, SignalsThatArePending) {
  EXPECT_EQ(run_child([] {
              sigset_t set;
              sigemptyset(&set);
              sigaddset(&set, SIGUSR1);
              sigaddset(&set, SIGUSR2);
              CHILD_CHECK(sigprocmask(SIG_BLOCK, &set, nullptr) == 0);
              signal(SIGHUP, SIG_IGN);
              signal(SIGWINCH, [](int) {});
              const auto bit = [](int signal) {
                return uint64_t{1} << (signal - 1);
              };
              CHILD_CHECK(set_of("SigBlk") == (bit(SIGUSR1) | bit(SIGUSR2)));
              CHILD_CHECK((set_of("SigIgn") & bit(SIGHUP)) != 0);
              CHILD_CHECK((set_of("SigCgt") & bit(SIGWINCH)) != 0);
              CHILD_CHECK(set_of("SigPnd") == 0 && set_of("ShdPnd") == 0);
              kill(getpid(), SIGUSR1);
              raise(SIGUSR2);
              CHILD_CHECK(set_of("ShdPnd") == bit(SIGUSR1));
              CHILD_CHECK(set_of("SigPnd") == bit(SIGUSR2));
              siginfo_t info;
              CHILD_CHECK(sigwaitinfo(&set, &info) > 0);
              CHILD_CHECK(sigwaitinfo(&set, &info) > 0);
              CHILD_CHECK(set_of("SigPnd") == 0 && set_of("ShdPnd") == 0);
              // A child has none of them, and blocks the same.
              raise(SIGUSR2);
              return run_child([&] {
                CHILD_CHECK(set_of("SigPnd") == 0);
                CHILD_CHECK(set_of("SigBlk") == (bit(SIGUSR1) | bit(SIGUSR2)));
                return 0;
              });
            }),
            0);
}

TEST(ProcValues, WhatChildrenHaveUsed) {
  EXPECT_EQ(run_child([] {
              constexpr size_t kUserTime = 16;  // cutime, field 16
              constexpr size_t kFaults = 11;    // cminflt
              CHILD_CHECK(stat_fields().at(kUserTime) == "0");
              const auto spin = [] {
                timespec now;
                do {
                  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
                } while (now.tv_nsec < 120'000'000 && now.tv_sec == 0);
                return 0;
              };
              CHILD_CHECK(run_child(spin) == 0);
              const std::vector<std::string> fields = stat_fields();
              CHILD_CHECK(std::stol(fields.at(kUserTime)) +
                              std::stol(fields.at(kUserTime + 1)) >=
                          10);
              CHILD_CHECK(std::stol(fields.at(kFaults)) > 0);
              CHILD_CHECK(run_child([] {
                            return stat_fields().at(kUserTime) == "0" ? 0 : 1;
                          }) == 0);
              return 0;
            }),
            0);
}

// The peak of a child begins with what it has.
TEST(ProcValues, PeaksOfMemory) {
  constexpr size_t kMegabyte = 1 << 20;
  constexpr size_t kBytes = 24 * kMegabyte;
  EXPECT_EQ(run_child([] {
              char* const at = static_cast<char*>(
                  mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
              CHILD_CHECK(at != MAP_FAILED);
              for (size_t i = 0; i < kBytes; i += 4096) at[i] = 1;
              CHILD_CHECK(munmap(at, kBytes) == 0);
              CHILD_CHECK(kilobytes("VmHWM") >= long{kBytes / 1024});
              CHILD_CHECK(kilobytes("VmRSS") < long{kBytes / 1024});
              CHILD_CHECK(kilobytes("VmPeak") >=
                          kilobytes("VmSize") + long{kBytes / 1024} - 1024);
              return run_child([] {
                CHILD_CHECK(kilobytes("VmHWM") < long{kBytes / 1024});
                CHILD_CHECK(kilobytes("VmHWM") >= kilobytes("VmRSS"));
                CHILD_CHECK(kilobytes("VmPeak") >= kilobytes("VmSize"));
                return 0;
              });
            }),
            0);
}

}  // namespace
}  // namespace tine::guest
