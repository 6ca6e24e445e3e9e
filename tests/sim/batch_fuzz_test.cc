// Random batches and native calls of a server, by seed: the kernel stays
// consistent, and a batch that fails changes nothing.
#include <gtest/gtest.h>

#include <random>

#include "servers/root/start_server.h"
#include "servers/runtime/sys.h"
#include "tests/sim/kernel_digest.h"
#include "tests/sim/servers_run.h"

namespace tine {
namespace {

constexpr Handle kFaults = kRootFirstFree;
constexpr Handle kMinted = kRootFirstFree + 1;
constexpr Handle kFirst = 100;  // slots that the fuzzer uses
constexpr u64 kSlots = 24;
constexpr u64 kLastCode = static_cast<u64>(OpCode::kShutdown);

class BatchFuzzer {
 public:
  explicit BatchFuzzer(u64 seed) : random_(seed) {}

  void run() {
    for (int round = 0; round < 1500; ++round) {
      const KernelDigest before = digest_kernel();
      sys::Batch batch;
      const u64 count = 1 + below(below(4) == 0 ? 12 : 3);
      bool progressive = false;
      for (u64 i = 0; i < count; ++i) progressive |= add(batch, count == 1);
      const sys::BatchResult result = batch.run();
      refused_ += result.status != Status::kOk;
      done_ += result.status == Status::kOk;
      if (result.status != Status::kOk && !progressive) {
        ASSERT_EQ(digest_kernel(), before)
            << "round " << round << " status "
            << static_cast<int>(result.status) << " at " << result.failed;
      }
      copy();
      if (round % 10 == 0) ASSERT_EQ(check_kernel(), "") << "round " << round;
    }
    EXPECT_EQ(check_kernel(), "");
    EXPECT_GT(done_, 50u);
    EXPECT_GT(refused_, 50u);
    EXPECT_GT(copied_, 0u);
  }

 private:
  u64 below(u64 bound) { return random_() % bound; }

  // Slots by the type of what is made in them; now and then any.
  u64 slot(u64 from = 0, u64 count = kSlots) {
    if (below(40) == 0) return random_();
    if (below(12) == 0) return kFirst + below(kSlots);
    return kFirst + from + below(count);
  }
  u64 space() { return slot(0, 6); }
  u64 endpoint() { return slot(6, 4); }
  u64 notification() { return slot(10, 4); }
  u64 route() { return slot(14, 2); }
  u64 thread() { return slot(16, 6); }

  u64 argument() {
    switch (below(8)) {
      case 0:
        return 0;
      case 1:
        return below(4);
      case 2:
        return below(64) * kPageSize;
      case 3:
        return u64{1} << below(64);
      case 4:
        return random_();
      case 5:
        return kCopyEndSelf;
      default:
        return slot();
    }
  }

  void copy() {
    const u64 here = reinterpret_cast<u64>(buffer_);
    const bool is_to_here = below(2) == 0;
    const bool is_from_here = below(4) == 0;
    const u64 to = is_to_here ? kCopyEndSelf : space();
    const u64 to_at = is_to_here ? here : below(64) * kPageSize;
    const u64 from = is_from_here ? kCopyEndSelf : space();
    const u64 from_at =
        is_from_here ? here : below(64) * kPageSize + below(kPageSize);
    const u64 bytes = below(sizeof(buffer_));
    const sys::CopyResult result =
        sys::copy_between(to, to_at, from, from_at, bytes);
    EXPECT_LE(result.done, bytes);
    copied_ += result.done;
  }

