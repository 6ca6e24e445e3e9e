// Messages between servers, on the real kernel.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <iostream>

#include "kernel/memory/teardown.h"
#include "servers/root/start_server.h"
#include "servers/runtime/sys.h"
#include "tests/sim/servers_run.h"

namespace tine {
namespace {

constexpr u64 kHeap = 64 << 10;
constexpr Handle kFaults = kRootFirstFree;

// Root starts two servers; "client" can call "server".
void start_pair() {
  const BootInfo& boot = boot_info();
  must(sys::run({OpCode::kEndpointNew, kRootPool, kFaults}));
  const StartedServer server = start_server({.name = "server",
                                             .id = ServerId::kMemory,
                                             .heap_bytes = kHeap,
                                             .pool_frames = 16},
                                            boot, kFaults);
  const StartedServer client = start_server({.name = "client",
                                             .id = ServerId::kProcess,
                                             .heap_bytes = kHeap,
                                             .pool_frames = 16},
                                            boot, kFaults);
  constexpr Handle kMinted = kRootFirstFree + 1;
  must(sys::run({OpCode::kEndpointMint, server.endpoint, kMinted, 77}));
  must(sys::run({OpCode::kHandlePut, kMinted, client.thread, kCallMemory}));
  must(sys::run(
      {OpCode::kHandlePut, server.notification, client.thread, kNotifyVfs}));
  must(
      sys::run({OpCode::kHandlePut, kRootControl, client.thread, kRunControl}));
  publish(server);
  publish(client);
  (void)sys::receive(kFaults);
}

void end_run(u32 status) {
  (void)sys::run({OpCode::kShutdown, kRunControl, status});
}

sim::RunState run_pair(ServerBody server, ServerBody client, u32* status) {
  ServersRun run({{"root", start_pair},
                  {"server", std::move(server)},
                  {"client", std::move(client)}});
  const sim::RunState state = run.run();
  for (const std::string& line : run.machine().records().log) {
    std::cout << line << '\n';
  }
  *status = run.machine().status();
  return state;
}

TEST(Ipc, CallCarriesAllWordsBothWays) {
  u32 status = 0;
  auto server = [] {
    sys::Message in = sys::receive(kSelfEndpoint);
    for (;;) {
      EXPECT_EQ(in.target, 77u);  // the badge that root minted
      EXPECT_NE(in.token, 0u);
      EXPECT_EQ(tag_label(in.tag), 0x123);
      sys::Message answer = sys::make_message(0x321);
      for (unsigned i = 0; i < kMessageWords; ++i) {
        answer.words[i] = in.words[kMessageWords - 1 - i] + 1;
      }
      in = sys::reply_receive(kSelfEndpoint, in.token, answer);
    }
  };
  auto client = [] {
    for (u64 round = 0; round < 100; ++round) {
      sys::Message request = sys::make_message(0x123);
      for (unsigned i = 0; i < kMessageWords; ++i) {
        request.words[i] = round * 100 + i;
      }
      const sys::Message answer = sys::call(kCallMemory, request);
      EXPECT_EQ(tag_label(answer.tag), 0x321);
      for (unsigned i = 0; i < kMessageWords; ++i) {
        EXPECT_EQ(answer.words[i], round * 100 + kMessageWords - i);
      }
    }
    end_run(3);
  };
  EXPECT_EQ(run_pair(server, client, &status), sim::RunState::kOff);
  EXPECT_EQ(status, 3u);
}

// What a server's messages can carry to and from its caller's memory, which is
// the caller's UTCB here.
constexpr u64 kThere = kUtcbAddress + offsetof(Utcb, registers);
constexpr u64 kNowhere = 0x5000'0000;

void peek_and_poke(u64 end) {
  constexpr std::array<u64, 5> kFive{1, 2, 3, 4, 5};
  static_assert(sizeof(kFive) == kMaxPeekBytes);
  EXPECT_EQ(sys::poke(end, kThere, kFive), Status::kOk);
  std::array<u64, 5> seen{};
  EXPECT_EQ(sys::peek(end, kThere, seen), Status::kOk);
  EXPECT_EQ(seen, kFive);
  EXPECT_EQ(sys::poke(end, kThere + 1, u8{0x77}), Status::kOk);
  u64 word = 0;
  EXPECT_EQ(sys::peek(end, kThere, word), Status::kOk);
  EXPECT_EQ(word, 0x7701u);
  u16 part = 0;
  EXPECT_EQ(sys::peek(end, kUtcbAddress + kPageSize - sizeof(part), part),
            Status::kOk);

  // Neither beyond a page's end nor where nothing is, nor of what is no space.
  word = 9;
  EXPECT_EQ(sys::peek(end, kUtcbAddress + kPageSize - 4, word),
            Status::kTooLarge);
  EXPECT_EQ(sys::poke(end, kNowhere, word), Status::kFault);
  EXPECT_EQ(sys::peek(end, kNowhere, word), Status::kFault);
  EXPECT_EQ(sys::peek(kMaxHandles, kThere, word), Status::kBadHandle);
  EXPECT_EQ(word, 9u);
  sys::Message longer{
      {end, kThere, kMaxPeekBytes + 1}, call_tag(NativeOp::kPoke), 0, 0};
  sys::native_trap(longer);
  EXPECT_EQ(static_cast<i64>(longer.words[0]),
            static_cast<i64>(Status::kTooLarge));
}

TEST(Ipc, PeeksPokesAndAnswersThatPoke) {
  u32 status = 0;
  auto server = [] {
    const sys::Message in = sys::receive(kSelfEndpoint);
    peek_and_poke(sys::end_of_token(in.token));
    // Where it cannot be, nothing is answered and nothing lost.
    const sys::Message answer{{5, kNowhere, 16, 6, 7},
                              call_tag(NativeOp::kPokeReplyRecv),
                              in.token,
                              kSelfEndpoint};
    sys::Message sent = answer;
    sys::native_trap(sent);
    EXPECT_EQ(tag_label(sent.tag), kLabelError);
    for (unsigned i = 0; i < kMessageWords; ++i) {
      EXPECT_EQ(sent.words[i], answer.words[i]);
    }
    sent = answer;
    sent.words[1] = kThere;
    sys::native_trap(sent);
    EXPECT_EQ(tag_label(sent.tag), 0x124);  // the next message
    (void)sys::reply_receive(kSelfEndpoint, sent.token, {});
  };
  auto client = [] {
    const sys::Message answer =
        sys::call(kCallMemory, sys::make_message(0x123));
    EXPECT_EQ(answer.words[0], 5u);
    std::array<u64, 3> poked;
    std::memcpy(poked.data(), sys::utcb().registers, sizeof(poked));
    EXPECT_EQ(poked, (std::array<u64, 3>{6, 7, 3}));
    (void)sys::call(kCallMemory, sys::make_message(0x124));
    end_run(3);
  };
  EXPECT_EQ(run_pair(server, client, &status), sim::RunState::kOff);
  EXPECT_EQ(status, 3u);
}

}  // namespace
}  // namespace tine
