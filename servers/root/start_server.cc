#include "servers/root/start_server.h"

#include "arch/hw/trap_frame.h"
#include "servers/protocol/pid_numbers.h"

namespace tine {
namespace {

constexpr u64 kReadWrite = Rights::kRead | Rights::kWrite;

void populate(Handle space, u64 address, u64 bytes) {
  must(sys::run({OpCode::kSpacePopulate, space, address, 0, 0,
                 page_round_up(bytes) >> kPageShift, kReadWrite}));
}

void map_shared(Handle space, u64 address, Handle object, u64 bytes,
                u64 rights) {
  must(sys::run({OpCode::kSpaceMap, space, address, object, 0,
                 page_round_up(bytes) >> kPageShift,
                 rights | static_cast<u64>(MapMode::kShared) << 8}));
}

void write_config(const ServerPlan& plan, const BootInfo& boot, Handle space) {
  // Static: a page is much of root's stack.
  static ServerConfig config;
  config = {};
  config.id = plan.id;
  config.heap_base = kServerHeapAddress;
  config.heap_bytes = plan.heap_bytes;
  if (plan.ring != kNoHandle) {
    map_shared(space, kServerRingAddress, plan.ring, kPageSize, kReadWrite);
    config.ring = kServerRingAddress;
  }
  if (plan.board != kNoHandle) {
    map_shared(space, kServerBoardAddress, plan.board,
               board_bytes(plan.board_records),
               plan.writes_board ? kReadWrite : u64{Rights::kRead});
    config.board = kServerBoardAddress;
    config.board_records = plan.board_records;
  }
  config.initrd_bytes = boot.initrd_bytes;
  config.memory_bytes = boot.memory_bytes;
  config.hwcap = boot.hwcap;
  config.hwcap2 = boot.hwcap2;
  config.boot_realtime_ns = boot.boot_realtime_ns;
  config.clock_start = boot.clock_start;
  config.clock_factor = boot.clock_factor;
  for (u64 i = 0; i < sizeof(config.command_line); ++i) {
    config.command_line[i] = boot.command_line[i];
  }
  populate(space, kServerConfigAddress, sizeof(config));
  if (sys::copy_out(space, kServerConfigAddress, &config, sizeof(config))
          .status != Status::kOk) {
    sys::fail("root: cannot write a server's configuration");
  }
  must(sys::run({OpCode::kSpaceProtect, space, kServerConfigAddress, 0, 0,
                 page_round_up(sizeof(config)) >> kPageShift,
                 u64{Rights::kRead}}));
}

void set_registers(Handle thread, u64 entry) {
  auto* frame = reinterpret_cast<hw::TrapFrame*>(sys::utcb().registers);
  hw::init_user_frame(*frame, entry, kServerStackTop);
  must(sys::run({OpCode::kThreadRegisters, thread, 0,
                 static_cast<u64>(RegistersAction::kSet)}));
}

// Root's remaining budget, but for what it needs to finish starting.
u64 frames_left() {
  constexpr u64 kOwnReserve = 64;
  sys::Batch batch;
  Op& stat = batch.add(OpCode::kPoolStat, kRootPool);
  must(batch.run());
  u64 left = stat.a - stat.result;
  if (left <= kOwnReserve) {
    sys::fail("root: not enough memory to start; give the machine more");
  }
  return left - kOwnReserve;
}

const char* name_of(u64 badge) {
  switch (static_cast<ServerId>(badge)) {
    case ServerId::kMemory:
      return "root: the memory server faulted";
    case ServerId::kVfs:
      return "root: the vfs server faulted";
    case ServerId::kProcess:
      return "root: the process server faulted";
    case ServerId::kConsole:
      return "root: the console server faulted";
    default:
      return "root: an unknown server faulted";
  }
}

}  // namespace

void must(const sys::BatchResult& result) {
  if (result.status == Status::kOk) return;
  sys::fail(result.status == Status::kNoMemory
                ? "root: not enough memory to start; give the machine more"
                : "root: a step of starting the servers failed");
}

Handle make_shared(u64 bytes) {
  Handle object = next_handle++;
  must(sys::run({OpCode::kSpaceNew, kRootPool, object, 0,
                 static_cast<u64>(SpaceKind::kObject)}));
  populate(object, 0, bytes);
  return object;
}

StartedServer start_server(const ServerPlan& plan, const BootInfo& boot,
                           Handle fault_endpoint) {
  StartedServer server{plan.id, next_handle, next_handle + 1, next_handle + 2,
                       next_handle + 3};
  Handle pool = next_handle + 4;
  next_handle += 5;
  u64 badge = static_cast<u64>(plan.id);

  must(sys::run({OpCode::kSpaceNew, kRootPool, server.space, badge,
                 static_cast<u64>(SpaceKind::kLoadable)}));
  u64 entry = load_server(find_in_boot_image(plan.name, boot.boot_image_bytes),
                          server.space);
  populate(server.space, kServerStackTop - kServerStackBytes,
           kServerStackBytes);
  populate(server.space, kUtcbAddress, kPageSize);
  populate(server.space, kServerHeapAddress, plan.heap_bytes);
  write_config(plan, boot, server.space);

  u64 frames = plan.pool_frames != 0 ? plan.pool_frames : frames_left();
  must(sys::run({OpCode::kPoolSplit, kRootPool, pool, frames}));
  must(sys::run({OpCode::kEndpointNew, kRootPool, server.endpoint}));
  must(sys::run({OpCode::kNotificationNew, kRootPool, server.notification}));
  must(sys::run(
      {OpCode::kNotificationBind, server.notification, server.endpoint}));
  must(
      sys::run({OpCode::kThreadNew, kRootPool, server.thread, server.space,
                static_cast<u64>(ThreadKind::kServer), fault_endpoint, badge}));
  set_registers(server.thread, entry);

  struct {
    Handle handle;
    Handle slot;
  } const own[] = {
      {server.endpoint, kSelfEndpoint},
      {pool, kSelfPool},
      {server.thread, kSelfThread},
      {server.notification, kSelfNotification},
  };
  for (const auto& put : own) {
    must(sys::run({OpCode::kHandlePut, put.handle, server.thread, put.slot}));
  }
  return server;
}

void publish(const StartedServer& server) {
  sys::Batch batch;
  batch.add(OpCode::kThreadPriority, server.thread, kServerPriority);
  batch.add(OpCode::kThreadPublish, server.thread, 0,
            static_cast<u64>(server.id));
  must(batch.run());
}

void report_server_fault(const sys::Message& fault) {
  char text[80];
  u64 n = 0;
  auto append = [&](const char* s) {
    while (*s != '\0' && n < sizeof(text) - 1) text[n++] = *s++;
  };
  auto append_hex = [&](u64 value) {
    for (int shift = 60; shift >= 0 && n < sizeof(text) - 1; shift -= 4) {
      text[n++] = "0123456789abcdef"[value >> shift & 15];
    }
  };
  append("root: address 0x");
  append_hex(fault.words[0]);
  append(" pc 0x");
  append_hex(fault.words[2]);
  text[n] = '\0';
  sys::log(text);
  sys::fail(name_of(fault.target));
}

}  // namespace tine