  // Most of the time something that makes sense. True: it may do part of its
  // work before it fails.
  bool add(sys::Batch& batch, bool alone) {
    const auto code = static_cast<OpCode>(below(kLastCode + 2));
    const bool starts_thread =
        code == OpCode::kThreadPublish || code == OpCode::kThreadClone;
    // It would end the run, or end it for want of a guardian.
    if (code == OpCode::kShutdown) {
      batch.add(OpCode::kPoolStat, kSelfPool);
      return false;
    }
    Handle handle = static_cast<Handle>(slot());
    u64 a = argument();
    u64 b = argument();
    u64 c = argument();
    u64 d = argument();
    u64 e = argument();
    const u64 pages_at = below(64) * kPageSize;
    switch (code) {
      case OpCode::kPoolSplit:
        handle = kSelfPool;
        a = slot(22, 2);
        b = below(3);
        break;
      case OpCode::kPoolStat:
        handle = kSelfPool;
        break;
      case OpCode::kSpaceNew:
        handle = kSelfPool;
        a = kFirst + below(6);
        c = below(16) == 0 ? c : below(2);
        break;
      case OpCode::kSpaceFork:
        handle = static_cast<Handle>(space());
        a = kFirst + below(6);
        c = kSelfPool;
        d = below(3);
        break;
      case OpCode::kSpaceMap:
        handle = static_cast<Handle>(space());
        a = pages_at;
        b = space();
        c = below(64) * kPageSize;
        d = below(100);
        e = below(8) | below(2) << 8 | below(2) << 16;
        break;
      case OpCode::kSpacePresent:
      case OpCode::kSpaceMark:
      case OpCode::kSpaceProtect:
      case OpCode::kSpaceUnmap:
      case OpCode::kSpacePopulate:
      case OpCode::kSpaceResolve:
        handle = static_cast<Handle>(space());
        a = below(8) == 0 ? a : pages_at;
        d = below(60);
        e = below(9);
        break;
      case OpCode::kSpaceStat:
      case OpCode::kSpaceValid:
      case OpCode::kSpaceDestroy:
        handle = static_cast<Handle>(space());
        break;
      case OpCode::kThreadNew:
        handle = kSelfPool;
        a = thread();
        b = space();
        c = below(8) == 0 ? 1 : 0;
        // A server's guardian is root.
        d = c == 1 ? kCallMemory : route();
        break;
      case OpCode::kThreadRegisters:
      case OpCode::kThreadBreakpoints:
      case OpCode::kThreadSpace:
        handle = static_cast<Handle>(thread());
        a = 0;
        b = code == OpCode::kThreadSpace ? space() : below(3);
        break;
      case OpCode::kThreadRoute:
        handle = static_cast<Handle>(thread());
        a = 0;
        b = route();
        break;
      case OpCode::kThreadPublish:
      case OpCode::kThreadKill:
      case OpCode::kThreadInterrupt:
        handle = static_cast<Handle>(thread());
        break;
      case OpCode::kThreadPriority:
        handle = static_cast<Handle>(thread());
        a = below(kPriorities + 1);
        b = below(3) * kSliceNs;
        break;
      case OpCode::kEndpointNew:
        handle = kSelfPool;
        a = endpoint();
        break;
      case OpCode::kEndpointMint:
        handle = static_cast<Handle>(endpoint());
        a = endpoint();
        break;
      case OpCode::kNotificationNew:
        handle = kSelfPool;
        a = notification();
        break;
      case OpCode::kNotificationBind:
        handle = static_cast<Handle>(notification());
        a = endpoint();
        break;
      case OpCode::kNotify:
      case OpCode::kTimerSet:
        handle = static_cast<Handle>(notification());
        b = below(2) * 1000;
        break;
      case OpCode::kRouteNew:
        handle = kSelfPool;
        a = route();
        b = below(2) == 0 ? 0 : endpoint();
        c = below(2) == 0 ? 0 : endpoint();
        d = below(2) == 0 ? 0 : endpoint();
        break;
      case OpCode::kRouteSet:
        handle = static_cast<Handle>(route());
        a = below(520);
        b = below(4);
        break;
      case OpCode::kHandlePut:
        a = thread();
        b = slot();
        break;
      case OpCode::kHandleClose:
        // Not of a space: one that nobody can name would be lost to the
        // checker.
        handle = static_cast<Handle>(kFirst + 6 + below(kSlots - 6));
        break;
      case OpCode::kStore:
        a = reinterpret_cast<u64>(&word_) + (below(8) == 0 ? random_() : 0);
        break;
      default:
        break;
    }
    batch.add(code, handle, a, b, c, d, e, static_cast<u32>(below(4)));
    return alone || starts_thread;
  }

