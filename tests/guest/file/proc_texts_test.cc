// Texts of /proc that other parts than files know: the auxiliary vector, System
// V IPC, limits, filters.
// feature-map: 61
#include <elf.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/auxv.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

// The fields of the line whose second field is `id`; none: empty.
std::vector<long long> line_of(const char* kind, int id) {
  std::istringstream text(get_file(std::string("/proc/sysvipc/") + kind));
  std::string line;
  std::getline(text, line);  // the head
  while (std::getline(text, line)) {
    std::istringstream fields(line);
    std::vector<long long> values;
    std::string field;
    while (fields >> field) {
      // The third is octal.
      values.push_back(std::stoll(field, nullptr, values.size() == 2 ? 8 : 10));
    }
    if (values.size() > 2 && values[1] == id) return values;
  }
  return {};
}

long long number_in(const std::string& path) {
  const std::string text = get_file(path);
  return text == "?" ? -1 : std::stoll(text);
}

TEST(ProcTexts, AuxiliaryVector) {
  const std::string text = get_file("/proc/self/auxv");
  ASSERT_GT(text.size(), 2 * sizeof(Elf64_auxv_t));
  ASSERT_EQ(text.size() % sizeof(Elf64_auxv_t), 0u);
  std::vector<Elf64_auxv_t> entries(text.size() / sizeof(Elf64_auxv_t));
  memcpy(entries.data(), text.data(), text.size());
  EXPECT_EQ(entries.back().a_type, uint64_t{AT_NULL});
  bool has_entry = false;
  for (const Elf64_auxv_t& entry : entries) {
    if (entry.a_type == AT_NULL) break;
    // glibc answers with features of its own.
    if (entry.a_type == AT_HWCAP || entry.a_type == AT_HWCAP2) continue;
    EXPECT_EQ(entry.a_un.a_val, getauxval(entry.a_type)) << entry.a_type;
    if (entry.a_type == AT_ENTRY) has_entry = true;
  }
  EXPECT_TRUE(has_entry);
}

TEST(ProcTexts, Segments) {
  const int id = shmget(0x7a11, 5000, IPC_CREAT | IPC_EXCL | 0640);
  ASSERT_GE(id, 0);
  void* at = shmat(id, nullptr, 0);
  std::vector<long long> line = line_of("shm", id);
  ASSERT_EQ(line.size(), 16u);
  EXPECT_EQ(line[0], 0x7a11);
  EXPECT_EQ(line[2], 0640);
  EXPECT_EQ(line[3], 5000);
  EXPECT_EQ(line[4], getpid());
  EXPECT_EQ(line[5], getpid());
  EXPECT_EQ(line[6], 1);
  EXPECT_EQ(line[7], geteuid());
  shmdt(at);
  EXPECT_EQ(line_of("shm", id)[6], 0);
  EXPECT_EQ(shmctl(id, IPC_RMID, nullptr), 0);
  EXPECT_TRUE(line_of("shm", id).empty());
}

