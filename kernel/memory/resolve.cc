// Resolving an access: what hardware faults and software copies have in common.
#include "arch/hw/copy_page.h"
#include "kernel/memory/path.h"
#include "kernel/memory/space.h"
#include "kernel/memory/teardown.h"

namespace tine {
namespace {

void give_back(Frame page) {
  if (page != kNoFrame) frame_release(page);
}

// A zero frame where a mark is, at whatever level it stands.
Status resolve_mark(Space& space, VirtAddr va, Look& look) {
  const u8 rights = Format::rights(look.entry);
  const Frame page = frame_take(*space.pool, FrameType::kData, true);
  if (page == kNoFrame) {
    return Status::kNoMemory;
  }
  Path& path = look.path;
  if (look.level != 0 || !look.tables_writable) {
    const Status status = path_own(space, va, 0, path);
    if (status != Status::kOk) {
      give_back(page);
      return status;
    }
  }
  if ((rights & kExecute) != 0) {
    make_fetchable(page);
  }
  path_store(space, path, 0, 0,
             Format::make_leaf(page.address(), rights,
                               space.kind == SpaceKind::kObject));
  path_count(space, path, 0, 1);
  ++space.minor_faults;
  return Status::kOk;
}

// Write access to a leaf whose right is there but not the hardware permission.
Status resolve_write(Space& space, VirtAddr va, const Look& look) {
  const bool shared = Format::is_shared(look.entry);
  const Frame old = entry_frame(look.entry);
  // Own tables and the only reference: the frame is ours as it is. Forking a
  // table adds a reference to every frame below.
  Frame page = kNoFrame;
  if (!shared && (look.shared_tables > 0 || frame_info(old).refs > 1)) {
    page = frame_take(*space.pool, FrameType::kData, false);
    if (page == kNoFrame) {
      return Status::kNoMemory;
    }
  }
  u64* slot = look.slot();
  if (!look.tables_writable) {
    Path path;
    const Status status = path_own(space, va, look, path);
    if (status != Status::kOk) {
      give_back(page);
      return status;
    }
    slot = path.slots[0];
  }
  const u64 entry = *slot;
  if (page == kNoFrame) {
    if (!Format::hardware_writable(entry)) {
      hw::store_entry(slot, Format::clear_read_only(entry));
    }
    // Also where it turns out writable: the TLB may hold an older answer.
    invalidate_page(space, va);
    return Status::kOk;
  }
  hw::copy_page(hw::phys_to_virt(page.address()),
                hw::phys_to_virt(old.address()));
  const u8 rights = Format::rights(entry);
  if ((rights & kExecute) != 0) {
    make_fetchable(page);
  }
  replace_entry(space, slot, va,
                Format::make_leaf(page.address(), rights, false));
  drop_leaf(entry);
  ++space.minor_faults;
  return Status::kOk;
}

bool right_covers(u8 rights, Access access) {
  switch (access) {
    case Access::kRead:
      return (rights & kRead) != 0;
    case Access::kWrite:
      return (rights & kWrite) != 0;
    case Access::kExecute:
      return (rights & kExecute) != 0;
  }
  return false;
}

}  // namespace

Status space_resolve(Space& space, VirtAddr va, Access access) {
  if (va.value >= Format::kUserTop) {
    return Status::kFault;
  }
  const VirtAddr page = va.page();
  Look look = look_up(space, page);
  // Who is about to copy may be the only one left once ended spaces are gone.
  if (access == Access::kWrite && !look.tables_writable && teardown_pending())
      [[unlikely]] {
    teardown_run(1);
    look = look_up(space, page);
  }
  if (Format::is_mark(look.entry)) {
    return right_covers(Format::rights(look.entry), access)
               ? resolve_mark(space, page, look)
               : Status::kFault;
  }
  if (!Format::is_present(look.entry)) {
    return Status::kFault;
  }
  if (access == Access::kWrite) {
    return right_covers(Format::rights(look.entry), access)
               ? resolve_write(space, page, look)
               : Status::kFault;
  }
  if (!Format::hardware_allows(look.entry, access)) {
    return Status::kFault;
  }
  // Spurious: the TLB answered from before the entry was made.
  invalidate_page(space, page);
  return Status::kOk;
}

}  // namespace tine
