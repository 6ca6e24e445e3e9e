// kThreadBreakpoints: whose breakpoints act when, with a root server in the
// place of the process server.
#include "kernel/thread/breakpoints.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <utility>

#include "arch/hw/debug_unit.h"
#include "arch/sim/user.h"
#include "kernel/abi/boot_info.h"
#include "servers/runtime/sys.h"
#include "tests/sim/kernel_digest.h"
#include "tests/sim/servers_run.h"

namespace tine {
namespace {

constexpr Handle kProcess = 101;  // the endpoint
constexpr Handle kRoute = 103;
constexpr Handle kSpace = 105;
constexpr Handle kFirst = 106;
constexpr Handle kSecond = 107;
constexpr Handle kChild = 108;
constexpr u64 kCookie = u64{7} << 32;
constexpr u64 kEntry = 0x60'0000;  // of the first; the second's is above
constexpr u64 kEntryDistance = 0x1000;
constexpr u64 kCallNumber = 40;
constexpr u64 kHere = 0x61'0000;
constexpr u64 kThere = 0x62'0000;
constexpr int kRounds = 200;
constexpr u64 kGet = static_cast<u64>(RegistersAction::kGet);
constexpr u64 kSet = static_cast<u64>(RegistersAction::kSet);

void ok(const Op& op) { ASSERT_EQ(sys::run(op).status, Status::kOk); }

hw::DebugRegisters& moved() {
  return *reinterpret_cast<hw::DebugRegisters*>(sys::utcb().user_state);
}

void set_breakpoint(Handle thread, u64 token, u64 address) {
  moved() = {};
  hw::set_test_breakpoint(moved(), address);
  ok({OpCode::kThreadBreakpoints, thread, token, kSet});
}

// What the thread has; 0: none.
u64 breakpoint_of(Handle thread, u64 token = 0) {
  EXPECT_EQ(sys::run({OpCode::kThreadBreakpoints, thread, token, kGet}).status,
            Status::kOk);
  return hw::test_breakpoint(moved());
}

void set_registers(Handle thread, u64 pc) {
  hw::init_user_frame(*reinterpret_cast<hw::TrapFrame*>(sys::utcb().registers),
                      pc, 0);
  hw::init_user_state(
      *reinterpret_cast<hw::UserState*>(sys::utcb().user_state));
  ok({OpCode::kThreadRegisters, thread, 0, kSet});
}

void make_thread(Handle slot, u64 pc) {
  ok({OpCode::kThreadNew, kRootPool, slot, kSpace,
      static_cast<u64>(ThreadKind::kManaged), kRoute});
  set_registers(slot, pc);
}

void make_objects() {
  ok({OpCode::kEndpointNew, kRootPool, kProcess});
  ok({OpCode::kRouteNew, kRootPool, kRoute, kProcess, kProcess, kProcess});
  ok({OpCode::kSpaceNew, kRootPool, kSpace, 9,
      static_cast<u64>(SpaceKind::kLoadable)});
}

void reply(u64 token) {
  ok({OpCode::kReply, kNoHandle, token, 0, make_tag(0, kReplyResume)});
}

// Runs `root` beside programs.
void run(std::function<void()> root,
         std::initializer_list<std::function<void(sim::User&)>> programs) {
  ServersRun run({{"root", std::move(root)}});
  u64 entry = kEntry;
  for (const auto& program : programs) {
    run.machine().add_code(entry, sim::User::code(
                                      run.machine(),
                                      [program](sim::User& user) {
                                        program(user);
                                        return 0;
                                      },
                                      false));
    entry += kEntryDistance;
  }
  EXPECT_EQ(run.run(), sim::RunState::kOff);
  EXPECT_EQ(run.machine().status(), 0u);
}

// Both programs and the server execute at both addresses, each program has a
// breakpoint at one of them.
TEST(Breakpoints, OnlyTheirThreadMeetsThem) {
  const auto program = [](sim::User& user) {
    for (int i = 0; i < kRounds; ++i) {
      user.pass(kHere);
      if (i % 7 == 0) user.spin(3'000);  // the other one's turn
      user.pass(kThere);
      if (i % 3 == 0) (void)user.syscall(kCallNumber, {0});
    }
    (void)user.syscall(kCallNumber, {1});
  };
  run(
      [] {
        make_objects();
        make_thread(kFirst, kEntry);
        make_thread(kSecond, kEntry + kEntryDistance);
        set_breakpoint(kFirst, 0, kHere);
        set_breakpoint(kSecond, 0, kThere);
        ok({OpCode::kThreadPublish, kFirst, 0, kCookie});
        ok({OpCode::kThreadPublish, kSecond, 0, kCookie + 1});
        sim::User self(*sim::machine);
        std::map<std::pair<u64, u64>, int> met;
        int left = 2;
        int messages = 0;
        int live = 0;
        while (left > 0) {
          const sys::Message in = sys::receive(kProcess);
          if (tag_label(in.tag) == kLabelException) {
            EXPECT_EQ(static_cast<ExceptionKind>(in.words[0]),
                      ExceptionKind::kHardwareBreakpoint);
            ++met[{in.target, in.words[1]}];
          } else if (in.words[0] == 1) {
            --left;
            continue;
          }
          // Sometimes a server's own way leads there, sometimes registers are
          // set, as for a signal.
          live += hw::cpu_debug_events;
          if (++messages % 4 == 1) {
            self.pass(kHere);
            self.pass(kThere);
            EXPECT_FALSE(hw::cpu_debug_events);
          }
          if (messages % 5 == 1) {
            ok({OpCode::kThreadRegisters, kNoHandle, in.token, kGet});
            ok({OpCode::kThreadRegisters, kNoHandle, in.token, kSet});
          }
          reply(in.token);
        }
        EXPECT_GT(live, kRounds / 2);
        EXPECT_EQ(met.size(), 2u);
        EXPECT_EQ((met[{kCookie, kHere}]), kRounds);
        EXPECT_EQ((met[{kCookie + 1, kThere}]), kRounds);
        EXPECT_EQ(check_kernel(), "");
      },
      {program, program});
}

TEST(Breakpoints, BelongToOneThreadInOneSpace) {
  run(
      [] {
        make_objects();
        make_thread(kFirst, kEntry);
        EXPECT_EQ(breakpoint_of(kFirst), 0u);
        set_breakpoint(kFirst, 0, kHere);
        EXPECT_EQ(breakpoint_of(kFirst), kHere);
        ok({OpCode::kThreadPublish, kFirst, 0, kCookie});
        // It is about to run.
        EXPECT_EQ(
            sys::run({OpCode::kThreadBreakpoints, kFirst, 0, kGet}).status,
            Status::kBusy);
        const sys::Message in = sys::receive(kProcess);
        EXPECT_EQ(breakpoint_of(kNoHandle, in.token), kHere);
        ok({OpCode::kThreadClone, kNoHandle, in.token, kChild, kSpace});
        EXPECT_EQ(breakpoint_of(kChild), 0u);
        ok({OpCode::kThreadPublish, kChild, 0, kCookie + 1});
        // The clone passes without an exception.
        sys::Message next = sys::receive(kProcess);
        EXPECT_EQ(next.target, kCookie + 1);
        EXPECT_EQ(tag_label(next.tag), kLabelSyscall);
        reply(in.token);
        next = sys::receive(kProcess);
        EXPECT_EQ(next.target, kCookie);
        EXPECT_EQ(tag_label(next.tag), kLabelException);
        // Another space, even if it is the same.
        ok({OpCode::kThreadSpace, kNoHandle, next.token, kSpace});
        EXPECT_EQ(breakpoint_of(kNoHandle, next.token), 0u);
        EXPECT_FALSE(hw::cpu_debug_events);
        reply(next.token);
        next = sys::receive(kProcess);
        EXPECT_EQ(next.words[0], 3u);
      },
      {[](sim::User& user) {
        (void)user.spawn(
            [](sim::User& child) {
              child.pass(kHere);
              (void)child.syscall(kCallNumber, {2});
              return 0;
            },
            kCallNumber, {});
        user.pass(kHere);
        user.pass(kHere);
        (void)user.syscall(kCallNumber, {3});
      }});
}

// A thread takes the place of one that has ended while its breakpoints were in
// the CPU, first without and then with some of its own.
TEST(Breakpoints, EndWithTheirThread) {
  run(
      [] {
        make_objects();
        make_thread(kFirst, kEntry);
        set_breakpoint(kFirst, 0, kHere);
        ok({OpCode::kThreadPublish, kFirst, 0, kCookie});
        EXPECT_EQ(tag_label(sys::receive(kProcess).tag), kLabelException);
        for (int own = 0; own < 2; ++own) {
          EXPECT_TRUE(hw::cpu_debug_events);
          const Thread* slot = per_cpu[0].breakpoints_owner;
          ok({OpCode::kThreadKill, kFirst});
          make_thread(kFirst, kEntry);
          EXPECT_EQ(breakpoint_of(kFirst), 0u);
          if (own != 0) set_breakpoint(kFirst, 0, kThere);
          ok({OpCode::kThreadPublish, kFirst, 0, kCookie});
          const sys::Message in = sys::receive(kProcess);
          if (own == 0) {
            EXPECT_EQ(tag_label(in.tag), kLabelSyscall);
            // Its own, so that they are live when it ends.
            set_breakpoint(kNoHandle, in.token, kHere);
            reply(in.token);
            EXPECT_EQ(tag_label(sys::receive(kProcess).tag), kLabelException);
            EXPECT_EQ(per_cpu[0].breakpoints_owner, slot);
          } else {
            EXPECT_EQ(tag_label(in.tag), kLabelException);
            EXPECT_EQ(in.words[1], kThere);
          }
        }
      },
      {[](sim::User& user) {
        for (;;) {
          user.pass(kHere);
          user.pass(kThere);
          (void)user.syscall(kCallNumber, {});
        }
      }});
}

TEST(Breakpoints, AreCheckedAndCanFail) {
  run(
      [] {
        make_objects();
        make_thread(kFirst, kEntry);
        EXPECT_EQ(sys::run({OpCode::kThreadBreakpoints, kFirst, 0, 2}).status,
                  Status::kInvalid);
        EXPECT_EQ(sys::run({OpCode::kThreadBreakpoints, kSpace, 0, 0}).status,
                  Status::kBadHandle);
        EXPECT_EQ(
            sys::run({OpCode::kThreadBreakpoints, kNoHandle, 5, 0}).status,
            Status::kStale);
        EXPECT_NE(
            sys::run({OpCode::kThreadBreakpoints, kRootThread, 0, 0}).status,
            Status::kOk);
        // Not the kernel's memory, nor what lies between.
        for (const u64 address :
             {hw::PageTableFormat::kUserTop, u64{1} << 63, ~u64{7},
              u64{0xffff'8000'0000'0000}, u64{0xffff'ffff'8000'0000}}) {
          set_breakpoint(kFirst, 0, address);
          EXPECT_EQ(breakpoint_of(kFirst), 0u) << std::hex << address;
        }
        // A pool without a frame left, in the middle of a batch.
        make_thread(kSecond, kEntry);
        fault_injection.arm(1);
        moved() = {};
        hw::set_test_breakpoint(moved(), kHere);
        const KernelDigest before = digest_kernel();
        sys::Batch batch;
        batch.add(OpCode::kThreadBreakpoints, kSecond, 0, kSet);
        const sys::BatchResult result = batch.run();
        fault_injection.arm(0);
        EXPECT_EQ(result.status, Status::kNoMemory);
        EXPECT_EQ(digest_kernel(), before);
        EXPECT_EQ(breakpoint_of(kSecond), 0u);
        set_breakpoint(kSecond, 0, kHere);
        EXPECT_EQ(breakpoint_of(kSecond), kHere);
      },
      {});
}

}  // namespace
}  // namespace tine
