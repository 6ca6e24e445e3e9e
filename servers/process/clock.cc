#include "servers/process/clock.h"

#include "servers/linux_abi/time.h"
#include "servers/protocol/memory.h"
#include "servers/protocol/vfs.h"
#include "servers/runtime/sys.h"

namespace tine::process {

using namespace linux_abi;

bool Clock::read(i32 clock, u64* ns) const {
  *ns = sys::clock_ns();
  switch (clock) {
    case kClockRealtime:
    case kClockRealtimeCoarse:
    case kClockTai:
      *ns += ahead_ns_;
      return true;
    case kClockMonotonic:
    case kClockMonotonicRaw:
    case kClockMonotonicCoarse:
    case kClockBoottime:
      return true;
    default:
      return false;
  }
}

void Clock::set_realtime(u64 ahead_ns) {
  ahead_ns_ = ahead_ns;
  (void)sys::call(kCallMemory,
                  sys::make_message(MemoryLabel::kSetRealtime, ahead_ns));
  (void)sys::call(kCallVfs,
                  sys::make_message(VfsLabel::kSetRealtime, ahead_ns));
}

}  // namespace tine::process
