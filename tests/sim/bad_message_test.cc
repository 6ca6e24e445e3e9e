// Requests that no server of ours makes: each is answered, none does harm.
#include <gtest/gtest.h>

#include <random>

#include "servers/linux_abi/arch/syscall_numbers.h"
#include "servers/protocol/console.h"
#include "servers/protocol/memory.h"
#include "servers/protocol/vfs.h"
#include "servers/runtime/sys.h"
#include "tests/sim/kernel_digest.h"
#include "tests/sim/server_bodies.h"
#include "tests/sim/system.h"

namespace tine {
namespace {

class Garbage {
 public:
  explicit Garbage(u64 seed) : random_(seed) {}

  u64 operator()() {
    const u64 draw = random_();
    switch (draw % 10) {
      case 0:
        return 0;
      case 1:
        return ~u64{0};
      case 2:
        return draw >> 8;
      case 3:
        return draw >> 56;
      case 4:
        return (draw >> 16) % 64 * kPageSize;
      case 5:
        return kFirstUserBadge | (draw >> 8) % 8;
      case 6:
        return u64{1} << (draw >> 8) % 64;
      case 7:
        return 1000 + (draw >> 8) % 64;  // a slot for a handle
      case 8:
        return 0 - (draw >> 8) % 4096;
      default:
        return answers_.empty() ? 1 : answers_[(draw >> 8) % answers_.size()];
    }
  }
  u64 below(u64 bound) { return random_() % bound; }
  // What the servers gave before, such as the names of mms and objects.
  void learn(u64 value) {
    if (answers_.size() == 64) answers_.erase(answers_.begin());
    answers_.push_back(value);
  }

 private:
  std::mt19937_64 random_;
  std::vector<u64> answers_;
};

// Calls the endpoint with labels around those it knows.
void attack(Handle endpoint, u16 first_label, u64 labels, Garbage& garbage) {
  for (int i = 0; i < 1500; ++i) {
    const u16 label =
        garbage.below(8) == 0
            ? static_cast<u16>(garbage.below(kLabelKernel))
            : static_cast<u16>(first_label + garbage.below(labels));
    sys::Message request = sys::make_message(label);
    request.tag |= garbage.below(2) * (garbage() & 0xff'0000);
    for (u64& word : request.words) word = garbage();
    const sys::Message answer = sys::call(endpoint, request);
    EXPECT_NE(tag_label(answer.tag), kLabelError) << label;
    if (answer.words[0] == 0) garbage.learn(answer.words[1]);
    if (i % 100 == 0) EXPECT_EQ(check_kernel(), "");
    // Handles that came with answers make room for others.
    for (Handle slot = 1000; i % 16 == 0 && slot < 1064; ++slot) {
      (void)sys::run({OpCode::kHandleClose, slot});
    }
  }
}

class BadMessage : public testing::TestWithParam<int> {};

// In the place of the process server: may call memory and vfs.
TEST_P(BadMessage, MemoryAndVfsAnswerAll) {
  bool done = false;
  ServerBodies bodies = system_servers();
  bodies["process"] = [&] {
    Garbage garbage(static_cast<u64>(GetParam()));
    attack(kCallMemory, static_cast<u16>(MemoryLabel::kMmNew), 13, garbage);
    attack(kCallVfs, static_cast<u16>(VfsLabel::kExecOpen), 5, garbage);
    done = true;
    (void)sys::run({OpCode::kShutdown, kRunControl, 9});
  };
  ServersRun run(std::move(bodies),
                 {.initrd = sim::make_archive(
                      {{"dir", 0040755, ""}, {"file", 0100755, "text"}})});
  EXPECT_EQ(run.run(), sim::RunState::kOff);
  EXPECT_TRUE(done);
  EXPECT_EQ(run.machine().status(), 9u);
  for (const std::string& line : run.machine().records().log) {
    SCOPED_TRACE(line);
    if (!done) ADD_FAILURE();
  }
}

// In the place of the vfs server: may call memory and console.
TEST_P(BadMessage, ConsoleAnswersAll) {
  bool done = false;
  ServerBodies bodies = system_servers();
  bodies["process"] = [] { (void)sys::receive(kSelfEndpoint); };
  bodies["vfs"] = [&] {
    Garbage garbage(static_cast<u64>(GetParam()));
    attack(kCallConsole, static_cast<u16>(ConsoleLabel::kWrite), 3, garbage);
    attack(kCallMemory, static_cast<u16>(MemoryLabel::kMmNew), 13, garbage);
    done = true;
    sim::machine->power_off(9);
  };
  ServersRun run(std::move(bodies));
  EXPECT_EQ(run.run(), sim::RunState::kOff);
  EXPECT_TRUE(done);
}

// A program: every number with every kind of argument.
TEST_P(BadMessage, WildSystemCallsEndOnlyTheProgram) {
  System system({.memory_bytes = u64{24} << 20, .check_every = 40});
  system.add_program("bin/other", [](User&) { return 0; });
  u64 calls = 0;
  system.run([&](User& user) {
    System::Counts before{};
    for (u64 round = 0; round < 12; ++round) {
      if (round == 1) before = System::counts();
      const i64 pid = user.fork([&](User& child) {
        Garbage garbage(static_cast<u64>(GetParam()) * 100 + round);
        for (int i = 0; i < 150; ++i) {
          const auto number = garbage.below(520);
          // Those that would wait for ever, or make another process, or what
          // outlives this one.
          switch (static_cast<Nr>(number)) {
            case Nr::kClone:
            case Nr::kClone3:
            case Nr::kPause:
            case Nr::kRtSigsuspend:
            case Nr::kRtSigtimedwait:
            case Nr::kFutex:
            case Nr::kNanosleep:
            case Nr::kClockNanosleep:
            case Nr::kPoll:
            case Nr::kPpoll:
            case Nr::kSelect:
            case Nr::kPselect6:
            case Nr::kExecve:
            case Nr::kExecveat:
            case Nr::kRead:
            case Nr::kReadv:
            case Nr::kPread64:
            case Nr::kPreadv:
            case Nr::kShmget:
            case Nr::kSemget:
            case Nr::kMsgget:
              continue;
            default:
              break;
          }
          if (number == static_cast<u64>(Nr::kFork) ||
              number == static_cast<u64>(Nr::kVfork)) {
            continue;
          }
          ++calls;
          child.syscall(number, {garbage(), garbage(), garbage(), garbage(),
                                 garbage(), garbage()});
        }
        return 3;
      });
      EXPECT_GT(pid, 0);
      EXPECT_EQ(wait4(user, pid, sim::kDataAddress), pid);
    }
    EXPECT_EQ(System::counts(), before);
    return 0;
  });
  EXPECT_EQ(system.state(), sim::RunState::kOff);
  EXPECT_EQ(system.status(), 0u) << system.log();
  EXPECT_GT(calls, 100u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, BadMessage, testing::Range(1, 9));

}  // namespace
}  // namespace tine
