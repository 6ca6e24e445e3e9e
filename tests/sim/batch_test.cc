// Batches: all or nothing, whatever a server puts into them.
#include "kernel/batch/batch.h"

#include <gtest/gtest.h>

#include "servers/root/start_server.h"
#include "servers/runtime/sys.h"
#include "tests/sim/kernel_digest.h"
#include "tests/sim/servers_run.h"

namespace tine {
namespace {

constexpr Handle kSlot = 500;
constexpr Handle kOther = 501;
constexpr u64 kLoadable = static_cast<u64>(SpaceKind::kLoadable);
constexpr u64 kManaged = static_cast<u64>(ThreadKind::kManaged);

void run_as_root(ServerBody body) {
  ServersRun run({{"root", std::move(body)}});
  EXPECT_EQ(run.run(), sim::RunState::kOff);
  EXPECT_EQ(run.machine().status(), 0u);
}

// Runs the batch, which must fail at `index` with `status` and change nothing.
void expect_refused(sys::Batch& batch, u32 index, Status status) {
  const KernelDigest before = digest_kernel();
  const sys::BatchResult result = batch.run();
  EXPECT_EQ(result.status, status);
  EXPECT_EQ(result.failed, index);
  EXPECT_EQ(digest_kernel(), before);
  EXPECT_EQ(check_kernel(), "");
}

TEST(Batch, LastOperationFailsAndAllIsUndone) {
  run_as_root([] {
    must(sys::run({OpCode::kSpaceNew, kRootPool, 100, 5, kLoadable}));
    must(sys::run({OpCode::kEndpointNew, kRootPool, 101}));
    must(sys::run({OpCode::kRouteNew, kRootPool, 102, 101, 101, 101}));
    must(sys::run({OpCode::kThreadNew, kRootPool, 103, 100, kManaged, 102, 9}));
    must(sys::run({OpCode::kNotificationNew, kRootPool, 104}));
    // Every operation that claims something, then one that cannot succeed.
    sys::Batch batch;
    batch.add(OpCode::kPoolSplit, kRootPool, 110, 8);
    batch.add(OpCode::kSpaceNew, kRootPool, 111, 5, kLoadable);
    batch.add(OpCode::kSpaceFork, 100, 112, 6, kRootPool, 0);
    batch.add(OpCode::kThreadNew, kRootPool, 113, 111, kManaged, 102, 9);
    batch.add(OpCode::kThreadPublish, 113, 0, 7);
    batch.add(OpCode::kThreadSpace, 103, 0, 111);
    batch.add(OpCode::kThreadKill, 103);
    batch.add(OpCode::kSpaceDestroy, 100);
    batch.add(OpCode::kEndpointNew, kRootPool, 114);
    batch.add(OpCode::kEndpointMint, 114, 115, 3);
    batch.add(OpCode::kNotificationNew, kRootPool, 116);
    batch.add(OpCode::kNotificationBind, 104, 101);
    batch.add(OpCode::kRouteNew, kRootPool, 117, 101, 101, 101);
    batch.add(OpCode::kHandleClose, 104);
    batch.add(OpCode::kHandleClose, 9999);
    expect_refused(batch, 14, Status::kBadHandle);
    // The same without the last one works: nothing was left behind.
    sys::Batch again;
    again.add(OpCode::kSpaceNew, kRootPool, 111, 5, kLoadable);
    again.add(OpCode::kThreadNew, kRootPool, 113, 111, kManaged, 102, 9);
    again.add(OpCode::kThreadKill, 113);
    again.add(OpCode::kSpaceDestroy, 111);
    EXPECT_EQ(again.run().status, Status::kOk);
    EXPECT_EQ(check_kernel(), "");
  });
}

TEST(Batch, DuplicatesWithinOneBatchAreFound) {
  run_as_root([] {
    must(sys::run({OpCode::kSpaceNew, kRootPool, 100, 5, kLoadable}));
    must(sys::run({OpCode::kEndpointNew, kRootPool, 101}));
    must(sys::run({OpCode::kRouteNew, kRootPool, 102, 101, 101, 101}));
    must(sys::run({OpCode::kThreadNew, kRootPool, 103, 100, kManaged, 102, 9}));
    {
      sys::Batch batch;
      batch.add(OpCode::kEndpointNew, kRootPool, kSlot);
      batch.add(OpCode::kNotificationNew, kRootPool, kSlot);
      expect_refused(batch, 1, Status::kBusy);
    }
    {
      sys::Batch batch;
      batch.add(OpCode::kThreadKill, 103);
      batch.add(OpCode::kThreadKill, 103);
      expect_refused(batch, 1, Status::kStale);
    }
    {
      sys::Batch batch;
      batch.add(OpCode::kThreadPublish, 103, 0, 1);
      batch.add(OpCode::kThreadPublish, 103, 0, 1);
      expect_refused(batch, 1, Status::kBusy);
    }
    {
      sys::Batch batch;
      batch.add(OpCode::kThreadKill, 103);
      batch.add(OpCode::kSpaceDestroy, 100);
      batch.add(OpCode::kSpaceDestroy, 100);
      expect_refused(batch, 2, Status::kStale);
    }
    {
      sys::Batch batch;  // a space is used after it is doomed
      batch.add(OpCode::kThreadKill, 103);
      batch.add(OpCode::kSpaceDestroy, 100);
      batch.add(OpCode::kSpaceFork, 100, kSlot, 6, kRootPool, 0);
      expect_refused(batch, 2, Status::kStale);
    }
    {
      sys::Batch batch;  // the slot of what is doomed is free at once
      batch.add(OpCode::kThreadKill, 103);
      batch.add(OpCode::kSpaceDestroy, 100);
      batch.add(OpCode::kEndpointNew, kRootPool, 100);
      batch.add(OpCode::kEndpointNew, kRootPool, 103);
      batch.add(OpCode::kHandleClose, kOther);
      expect_refused(batch, 4, Status::kBadHandle);
    }
    {
      sys::Batch batch;  // a destroyed space still has a thread
      batch.add(OpCode::kSpaceDestroy, 100);
      expect_refused(batch, 0, Status::kBusy);
    }
  });
}

TEST(Batch, TokensWorkOnceAndOnlyForTheirHolder) {
  ServersRun run(
      {{"root",
        [] {
          const BootInfo& boot = boot_info();
          must(sys::run({OpCode::kEndpointNew, kRootPool, kSlot}));
          const StartedServer client = start_server({.name = "client",
                                                     .id = ServerId::kProcess,
                                                     .heap_bytes = kPageSize,
                                                     .pool_frames = 16},
                                                    boot, kSlot);
          must(sys::run(
              {OpCode::kHandlePut, kSlot, client.thread, kCallMemory}));
          publish(client);
          const sys::Message in = sys::receive(kSlot);
          EXPECT_NE(in.token, 0u);
          {
            sys::Batch batch;
            batch.add(OpCode::kReply, kNoHandle, in.token, 1, 0);
            batch.add(OpCode::kReply, kNoHandle, in.token, 2, 0);
            expect_refused(batch, 1, Status::kStale);
          }
          {
            sys::Batch batch;
            batch.add(OpCode::kReply, kNoHandle, in.token ^ u64{1} << 32, 1, 0);
            expect_refused(batch, 0, Status::kStale);
          }
          {
            sys::Batch batch;
            batch.add(OpCode::kReply, kNoHandle, 0, 1, 0);
            expect_refused(batch, 0, Status::kStale);
          }
          {
            sys::Batch batch;
            batch.add(OpCode::kReply, kNoHandle, in.token, 33, 0);
            EXPECT_EQ(batch.run().status, Status::kOk);
          }
          {
            sys::Batch batch;
            batch.add(OpCode::kReply, kNoHandle, in.token, 34, 0);
            expect_refused(batch, 0, Status::kStale);
          }
          (void)sys::receive(kSlot);
        }},
       {"client", [] {
          EXPECT_EQ(sys::call(kCallMemory, sys::make_message(7)).words[0], 33u);
          (void)sys::call(kCallMemory, sys::make_message(8));
        }}});
  EXPECT_EQ(run.run(), sim::RunState::kOff);
  EXPECT_EQ(run.machine().status(), 0u);
}

// Each operation with a handle of each wrong type, of no object, out of range.
TEST(Batch, WrongHandlesAreRefused) {
  run_as_root([] {
    must(sys::run({OpCode::kSpaceNew, kRootPool, 100, 5, kLoadable}));
    must(sys::run({OpCode::kEndpointNew, kRootPool, 101}));
    must(sys::run({OpCode::kRouteNew, kRootPool, 102, 101, 101, 101}));
    must(sys::run({OpCode::kThreadNew, kRootPool, 103, 100, kManaged, 102, 9}));
    must(sys::run({OpCode::kNotificationNew, kRootPool, 104}));
    constexpr Handle kHandles[] = {
        0,         kRootPool,    100,    101,   102,   103,        104,
        kRootUart, kRootControl, kOther, 65535, 65536, 0xffff'ffff};
    for (u32 code = 0; code < 64; ++code) {
      const auto op = static_cast<OpCode>(code);
      if (op == OpCode::kShutdown || op == OpCode::kThreadKill ||
          op == OpCode::kThreadPublish || op == OpCode::kHandleClose) {
        continue;  // they would work with the right one
      }
      for (const Handle handle : kHandles) {
        for (const u64 argument : {u64{0}, u64{1}, u64{kSlot}, ~u64{0}}) {
          (void)sys::run({op, handle, argument, argument, argument, 1, 1});
          EXPECT_EQ(check_kernel(), "") << code << " " << handle;
          (void)sys::run({OpCode::kHandleClose, kSlot});
        }
      }
    }
  });
}

}  // namespace
}  // namespace tine
