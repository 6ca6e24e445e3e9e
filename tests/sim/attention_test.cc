// kThreadInterrupt and kThreadRoute: a root server in the place of the process
// server brings a program's thread to itself, from wherever it is.
#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "arch/hw/machine_model.h"
#include "arch/sim/user.h"
#include "kernel/abi/boot_info.h"
#include "servers/runtime/sys.h"
#include "tests/sim/kernel_digest.h"
#include "tests/sim/servers_run.h"

namespace tine {
namespace {

constexpr Handle kProcess = 101;  // endpoints; this one root receives on
constexpr Handle kVfs = 102;      // on this one only when the test says so
constexpr Handle kRoute = 103;
constexpr Handle kAllToProcess = 104;
constexpr Handle kSpace = 105;
constexpr Handle kThread = 106;
constexpr Handle kClock = 107;
constexpr u64 kCookie = u64{7} << 32;
constexpr u64 kBadge = u64{9} << 32;
constexpr u64 kCallToProcess = 40;
constexpr u64 kCallToVfs = 41;
constexpr u64 kEntry = 0x60'0000;

void ok(const Op& op) { ASSERT_EQ(sys::run(op).status, Status::kOk); }

InterruptResult interrupt() {
  u64 result = ~u64{0};
  EXPECT_EQ(sys::run({OpCode::kThreadInterrupt, kThread}, &result).status,
            Status::kOk);
  EXPECT_EQ(check_kernel(), "");
  return static_cast<InterruptResult>(result);
}

void make_thread() {
  ok({OpCode::kEndpointNew, kRootPool, kProcess});
  ok({OpCode::kEndpointNew, kRootPool, kVfs});
  ok({OpCode::kNotificationNew, kRootPool, kClock});
  ok({OpCode::kNotificationBind, kClock, kProcess});
  ok({OpCode::kRouteNew, kRootPool, kRoute, kProcess, kProcess, kVfs});
  ok({OpCode::kRouteNew, kRootPool, kAllToProcess, kProcess, kProcess, kVfs});
  ok({OpCode::kRouteSet, kRoute, kCallToVfs, static_cast<u64>(Route::kVfs)});
  ok({OpCode::kSpaceNew, kRootPool, kSpace, kBadge,
      static_cast<u64>(SpaceKind::kLoadable)});
  ok({OpCode::kThreadNew, kRootPool, kThread, kSpace,
      static_cast<u64>(ThreadKind::kManaged), kRoute});
  hw::init_user_frame(*reinterpret_cast<hw::TrapFrame*>(sys::utcb().registers),
                      kEntry, 0);
  hw::init_user_state(
      *reinterpret_cast<hw::UserState*>(sys::utcb().user_state));
  ok({OpCode::kThreadRegisters, kThread, 0,
      static_cast<u64>(RegistersAction::kSet)});
}

void publish() { ok({OpCode::kThreadPublish, kThread, 0, kCookie}); }

// Lets the program run until the time has passed.
void let_run(u64 ns) {
  ok({OpCode::kTimerSet, kClock, 1, sys::clock_ns() + ns});
  const sys::Message in = sys::receive(kProcess);
  ASSERT_EQ(tag_label(in.tag), kLabelNotification);
}

sys::Message expect_attention(u64 pc = kEntry) {
  const sys::Message in = sys::receive(kProcess);
  EXPECT_EQ(tag_label(in.tag), kLabelAttention);
  EXPECT_EQ(in.target, kCookie);
  EXPECT_EQ(in.words[6], kBadge);
  EXPECT_EQ(in.words[2], pc);
  EXPECT_EQ(in.words[0], 0u);
  return in;
}

sys::Message expect_call(Handle endpoint, u64 number) {
  const sys::Message in = sys::receive(endpoint);
  EXPECT_EQ(tag_label(in.tag), kLabelSyscall);
  EXPECT_EQ(in.words[7], number);
  EXPECT_EQ(in.words[0], 11u);
  return in;
}

void reply(u64 token, u64 word, ReplyFlag flag) {
  ok({OpCode::kReply, kNoHandle, token, word, make_tag(0, flag)});
}

// Runs `root` beside a program.
void run(std::function<void()> root, std::function<void(sim::User&)> program) {
  ServersRun run({{"root", std::move(root)}});
  bool ended = false;
  run.machine().add_code(kEntry, sim::User::code(
                                     run.machine(),
                                     [&](sim::User& user) {
                                       program(user);
                                       ended = true;
                                       return 0;
                                     },
                                     false));
  EXPECT_EQ(run.run(), sim::RunState::kOff);
  EXPECT_EQ(run.machine().status(), 0u);
  EXPECT_TRUE(ended);
}

// Root's last step: the program has nothing more to do.
void expect_end() {
  const sys::Message in = sys::receive(kProcess);
  EXPECT_EQ(tag_label(in.tag), kLabelSyscall);
}

TEST(Attention, ComesFromTheMiddleOfAProgram) {
  run(
      [] {
        make_thread();
        EXPECT_EQ(interrupt(), InterruptResult::kNotLive);  // an embryo
        publish();
        let_run(1'000'000);
        EXPECT_EQ(interrupt(), InterruptResult::kPosted);
        EXPECT_EQ(interrupt(), InterruptResult::kOnItsWay);
        const sys::Message in = expect_attention();
        EXPECT_EQ(interrupt(), InterruptResult::kHeldByCaller);
        // A result has no place to go to.
        reply(in.token, 99, kReplyResume);
        let_run(1'000'000);
        EXPECT_EQ(interrupt(), InterruptResult::kPosted);
        reply(expect_attention().token, 99, kReplyResume);
        expect_end();
      },
      [](sim::User& user) { user.spin(30'000); });
}

TEST(Attention, CallThatNobodyTookIsMadeAgain) {
  run(
      [] {
        constexpr u64 kTrap = kEntry - sim::kTrapBytes;
        make_thread();
        publish();
        let_run(1'000'000);  // it queues at the vfs endpoint
        EXPECT_EQ(interrupt(), InterruptResult::kPosted);
        reply(expect_attention(kTrap).token, 99, kReplyResume);
        // The same once more, but passed on by a server that held it.
        const sys::Message held = expect_call(kVfs, kCallToVfs);
        ok({OpCode::kForward, kNoHandle, held.token, kVfs, 0x500, 11});
        EXPECT_EQ(interrupt(), InterruptResult::kPosted);
        reply(expect_attention(kTrap).token, 99, kReplyResume);
        reply(expect_call(kVfs, kCallToVfs).token, 5, kReplyResult);
        expect_end();
      },
      [](sim::User& user) {
        EXPECT_EQ(user.syscall(kCallToVfs, {11, 12}), 5);
      });
}

TEST(Attention, CallForTheProcessServerStaysAsItIs) {
  run(
      [] {
        make_thread();
        publish();
        (void)sys::run(
            {OpCode::kTimerSet, kClock, 1, sys::clock_ns() + 1'000'000});
        // Nobody receives on kProcess meanwhile.
        reply(expect_call(kVfs, kCallToVfs).token, 1, kReplyResult);
        reply(expect_call(kVfs, kCallToVfs).token, 2, kReplyResult);
        sys::Message in = sys::receive(kProcess);
        if (tag_label(in.tag) == kLabelNotification)
          in = sys::receive(kProcess);
        EXPECT_EQ(tag_label(in.tag), kLabelSyscall);
        EXPECT_EQ(interrupt(), InterruptResult::kHeldByCaller);
        reply(in.token, 3, kReplyResult);
        expect_end();
      },
      [](sim::User& user) {
        EXPECT_EQ(user.syscall(kCallToVfs, {11}), 1);
        EXPECT_EQ(user.syscall(kCallToVfs, {11}), 2);
        EXPECT_EQ(user.syscall(kCallToProcess, {11}), 3);
      });
}

TEST(Attention, FaultIsWithdrawnAndComesAgain) {
  run(
      [] {
        make_thread();
        // Faults go to an endpoint of their own.
        ok({OpCode::kRouteNew, kRootPool, 110, kProcess, kVfs, kVfs});
        ok({OpCode::kThreadRoute, kThread, 0, 110});
        publish();
        let_run(1'000'000);
        EXPECT_EQ(interrupt(), InterruptResult::kPosted);
        reply(expect_attention().token, 0, kReplyResume);
        const sys::Message fault = sys::receive(kVfs);
        EXPECT_EQ(tag_label(fault.tag), kLabelFault);
        EXPECT_EQ(fault.words[0], 0x1234'5000u);
        ok({OpCode::kSpacePopulate, kSpace, 0x1234'5000, 0, 0, 1,
            u64{Rights::kRead}});
        reply(fault.token, 0, kReplyResume);
        expect_end();
      },
      [](sim::User& user) { EXPECT_EQ(user.load8(0x1234'5000), 0); });
}

TEST(Attention, AnswerAndAttentionInOneBatch) {
  run(
      [] {
        make_thread();
        publish();
        const sys::Message in = expect_call(kProcess, kCallToProcess);
        sys::Batch batch;
        batch.add(OpCode::kReply, kNoHandle, in.token, 77,
                  make_tag(0, kReplyResult));
        const Op& result = batch.add(OpCode::kThreadInterrupt, kThread);
        ASSERT_EQ(batch.run().status, Status::kOk);
        EXPECT_EQ(result.result, static_cast<u64>(InterruptResult::kPosted));
        // The result that it has been given stays.
        reply(expect_attention().token, 99, kReplyResume);
        expect_end();
      },
      [](sim::User& user) {
        EXPECT_EQ(user.syscall(kCallToProcess, {11}), 77);
      });
}

TEST(Attention, ServersCannotBeInterrupted) {
  ServersRun run(
      {{"root", [] {
          EXPECT_EQ(sys::run({OpCode::kThreadInterrupt, kRootThread}).status,
                    Status::kInvalid);
          ok({OpCode::kEndpointNew, kRootPool, kProcess});
          ok({OpCode::kRouteNew, kRootPool, kRoute, kProcess});
          EXPECT_EQ(
              sys::run({OpCode::kThreadRoute, kRootThread, 0, kRoute}).status,
              Status::kInvalid);
          EXPECT_EQ(
              sys::run({OpCode::kThreadRoute, kNoHandle, 5, kRoute}).status,
              Status::kStale);
        }}});
  EXPECT_EQ(run.run(), sim::RunState::kOff);
}

TEST(CpuTime, IsThatOfTheSlice) {
  run(
      [] {
        make_thread();
        const auto stat = [] {
          sys::Batch batch;
          const Op& op = batch.add(OpCode::kThreadStat, kThread);
          EXPECT_EQ(batch.run().status, Status::kOk);
          return std::pair{op.a, op.b};
        };
        EXPECT_EQ(stat(), std::pair(u64{0}, u64{0}));
        publish();
        u64 before = sys::clock_ns();
        let_run(30'000'000);
        u64 most = sys::clock_ns() - before;
        const auto [user, served] = stat();
        EXPECT_GE(user, most - 1'000'000);
        EXPECT_LE(user + served, most + 1'000'000);
        const sys::Message in = expect_call(kProcess, kCallToProcess);
        const auto [user_then, served_then] = stat();
        EXPECT_GT(user_then, user);
        // A server works for it until the end of its slice has found that.
        for (int i = 0; i < 40'000; ++i) (void)sys::clock_ns();
        const auto [user_last, served_last] = stat();
        EXPECT_GT(served_last, served_then);
        EXPECT_GE(user_last, user_then);
        // While nothing is ready, time is nobody's.
        let_run(50'000'000);
        const auto [user_idle, served_idle] = stat();
        EXPECT_LE(user_idle + served_idle, user_last + served_last + 1'000'000);
        reply(in.token, 1, kReplyResult);
        expect_end();
      },
      [](sim::User& user) {
        user.spin(80'000);
        user.syscall(kCallToProcess, {11});
      });
}

TEST(ThreadRoute, IsInheritedByClones) {
  constexpr Handle kChild = 111;
  run(
      [] {
        make_thread();
        publish();
        reply(expect_call(kVfs, kCallToVfs).token, 1, kReplyResult);
        const sys::Message in = expect_call(kProcess, kCallToProcess);
        sys::Batch batch;
        batch.add(OpCode::kThreadRoute, kNoHandle, in.token, kAllToProcess);
        batch.add(OpCode::kThreadClone, kNoHandle, in.token, kChild, kSpace);
        batch.add(OpCode::kThreadPublish, kChild, 0, kCookie + 1);
        ASSERT_EQ(batch.run().status, Status::kOk);
        reply(in.token, 1, kReplyResult);
        for (int calls = 0; calls < 2; ++calls) {
          const sys::Message call = expect_call(kProcess, kCallToVfs);
          if (call.target == kCookie) reply(call.token, 2, kReplyResult);
        }
        expect_end();
      },
      [](sim::User& user) {
        EXPECT_EQ(user.syscall(kCallToVfs, {11}), 1);
        user.spawn(
            [](sim::User& child) {
              return static_cast<i32>(child.syscall(kCallToVfs, {11}));
            },
            kCallToProcess, {11});
        EXPECT_EQ(user.syscall(kCallToVfs, {11}), 2);
      });
}

}  // namespace
}  // namespace tine