  std::mt19937_64 random_;
  u64 word_ = 0;
  u8 buffer_[3 * kPageSize] = {};
  u64 done_ = 0;
  u64 refused_ = 0;
  u64 copied_ = 0;
};

// Root starts the server under test, and then hears of the faults of what that
// one starts.
void guard() {
  const BootInfo& boot = boot_info();
  must(sys::run({OpCode::kEndpointNew, kRootPool, kFaults}));
  const StartedServer fuzzer = start_server({.name = "fuzzer",
                                             .id = ServerId::kProcess,
                                             .heap_bytes = kPageSize,
                                             .pool_frames = 2000},
                                            boot, kFaults);
  const StartedServer echo = start_server({.name = "echo",
                                           .id = ServerId::kMemory,
                                           .heap_bytes = kPageSize,
                                           .pool_frames = 16},
                                          boot, kFaults);
  must(sys::run({OpCode::kEndpointMint, kFaults, kMinted, 1}));
  must(sys::run({OpCode::kEndpointMint, echo.endpoint, kMinted + 1, 1}));
  must(sys::run({OpCode::kHandlePut, kMinted, fuzzer.thread, kCallMemory}));
  must(sys::run({OpCode::kHandlePut, kMinted + 1, fuzzer.thread, kCallVfs}));
  publish(echo);
  publish(fuzzer);
  for (;;) (void)sys::receive(kFaults);
}

void echo() {
  sys::Message in = sys::receive(kSelfEndpoint);
  for (;;) in = sys::reply_receive(kSelfEndpoint, in.token, in);
}

class Seeded : public testing::TestWithParam<int> {
 protected:
  void run(ServerBody fuzzer) {
    ServersRun run(
        {{"root", guard},
         {"echo", echo},
         {"fuzzer",
          [&] {
            fuzzer();
            sim::machine->power_off(9);
          }}},
        {.memory_bytes = u64{24} << 20, .seed = static_cast<u64>(GetParam())});
    EXPECT_EQ(run.run(), sim::RunState::kOff);
    EXPECT_EQ(run.machine().status(), 9u);
  }
};

TEST_P(Seeded, Batches) {
  run([] { BatchFuzzer(static_cast<u64>(GetParam())).run(); });
}

TEST_P(Seeded, NativeCalls) {
  run([] {
    std::mt19937_64 random(static_cast<u64>(GetParam()));
    u64 returned = 0;
    for (int i = 0; i < 3000; ++i) {
      // Something is there to be received or waited for, if anything is asked.
      must(sys::run({OpCode::kNotify, kSelfNotification, 1}));
      sys::Message message{};
      for (u64& word : message.words) {
        word = random() % 3 == 0 ? random() : random() % 40;
      }
      message.tag = random() & 0xffff'ffff;
      if (random() % 2 == 0) message.tag = (random() % 12) << 24 | 7;
      message.token = random() % 4 == 0 ? 0 : random();
      const Handle targets[] = {
          kCallVfs,          kSelfEndpoint,
          kSelfNotification, kSelfPool,
          kSelfThread,       kNoHandle,
          kMaxHandles,       static_cast<Handle>(random())};
      message.target = targets[random() % 8];
      const auto op = static_cast<NativeOp>(message.tag >> 24 & 0xff);
      // A call to itself waits for ever; kFail ends the run as it should.
      if (op == NativeOp::kCall && message.target == kSelfEndpoint) continue;
      if (op == NativeOp::kDebug && message.words[0] == 2) continue;
      if (op == NativeOp::kDebug && message.words[0] == 4) continue;
      // What is in the UTCB is the last batch; a longer one is refused.
      sys::utcb().count = static_cast<u32>(random() % 40);
      for (Op& entry : sys::utcb().ops) entry.code = OpCode::kPoolStat;
      sys::native_trap(message);
      ++returned;
      if (i % 50 == 0) ASSERT_EQ(check_kernel(), "");
    }
    EXPECT_GT(returned, 2000u);
  });
}

INSTANTIATE_TEST_SUITE_P(Seeds, Seeded, testing::Range(1, 25));

}  // namespace
}  // namespace tine