TEST(ProcTexts, QueuesAndSemaphores) {
  const int queue = msgget(0x7a12, IPC_CREAT | IPC_EXCL | 0600);
  ASSERT_GE(queue, 0);
  struct {
    long type;
    char text[5];
  } const message = {1, "text"};
  ASSERT_EQ(msgsnd(queue, &message, 5, 0), 0);
  std::vector<long long> line = line_of("msg", queue);
  ASSERT_EQ(line.size(), 14u);
  EXPECT_EQ(line[0], 0x7a12);
  EXPECT_EQ(line[2], 0600);
  EXPECT_EQ(line[3], 5);
  EXPECT_EQ(line[4], 1);
  EXPECT_EQ(line[5], getpid());
  EXPECT_EQ(msgctl(queue, IPC_RMID, nullptr), 0);
  EXPECT_TRUE(line_of("msg", queue).empty());
  const int set = semget(IPC_PRIVATE, 3, 0666);
  ASSERT_GE(set, 0);
  line = line_of("sem", set);
  ASSERT_EQ(line.size(), 10u);
  EXPECT_EQ(line[0], 0);
  EXPECT_EQ(line[2], 0666);
  EXPECT_EQ(line[3], 3);
  EXPECT_EQ(semctl(set, 0, IPC_RMID), 0);
  EXPECT_TRUE(line_of("sem", set).empty());
  // Many lines, in more than one read.
  std::vector<int> all;
  for (int i = 0; i < 40; ++i) {
    all.push_back(semget(IPC_PRIVATE, i + 1, 0600));
  }
  int count = 0;
  for (const int set_id : all) {
    const std::vector<long long> one = line_of("sem", set_id);
    ASSERT_EQ(one.size(), 10u) << set_id;
    EXPECT_EQ(one[3], ++count);
  }
  for (const int one : all) semctl(one, 0, IPC_RMID);
}

TEST(ProcTexts, LimitsOfIpc) {
  shminfo segments = {};
  ASSERT_GE(shmctl(0, IPC_INFO, reinterpret_cast<shmid_ds*>(&segments)), 0);
  EXPECT_EQ(number_in("/proc/sys/kernel/shmmni"),
            static_cast<long long>(segments.shmmni));
  EXPECT_EQ(get_file("/proc/sys/kernel/shmmax"),
            std::to_string(segments.shmmax) + "\n");
  EXPECT_EQ(get_file("/proc/sys/kernel/shmall"),
            std::to_string(segments.shmall) + "\n");
  msginfo queues = {};
  ASSERT_GE(msgctl(0, IPC_INFO, reinterpret_cast<msqid_ds*>(&queues)), 0);
  EXPECT_EQ(number_in("/proc/sys/kernel/msgmni"), queues.msgmni);
  EXPECT_EQ(number_in("/proc/sys/kernel/msgmax"), queues.msgmax);
  EXPECT_EQ(number_in("/proc/sys/kernel/msgmnb"), queues.msgmnb);
  seminfo sets = {};
  ASSERT_GE(semctl(0, 0, IPC_INFO, &sets), 0);
  std::istringstream text(get_file("/proc/sys/kernel/sem"));
  int values[4] = {};
  for (int& value : values) text >> value;
  EXPECT_EQ(values[0], sets.semmsl);
  EXPECT_EQ(values[1], sets.semmns);
  EXPECT_EQ(values[2], sets.semopm);
  EXPECT_EQ(values[3], sets.semmni);
}

TEST(ProcTexts, Settings) {
  EXPECT_GT(number_in("/proc/sys/vm/max_map_count"), 0);
  EXPECT_GE(number_in("/proc/sys/vm/mmap_min_addr"), 4096);
  EXPECT_GT(number_in("/proc/sys/kernel/sched_rr_timeslice_ms"), 0);
  EXPECT_GE(number_in("/proc/sys/kernel/randomize_va_space"), 0);
  EXPECT_EQ(number_in("/proc/sys/kernel/overflowuid"), 65534);
  EXPECT_NE(get_file("/proc/sys/kernel/core_pattern"), "?");
}

TEST(ProcTexts, TimerSlack) {
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(prctl(PR_SET_TIMERSLACK, 70'000) == 0);
              CHILD_CHECK(get_file("/proc/self/timerslack_ns") == "70000\n");
              return 0;
            }),
            0);
}

TEST(ProcTexts, Filters) {
  EXPECT_EQ(
      run_child([] {
        sock_filter allow = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
        const sock_fprog program = {1, &allow};
        CHILD_CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
        CHILD_CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
        const std::string status = get_file("/proc/self/status");
        CHILD_CHECK(status.find("\nSeccomp:\t2\n") != std::string::npos);
        return 0;
      }),
      0);
}

}  // namespace
}  // namespace tine::guest
