// Giving frames mappings: from another space, fresh, or reserved by boot.
#include "kernel/memory/path.h"
#include "kernel/memory/space.h"

namespace tine {
namespace {

// Puts a level-0 entry where anything may have been, and drops that.
void put_leaf(Space& space, const Path& path, VirtAddr va, u64 entry) {
  const u64 old = *path.slots[0];
  if (!holds_frame(old)) {
    path_store(space, path, 0, 0, entry);
    path_count(space, path, 0, 1);
    return;
  }
  replace_entry(space, path.slots[0], va, entry);
  drop_leaf(old);
}

// Makes a private page of `space` a shared one, written in place from now on.
Status share_page(Space& space, VirtAddr va) {
  const u8 rights = Format::rights(look_up(space, va).entry);
  if ((rights & kWrite) == 0) {
    return Status::kInvalid;  // others may have it copy-on-write
  }
  Status status = space_resolve(space, va, Access::kWrite);
  if (status != Status::kOk) {
    return status;
  }
  Path path;
  status = path_own(space, va, 0, path);
  if (status == Status::kOk) {
    // The same frame and no less permission: TLBs may keep what they know.
    const u64 entry = *path.slots[0];
    hw::store_entry(path.slots[0],
                    make_page_entry(Format::address(entry), rights, true));
  }
  return status;
}

// Brings the source page into a state in which it can be mapped: it has a
// frame, and is shared if the mapping is.
Status prepare_source(Space& source, VirtAddr va, MapMode mode) {
  Look look = look_up(source, va);
  if (Format::is_mark(look.entry)) {
    const Status status = space_resolve(source, va, Access::kRead);
    if (status != Status::kOk) {
      return status;
    }
    look = look_up(source, va);
  }
  if (look.level != 0 || !holds_frame(look.entry)) {
    return Status::kFault;
  }
  if (mode == MapMode::kShared && !Format::is_shared(look.entry)) {
    return share_page(source, va);
  }
  return Status::kOk;
}

bool private_mark(const Space& source, VirtAddr va, MapMode mode) {
  return mode == MapMode::kPrivate && source.kind == SpaceKind::kLoadable &&
         Format::is_mark(look_up(source, va).entry);
}

// A private mapping begins copy-on-write.
u64 mapped_entry(Frame frame, u8 rights, MapMode mode) {
  const bool shared = mode == MapMode::kShared;
  const u64 entry = make_page_entry(frame.address(), rights, shared);
  return !shared && Format::is_present(entry) ? Format::set_read_only(entry)
                                              : entry;
}

Status map_page(Space& destination, VirtAddr va, Space& source,
                VirtAddr source_va, u8 rights, MapMode mode) {
  Status status = prepare_source(source, source_va, mode);
  if (status != Status::kOk) {
    return status;
  }
  Path path;
  status = path_own(destination, va, 0, path);
  if (status != Status::kOk) {
    return status;
  }
  // Looked up again: both may be the same space.
  const Look look = look_up(source, source_va);
  const Frame frame = entry_frame(look.entry);
  if (frame_is_ram(frame)) {
    frame_ref(frame_info(frame));
  }
  // A private page that gets a second mapping is copy-on-write in both. Setting
  // read-only is allowed on frozen tables too.
  if (!Format::is_shared(look.entry) &&
      Format::hardware_allows(look.entry, Access::kWrite)) {
    hw::store_entry(look.slot(), Format::set_read_only(look.entry));
    invalidate_page(source, source_va);
  }
  if ((rights & kExecute) != 0) {
    make_fetchable(frame);
  }
  put_leaf(destination, path, va, mapped_entry(frame, rights, mode));
  return Status::kOk;
}

// Entries left in the leaf table of `va`, from `va` on.
u64 left_in_table(VirtAddr va) { return kTableEntries - Format::index(va, 0); }

// The common case, a program's file: pages of an object that are there, into
// entries that hold no frame, as far as one leaf table reaches on either side,
// which is walked to once. kOk with fewer pages than asked for: at what it
// stopped map_page() knows more.
Progress map_run(Space& destination, VirtAddr va, Space& source,
                 VirtAddr source_va, u64 pages, u8 rights, MapMode mode) {
  if (source.kind != SpaceKind::kObject || &source == &destination) {
    return {Status::kOk, 0};
  }
  const Look look = look_up(source, source_va);
  if (look.level != 0) {
    return {Status::kOk, 0};
  }
  Path path;
  const Status status = path_own(destination, va, 0, path);
  if (status != Status::kOk) {
    return {status, 0};
  }
  u64 count = left_in_table(va);
  count = left_in_table(source_va) < count ? left_in_table(source_va) : count;
  count = pages < count ? pages : count;
  // What is the same for all of them is in registers. An entry has its address
  // as it is, or inverted: either way it is the entry of address 0 xor that.
  const FrameTable frames = frame_table;
  const u64* const from = look.slot();
  u64* const to = path.slots[0];
  const u64 bits = mapped_entry(Frame{0}, rights, mode);
  const bool is_code = (rights & kExecute) != 0;
  u64 done = 0;
  for (; done < count; ++done) {
    const u64 entry = from[done];
    if (!Format::is_present(entry) || !Format::is_shared(entry) ||
        (to[done] != 0 && holds_frame(to[done]))) {
      break;
    }
    const u64 address = entry & Format::kAddressMask;
    const Frame frame = Frame::containing({address});
    if (frame.number - frames.first < frames.count) [[likely]] {
      FrameInfo& info = frames.of(frame);
      frame_ref(info);
      if (is_code && info.level != kFetchable) [[unlikely]]
        make_fetchable(frame);
    }
    hw::store_entry(to + done, bits ^ address);
  }
  path_note_run(path, 0, done);
  path_count(destination, path, 0, static_cast<i64>(done));
  return {Status::kOk, done};
}

// Maps those of up to `pages` pages that are there, where nothing is yet, as
// far as one leaf table reaches on either side.
Progress map_present_run(Space& destination, VirtAddr va, const Space& source,
                         VirtAddr source_va, u64 pages, u8 rights,
                         MapMode mode) {
  u64 count = left_in_table(va);
  count = left_in_table(source_va) < count ? left_in_table(source_va) : count;
  count = pages < count ? pages : count;
  const Look look = look_up(source, source_va);
  if (look.level != 0) {
    return {Status::kOk, count};
  }
  Path path;
  const Status status = path_own(destination, va, 0, path);
  if (status != Status::kOk) {
    return {status, 0};
  }
  i64 mapped = 0;
  for (u64 i = 0; i < count; ++i) {
    const u64 from = look.slot()[i];
    if (!Format::is_present(from) || !Format::is_shared(from) ||
        path.slots[0][i] != 0) {
      continue;
    }
    const Frame frame = entry_frame(from);
    if (frame_is_ram(frame)) {
      frame_ref(frame_info(frame));
    }
    if ((rights & kExecute) != 0) {
      make_fetchable(frame);
    }
    path_store(destination, path, 0, static_cast<unsigned>(i),
               mapped_entry(frame, rights, mode));
    ++mapped;
  }
  path_count(destination, path, 0, mapped);
  return {Status::kOk, count};
}

Status populate_page(Space& space, VirtAddr va, u8 rights) {
  const Frame page = frame_take(*space.pool, FrameType::kData, true);
  if (page == kNoFrame) {
    return Status::kNoMemory;
  }
  Path path;
  const Status status = path_own(space, va, 0, path);
  if (status != Status::kOk) {
    frame_release(page);
    return status;
  }
  if ((rights & kExecute) != 0) {
    make_fetchable(page);
  }
  put_leaf(space, path, va,
           make_page_entry(page.address(), rights,
                           space.kind == SpaceKind::kObject));
  return Status::kOk;
}

}  // namespace

Progress space_map(Space& destination, VirtAddr va, Space& source,
                   VirtAddr source_va, u64 pages, u8 rights, MapMode mode) {
  if (check_range(va, pages) != Status::kOk ||
      check_range(source_va, pages) != Status::kOk) {
    return {Status::kInvalid, 0};
  }
  rights = normal_rights(rights);
  const u64 count = pages < kQuantum ? pages : kQuantum;
  for (u64 i = 0; i < count; ++i) {
    const Progress run =
        map_run(destination, va + i * kPageSize, source,
                source_va + i * kPageSize, count - i, rights, mode);
    i += run.pages;
    if (run.status != Status::kOk) {
      return {run.status, i};
    }
    if (i == count) {
      break;
    }
    const VirtAddr to = va + i * kPageSize;
    const VirtAddr from = source_va + i * kPageSize;
    const Status status =
        private_mark(source, from, mode)
            ? space_mark(destination, to, 1, rights).status
            : map_page(destination, to, source, from, rights, mode);
    if (status != Status::kOk) {
      return {status, i};
    }
  }
  return {count < pages ? Status::kMore : Status::kOk, count};
}

Progress space_map_present(Space& destination, VirtAddr va, Space& source,
                           VirtAddr source_va, u64 pages, u8 rights,
                           MapMode mode) {
  if (check_range(va, pages) != Status::kOk ||
      check_range(source_va, pages) != Status::kOk ||
      source.kind != SpaceKind::kObject || &source == &destination) {
    return {Status::kInvalid, 0};
  }
  rights = normal_rights(rights);
  const u64 count = pages < kQuantum ? pages : kQuantum;
  for (u64 done = 0; done < count;) {
    const Progress run = map_present_run(destination, va + done * kPageSize,
                                         source, source_va + done * kPageSize,
                                         count - done, rights, mode);
    if (run.status != Status::kOk) {
      return {run.status, done};
    }
    done += run.pages;
  }
  return {count < pages ? Status::kMore : Status::kOk, count};
}

Progress space_populate(Space& space, VirtAddr va, u64 pages, u8 rights) {
  if (check_range(va, pages) != Status::kOk) {
    return {Status::kInvalid, 0};
  }
  rights = normal_rights(rights);
  const u64 count = pages < kQuantum ? pages : kQuantum;
  for (u64 i = 0; i < count; ++i) {
    const Status status = populate_page(space, va + i * kPageSize, rights);
    if (status != Status::kOk) {
      return {status, i};
    }
  }
  return {count < pages ? Status::kMore : Status::kOk, count};
}

Status space_adopt(Space& object, VirtAddr offset, PhysRange range) {
  const u64 bytes = range.end.value - range.begin.value;
  if (range.end < range.begin || (range.begin.value & kPageMask) != 0 ||
      (bytes & kPageMask) != 0 ||
      check_range(offset, bytes >> kPageShift) != Status::kOk) {
    return Status::kInvalid;
  }
  for (u64 at = 0; at < bytes; at += kPageSize) {
    const Frame frame = Frame::containing(range.begin + at);
    if (!frame_is_ram(frame) ||
        frame_info(frame).type != FrameType::kReserved) {
      return Status::kInvalid;
    }
    Path path;
    const Status status = path_own(object, offset + at, 0, path);
    if (status != Status::kOk) {
      return status;
    }
    if (holds_frame(*path.slots[0])) {
      return Status::kBusy;
    }
    frame_adopt(*object.pool, frame);
    put_leaf(object, path, offset + at,
             make_page_entry(frame.address(), kRead | kWrite, true));
  }
  return Status::kOk;
}

}  // namespace tine
