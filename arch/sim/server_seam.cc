// The servers' seam (servers/runtime/sys.h) in the simulator.
#include <cstdlib>
#include <cstring>
#include <map>
#include <new>

#include "arch/sim/machine.h"
#include "kernel/memory/space.h"
#include "kernel/trap.h"
#include "servers/protocol/pid_numbers.h"
#include "servers/runtime/sys.h"

namespace tine::sys {
namespace {

// Where the host has what is at `va` in the running server's space.
u8* host_address(u64 va) {
  Status status = Status::kOk;
  u8* const address = space_window(*sim::machine->current().space, VirtAddr{va},
                                   Access::kRead, status);
  if (address == nullptr) std::abort();
  return address;
}

// The board is longer than a page, and what is contiguous in a space is not in
// the host. One piece of memory stands for it in all servers of a machine.
u64 shared_board(u64 records) {
  static std::map<u64, u8*> boards;
  u8*& board = boards[sim::machine->id()];
  if (board == nullptr) {
    board = sim::machine->take_wired(board_bytes(records));
  }
  return reinterpret_cast<u64>(board);
}

ServerConfig* make_config() {
  auto* const config =
      new (sim::machine->take_wired(sizeof(ServerConfig))) ServerConfig;
  std::memcpy(config, host_address(kServerConfigAddress), sizeof(*config));
  config->heap_base =
      reinterpret_cast<u64>(sim::machine->take_wired(config->heap_bytes));
  if (config->ring != 0) {
    config->ring = reinterpret_cast<u64>(host_address(config->ring));
  }
  if (config->board != 0) {
    config->board = shared_board(config->board_records);
  }
  return config;
}

}  // namespace

void native_trap(MessageRegisters& registers) {
  sim::machine->step();
  sim::machine->current().frame.message = registers;
  sim::machine->trap(sim::trap_instruction);
  registers = sim::machine->current().frame.message;
}

// Virtual time passes by steps.
u64 clock_ns() {
  MessageRegisters registers{};
  registers.tag = call_tag(NativeOp::kClock, 0);
  native_trap(registers);
  return registers.words[0];
}

Utcb& utcb() { return *reinterpret_cast<Utcb*>(sim::machine->current().utcb); }

const ServerConfig& config() {
  static std::map<std::pair<u64, Thread*>, ServerConfig*> configs;
  ServerConfig*& config =
      configs[{sim::machine->id(), &sim::machine->current()}];
  if (config == nullptr) config = make_config();
  return *config;
}

}  // namespace tine::sys
