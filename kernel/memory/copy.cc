// Software access to the memory of spaces, by walks through the physical map.
#include "arch/hw/copy_page.h"
#include "kernel/memory/path.h"
#include "kernel/memory/space.h"

namespace tine {
namespace {

bool possible_now(const Look& look, Access access) {
  return look.level == 0 && Format::hardware_allows(look.entry, access) &&
         (access != Access::kWrite || look.tables_writable);
}

// The common case: everything is there and nothing has to change. Null: look
// closer.
template <bool kForWrite>
[[gnu::always_inline]] inline u8* open_window(const Space& space, VirtAddr va,
                                              Access access) {
  const u64* table = table_entries(space.root);
#pragma clang loop unroll(full)
  for (unsigned level = kRootLevel; level > 0; --level) {
    const u64 entry = table[Format::index(va, level)];
    if (!Format::is_table(entry, level) ||
        (kForWrite && !Format::hardware_writable(entry))) {
      return nullptr;
    }
    table = entry_table(entry);
  }
  const u64 entry = table[Format::index(va, 0)];
  if (!Format::hardware_allows(entry, access)) {
    return nullptr;
  }
  const Frame frame = entry_frame(entry);
  if (kForWrite && frame_is_ram(frame)) {
    frame_info(frame).level = 0;  // not kFetchable: see make_fetchable
  }
  return hw::phys_to_virt(frame.address()) + va.page_offset();
}

// What is not as simple as that.
[[gnu::noinline]] u8* resolve_window(Space& space, VirtAddr va, Access access,
                                     Status& status) {
  status = Status::kFault;
  if (va.value >= Format::kUserTop) {
    return nullptr;
  }
  Look look = look_up(space, va);
  if (!possible_now(look, access)) {
    status = space_resolve(space, va, access);
    if (status != Status::kOk) {
      return nullptr;
    }
    look = look_up(space, va);
  }
  status = Status::kOk;
  const Frame frame = entry_frame(look.entry);
  if (access == Access::kWrite && frame_is_ram(frame)) {
    frame_info(frame).level = 0;  // not kFetchable: see make_fetchable
  }
  return hw::phys_to_virt(frame.address()) + va.page_offset();
}

// What a hole of an object reads as: looking makes no page.
alignas(kPageSize) constinit const u8 kZeros[kPageSize] = {};

const u8* read_window(Space& space, VirtAddr va, Status& status) {
  if (space.kind == SpaceKind::kObject && va.value < Format::kUserTop) {
    const u64 entry = look_up(space, va).entry;
    if (Format::is_mark(entry) && (Format::rights(entry) & kRead) != 0) {
      status = Status::kOk;
      return kZeros + va.page_offset();
    }
  }
  return space_window(space, va, Access::kRead, status);
}

}  // namespace

u8* space_window(Space& space, VirtAddr va, Access access, Status& status) {
  u8* window = hw::wired_window(space.root.address(), va, access);
  if (window == nullptr && va.value < Format::kUserTop) {
    window = access == Access::kWrite ? open_window<true>(space, va, access)
                                      : open_window<false>(space, va, access);
  }
  if (window == nullptr) [[unlikely]]
    return resolve_window(space, va, access, status);
  status = Status::kOk;
  return window;
}

u64 copy_between(Space& destination, VirtAddr to, Space& source, VirtAddr from,
                 u64 bytes, CopyFault& fault) {
  fault = {Status::kOk, {}, nullptr};
  u64 done = 0;
  while (done < bytes) {
    const VirtAddr to_now = to + done;
    const VirtAddr from_now = from + done;
    // The write comes first: resolving it may move the page that is read.
    u8* const target =
        space_window(destination, to_now, Access::kWrite, fault.status);
    if (target == nullptr) {
      fault.address = to_now;
      fault.space = &destination;
      return done;
    }
    const u8* const origin = read_window(source, from_now, fault.status);
    if (origin == nullptr) {
      fault.address = from_now;
      fault.space = &source;
      return done;
    }
    u64 count = bytes - done;
    const u64 to_left = kPageSize - to_now.page_offset();
    const u64 from_left = kPageSize - from_now.page_offset();
    count = count < to_left ? count : to_left;
    count = count < from_left ? count : from_left;
    hw::copy_bytes(target, origin, count);
    done += count;
  }
  return done;
}

}  // namespace tine
