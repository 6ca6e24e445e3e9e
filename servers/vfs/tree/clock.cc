#include "servers/vfs/tree/clock.h"

#include "servers/runtime/sys.h"

namespace tine::vfs {

namespace {
i64 ahead = 0;
}

void set_realtime(u64 ahead_ns) { ahead = static_cast<i64>(ahead_ns); }

i64 realtime_ahead() { return ahead; }

i64 now() { return ahead + static_cast<i64>(sys::clock_ns()); }

}  // namespace tine::vfs
