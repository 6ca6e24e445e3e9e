// Messages between servers, on the real kernel.
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace tine
