// The configuration page and the clock as they are in the guest.
#include "arch/hw/user_clock.h"
#include "servers/runtime/sys.h"

namespace tine::sys {

const ServerConfig& config() {
  return *reinterpret_cast<const ServerConfig*>(kServerConfigAddress);
}

u64 clock_ns() {
  const ServerConfig& its = config();
  return hw::user_clock_ns(its.clock_start, its.clock_factor);
}

}  // namespace tine::sys
