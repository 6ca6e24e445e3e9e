#include "kernel/memory/space.h"

#include <bit>

#include "kernel/memory/space_init.h"
#include "kernel/memory/table.h"

namespace tine {
namespace {

// What every new space pays of the teardown that is pending (A15): this, and a
// quantum for each table, so that the queue ends growing where processes come
// and go without a pause.
constexpr unsigned kTeardownQuanta = 2;

}  // namespace

Status space_init(Space& space, Pool& pool, SpaceKind kind, u64 badge) {
  if (teardown_pending()) {
    teardown_run(kTeardownQuanta + teardown_length());
  }
  const Frame root = frame_take_root(pool);
  if (root == kNoFrame) {
    return Status::kNoMemory;
  }
  frame_info(root).level = kRootLevel;
  space.kind = kind;
  space.root = root;
  space.asid = 0;
  space.asid_generation = 0;
  space.badge = badge;
  space.pool = &pool;
  space.minor_faults = 0;
  space.rss = 0;
  space.threads = 0;
  return Status::kOk;
}

Status space_create(Space& space, Pool& pool, SpaceKind kind, u64 badge) {
  const Status status = space_init(space, pool, kind, badge);
  if (status == Status::kOk) {
    for (u64& word : space.root_live) {
      word = 0;
    }
  }
  return status;
}

void space_destroy(Space& space) {
  FrameInfo& root = frame_info(space.root);
  // The exact bitmap becomes a group mask like any other table's. Few bits are
  // set: each takes its group with it.
  constexpr unsigned kGroupsPerWord = 64 / kGroupEntries;
  constexpr u64 kGroupMask = (u64{1} << kGroupEntries) - 1;
  u32 live = 0;
  for (unsigned word = 0; word < kRootWords; ++word) {
    for (u64 left = space.root_live[word]; left != 0;) {
      const auto group =
          static_cast<unsigned>(std::countr_zero(left)) / kGroupEntries;
      live |= u32{1} << (word * kGroupsPerWord + group);
      left &= ~(kGroupMask << (group * kGroupEntries));
    }
  }
  root.live = live;
  root.refs = 0;
  teardown_push(space.root);
  // Its ASID is not given out again before all TLBs forgot it.
  if (space.asid_generation == asid_generation) hw::retire_asid(space.asid);
  space.root = kNoFrame;
  space.asid_generation = 0;
  space.rss = 0;
}

}  // namespace tine
