// The seam as it is in the guest: a trap instruction and two fixed pages.
#include "arch/hw/server/native_trap.h"
#include "servers/runtime/sys.h"

namespace tine::sys {

void native_trap(MessageRegisters& registers) { hw::native_trap(registers); }

Utcb& utcb() { return *reinterpret_cast<Utcb*>(kUtcbAddress); }

const ServerConfig& config() {
  return *reinterpret_cast<const ServerConfig*>(kServerConfigAddress);
}

}  // namespace tine::sys
