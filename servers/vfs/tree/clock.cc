#include "servers/vfs/tree/clock.h"

#include "servers/runtime/sys.h"

namespace tine::vfs {

i64 now() {
  return static_cast<i64>(sys::config().boot_realtime_ns + sys::clock_ns());
}

}  // namespace tine::vfs
