// What /proc says of System V IPC: objects and limits.
// feature-map: 68
#include <gtest/gtest.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace tine::guest {
namespace {

// One object, by the names of the columns.
using Line = std::map<std::string, long>;

// That of the id; `id_name` is how its column is called.
Line line_of(const std::string& kind, const std::string& id_name, int id) {
  std::ifstream file("/proc/sysvipc/" + kind);
  std::string names;
  EXPECT_TRUE(std::getline(file, names)) << kind;
  std::string text;
  while (std::getline(file, text)) {
    std::istringstream columns(names);
    std::istringstream values(text);
    Line line;
    std::string name;
    std::string value;
    while (columns >> name && values >> value) {
      line[name] = std::stol(value, nullptr, name == "perms" ? 8 : 10);
    }
    if (line[id_name] == id) return line;
  }
  return {};
}

long number_in(const std::string& name) {
  std::ifstream file("/proc/sys/kernel/" + name);
  std::string text;
  EXPECT_TRUE(file >> text) << name;
  return static_cast<long>(std::stoul(text));
}

TEST(SysvProc, Queues) {
  constexpr key_t kKey = 0x7469'6e55;
  const int id = msgget(kKey, IPC_CREAT | 0640);
  ASSERT_GE(id, 0);
  const struct {
    long type;
    char text[6];
  } letter{1, "hello"};
  ASSERT_EQ(msgsnd(id, &letter, 5, 0), 0);
  Line line = line_of("msg", "msqid", id);
  EXPECT_EQ(line["key"], kKey);
  EXPECT_EQ(line["perms"], 0640);
  EXPECT_EQ(line["cbytes"], 5);
  EXPECT_EQ(line["qnum"], 1);
  EXPECT_EQ(line["lspid"], getpid());
  EXPECT_EQ(line["lrpid"], 0);
  EXPECT_EQ(line["uid"], geteuid());
  EXPECT_EQ(line["cgid"], getegid());
  EXPECT_GT(line["stime"], 0);
  EXPECT_EQ(line["rtime"], 0);
  EXPECT_GT(line["ctime"], 0);
  ASSERT_EQ(msgctl(id, IPC_RMID, nullptr), 0);
  EXPECT_TRUE(line_of("msg", "msqid", id).empty());
}

TEST(SysvProc, Semaphores) {
  const int id = semget(IPC_PRIVATE, 7, 0600);
  ASSERT_GE(id, 0);
  Line line = line_of("sem", "semid", id);
  EXPECT_EQ(line["key"], 0);
  EXPECT_EQ(line["perms"], 0600);
  EXPECT_EQ(line["nsems"], 7);
  EXPECT_EQ(line["uid"], geteuid());
  EXPECT_EQ(line["otime"], 0);
  EXPECT_GT(line["ctime"], 0);
  ASSERT_EQ(semctl(id, 0, IPC_RMID), 0);
  EXPECT_TRUE(line_of("sem", "semid", id).empty());
}

TEST(SysvProc, Segments) {
  const int id = shmget(IPC_PRIVATE, 5000, 0600);
  ASSERT_GE(id, 0);
  auto* const memory = static_cast<char*>(shmat(id, nullptr, 0));
  memory[0] = 1;
  Line line = line_of("shm", "shmid", id);
  EXPECT_EQ(line["key"], 0);
  EXPECT_EQ(line["size"], 5000);
  EXPECT_EQ(line["cpid"], getpid());
  EXPECT_EQ(line["lpid"], getpid());
  EXPECT_EQ(line["nattch"], 1);
  EXPECT_EQ(line["gid"], getegid());
  EXPECT_GT(line["atime"], 0);
  EXPECT_EQ(line["dtime"], 0);
  EXPECT_EQ(line["rss"], 4096);
  EXPECT_EQ(line["swap"], 0);
  ASSERT_EQ(shmctl(id, IPC_RMID, nullptr), 0);
  EXPECT_NE(line_of("shm", "shmid", id)["perms"] & 01000, 0);
  ASSERT_EQ(shmdt(memory), 0);
  EXPECT_TRUE(line_of("shm", "shmid", id).empty());
}

// More lines than one read takes.
TEST(SysvProc, ManyObjects) {
  constexpr int kMost = 100;
  int ids[kMost];
  for (int& id : ids) {
    id = semget(IPC_PRIVATE, 2, 0600);
    ASSERT_GE(id, 0);
  }
  for (const int id : ids) {
    EXPECT_EQ(line_of("sem", "semid", id)["nsems"], 2);
  }
  for (const int id : ids) semctl(id, 0, IPC_RMID);
}

TEST(SysvProc, Limits) {
  msginfo queues{};
  ASSERT_GE(msgctl(0, IPC_INFO, reinterpret_cast<msqid_ds*>(&queues)), 0);
  EXPECT_EQ(number_in("msgmax"), queues.msgmax);
  EXPECT_EQ(number_in("msgmnb"), queues.msgmnb);
  EXPECT_EQ(number_in("msgmni"), queues.msgmni);
  seminfo semaphores{};
  ASSERT_GE(semctl(0, 0, IPC_INFO, &semaphores), 0);
  std::ifstream file("/proc/sys/kernel/sem");
  int in_set = 0, all = 0, operations = 0, sets = 0;
  ASSERT_TRUE(file >> in_set >> all >> operations >> sets);
  EXPECT_EQ(in_set, semaphores.semmsl);
  EXPECT_EQ(all, semaphores.semmns);
  EXPECT_EQ(operations, semaphores.semopm);
  EXPECT_EQ(sets, semaphores.semmni);
  shminfo segments{};
  ASSERT_GE(shmctl(0, IPC_INFO, reinterpret_cast<shmid_ds*>(&segments)), 0);
  EXPECT_EQ(number_in("shmmni"), static_cast<long>(segments.shmmni));
  EXPECT_EQ(number_in("shmmax"), static_cast<long>(segments.shmmax));
  EXPECT_EQ(number_in("shmall"), static_cast<long>(segments.shmall));
}

}  // namespace
}  // namespace tine::guest
