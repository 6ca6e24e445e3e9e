#include "servers/vfs/tree/clock.h"

#include "servers/runtime/sys.h"

namespace tine::vfs {

i64 now() { return static_cast<i64>(sys::clock_ns()); }

}  // namespace tine::vfs
