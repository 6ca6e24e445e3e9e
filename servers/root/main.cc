// The root server: owns everything at boot, starts the other servers, and from
// then on only hears of their faults.
#include "servers/protocol/pid_numbers.h"
#include "servers/root/start_server.h"
#include "servers/runtime/server_main.h"

namespace tine {
namespace {

// A heap that grows with the machine: a share of memory, within bounds.
u64 heap_share(u64 memory_bytes, u64 divisor, u64 least) {
  u64 bytes = page_round_up(memory_bytes / divisor);
  constexpr u64 kMost = u64{64} << 20;
  if (bytes > kMost) bytes = kMost;
  return bytes < least ? least : bytes;
}

// The most tasks that there can be. What a task may cost in kernel objects and
// page tables is some times this share of memory.
u32 most_tasks(u64 memory_bytes) {
  constexpr u64 kMost = 4096;
  constexpr u64 kLeast = 64;
  const u64 count = memory_bytes / (128 << 10);
  return static_cast<u32>(count > kMost    ? kMost
                          : count < kLeast ? kLeast
                                           : count);
}

// Of the process server: its records of a task and of what a task may have.
u64 process_heap_bytes(u64 memory_bytes, u32 tasks) {
  constexpr u64 kFixed = 768 << 10;  // numbers of processes, exec's buffers
  constexpr u64 kEach = 6 << 10;
  // And for what programs make of System V IPC.
  return page_round_up(kFixed + tasks * kEach +
                       heap_share(memory_bytes, 120, 320 << 10));
}

void connect(const StartedServer& to, Handle endpoint, Handle slot,
             ServerId as) {
  Handle minted = next_handle++;
  must(sys::run(
      {OpCode::kEndpointMint, endpoint, minted, static_cast<u64>(as)}));
  must(sys::run({OpCode::kHandlePut, minted, to.thread, slot}));
}

void give(const StartedServer& to, Handle handle, Handle slot) {
  must(sys::run({OpCode::kHandlePut, handle, to.thread, slot}));
}

[[noreturn]] void watch_servers(Handle fault_endpoint) {
  for (;;) {
    sys::Message fault = sys::receive(fault_endpoint);
    if (tag_label(fault.tag) != kLabelServerFault) continue;
    report_server_fault(fault);
  }
}

}  // namespace

void server_main() {
  const BootInfo& boot = *reinterpret_cast<const BootInfo*>(kBootInfoAddress);
  u64 ram = boot.memory_bytes;
  constexpr Handle kFaults = kRootFirstFree;
  must(sys::run({OpCode::kEndpointNew, kRootPool, kFaults}));

  const u32 tasks = most_tasks(ram);
  Handle ring = make_shared(kPageSize);
  Handle board = make_shared(board_bytes(tasks));
  u64 frames = ram >> kPageShift;
  StartedServer console = start_server({.name = "console",
                                        .id = ServerId::kConsole,
                                        .heap_bytes = 64 << 10,
                                        .pool_frames = 16},
                                       boot, kFaults);
  StartedServer vfs = start_server({.name = "vfs",
                                    .id = ServerId::kVfs,
                                    .heap_bytes = heap_share(ram, 32, 2 << 20),
                                    .pool_frames = 256,
                                    .ring = ring,
                                    .board = board,
                                    .board_records = tasks},
                                   boot, kFaults);
  StartedServer process =
      start_server({.name = "process",
                    .id = ServerId::kProcess,
                    .heap_bytes = process_heap_bytes(ram, tasks),
                    .pool_frames = frames / 24,
                    .ring = ring,
                    .board = board,
                    .board_records = tasks,
                    .writes_board = true},
                   boot, kFaults);
  // Last, so that it gets every frame the others do not need.
  StartedServer memory =
      start_server({.name = "memory",
                    .id = ServerId::kMemory,
                    .heap_bytes = heap_share(ram, 24, 2 << 20),
                    .pool_frames = 0,
                    .ring = ring},
                   boot, kFaults);

  connect(process, memory.endpoint, kCallMemory, ServerId::kProcess);
  connect(process, vfs.endpoint, kCallVfs, ServerId::kProcess);
  connect(vfs, memory.endpoint, kCallMemory, ServerId::kVfs);
  connect(memory, vfs.endpoint, kForwardVfs, ServerId::kMemory);
  connect(vfs, console.endpoint, kCallConsole, ServerId::kVfs);
  give(process, vfs.notification, kNotifyVfs);
  give(process, kRootControl, kRunControl);
  give(vfs, process.notification, kNotifyProcess);
  give(console, vfs.notification, kNotifyVfs);
  give(console, kRootUart, kDeviceUart);
  give(console, kRootUartInterrupt, kInterruptUart);
  if (boot.initrd_bytes != 0) give(vfs, kRootInitrd, kInitrd);

  publish(memory);
  publish(console);
  publish(vfs);
  publish(process);
  watch_servers(kFaults);
}

}  // namespace tine
