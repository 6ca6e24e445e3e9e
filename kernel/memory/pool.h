// A Pool is an account over frames: everything that needs memory debits one.
#ifndef KERNEL_MEMORY_POOL_H_
#define KERNEL_MEMORY_POOL_H_

#include "kernel/base/object.h"
#include "kernel/memory/frame_table.h"

namespace tine {

// The sum of all limits never exceeds the frames there are, so that a pool with
// budget left always gets its frame. I1: sum of used + free == total.
struct Pool {
  Object object;
  u16 index;
  u64 limit;  // frames
  u64 used;
};

inline constexpr unsigned kMaxPools = 64;
extern Pool pools[kMaxPools];

// Forgets all pools and makes the first, which owns every free frame. After
// frame_table_init.
Pool& pool_init();

// A new pool with `frames` of the unused budget of `parent`; null if that is
// not there or kMaxPools exist.
[[nodiscard]] Pool* pool_split(Pool& parent, u64 frames);

// Takes a free frame, charged to `pool`, refs = 1; kNoFrame if the budget is
// spent or the fault sweep says so, but never while teardown is pending that
// could help (A15). `zeroed` frames are all zero bytes.
[[nodiscard]] Frame frame_take(Pool& pool, FrameType type, bool zeroed);

// The same for the root table of a space: user half zero, kernel half set up.
[[nodiscard]] Frame frame_take_root(Pool& pool);

// Returns a frame that nothing refers to (any more) to the pool that paid.
// `content` is what the caller knows of it.
void frame_release(Frame frame, FrameContent content = FrameContent::kUnknown);

// Charges a frame that boot reserved to `pool` as data with one reference; the
// pool's limit grows with it.
void frame_adopt(Pool& pool, Frame frame);

inline Pool& pool_of(const FrameInfo& info) { return pools[info.pool]; }

}  // namespace tine

#endif  // KERNEL_MEMORY_POOL_H_
