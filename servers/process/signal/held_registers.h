// Registers of a thread that is held: the kernel copies them to this server's
// UTCB and back.
#ifndef SERVERS_PROCESS_SIGNAL_HELD_REGISTERS_H_
#define SERVERS_PROCESS_SIGNAL_HELD_REGISTERS_H_

#include "arch/hw/trap_frame.h"
#include "arch/hw/user_state.h"
#include "servers/runtime/sys.h"

namespace tine::process {

// False: no thread is held by that token.
inline bool move_registers(u64 token, RegistersAction action) {
  return sys::run({OpCode::kThreadRegisters, kNoHandle, token,
                   static_cast<u64>(action)})
             .status == Status::kOk;
}

inline hw::TrapFrame& frame_of(Utcb& block) {
  return *reinterpret_cast<hw::TrapFrame*>(block.registers);
}
inline hw::UserState& state_of(Utcb& block) {
  return *reinterpret_cast<hw::UserState*>(block.user_state);
}

}  // namespace tine::process

#endif  // SERVERS_PROCESS_SIGNAL_HELD_REGISTERS_H_
