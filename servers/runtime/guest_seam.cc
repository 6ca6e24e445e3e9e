// The configuration page as it is in the guest.
#include "servers/runtime/sys.h"

namespace tine::sys {

const ServerConfig& config() {
  return *reinterpret_cast<const ServerConfig*>(kServerConfigAddress);
}

}  // namespace tine::sys
