#include "kernel/memory/pool.h"

#include "arch/hw/copy_page.h"
#include "arch/hw/mmu.h"
#include "arch/hw/phys_map.h"
#include "kernel/base/check.h"
#include "kernel/base/fault_site.h"
#include "kernel/memory/teardown.h"

namespace tine {

constinit Pool pools[kMaxPools] = {};

Pool& pool_init() {
  for (Pool& pool : pools) {
    pool = {};
  }
  Pool& first = pools[0];
  first.object = {ObjectType::kPool, true, 0, 0};
  first.limit = frames_free();
  return first;
}

Pool* pool_split(Pool& parent, u64 frames) {
  if (frames > parent.limit - parent.used || FAULT_SITE("pool_split")) {
    return nullptr;
  }
  for (u16 i = 0; i < kMaxPools; ++i) {
    Pool& pool = pools[i];
    if (!pool.object.live) {
      parent.limit -= frames;
      pool = {
          {ObjectType::kPool, true, 0, pool.object.generation}, i, frames, 0};
      return &pool;
    }
  }
  return nullptr;
}

namespace {

FreeFrame take(Pool& pool, FrameType type, FrameContent wanted) {
  constexpr FreeFrame kNone{kNoFrame, FrameContent::kUnknown};
  if (FAULT_SITE("frame_take")) {
    return kNone;
  }
  while (pool.used >= pool.limit) {
    if (!teardown_run(1)) {
      return kNone;
    }
  }
  FreeFrame taken = free_frame_pop(wanted);
  while (taken.frame == kNoFrame) {
    if (!teardown_run(1)) {
      return kNone;
    }
    taken = free_frame_pop(wanted);
  }
  ++pool.used;
  frame_info(taken.frame) = {1, type, 0, pool.index, 0, 0};
  return taken;
}

}  // namespace

Frame frame_take(Pool& pool, FrameType type, bool zeroed) {
  // The list of zero frames is for tables; pages take from it last.
  const FrameContent wanted = zeroed && type != FrameType::kData
                                  ? FrameContent::kZero
                                  : FrameContent::kUnknown;
  const FreeFrame taken = take(pool, type, wanted);
  if (zeroed && taken.frame != kNoFrame &&
      taken.content != FrameContent::kZero) {
    hw::zero_page(hw::phys_to_virt(taken.frame.address()));
  }
  return taken.frame;
}

Frame frame_take_root(Pool& pool) {
  const FreeFrame taken =
      take(pool, FrameType::kRoot, FrameContent::kEmptyRoot);
  if (taken.frame != kNoFrame && taken.content != FrameContent::kEmptyRoot) {
    if (taken.content != FrameContent::kZero) {
      hw::zero_page(hw::phys_to_virt(taken.frame.address()));
    }
    hw::init_root(taken.frame);
  }
  return taken.frame;
}

void frame_release(Frame frame, FrameContent content) {
  Pool& pool = pool_of(frame_info(frame));
  check(pool.used > 0);
  --pool.used;
  free_frame_push(frame, content);
}

void frame_adopt(Pool& pool, Frame frame) {
  frame_unreserve(frame);
  FrameInfo& info = frame_info(frame);
  info.refs = 1;
  info.pool = pool.index;
  ++pool.limit;
  ++pool.used;
}

}  // namespace tine
