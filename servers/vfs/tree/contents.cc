#include "servers/vfs/tree/contents.h"

#include "kernel/base/address.h"
#include "servers/linux_abi/errno.h"
#include "servers/runtime/sys.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

u64 pages_of(u64 bytes) { return page_round_up(bytes) >> kPageShift; }

}  // namespace

Contents::Contents(Heap& heap, u32 most_files, u64 memory_bytes)
    : most_pages_((memory_bytes >> kPageShift) / 2),
      free_handles_(heap.take_array<Handle>(most_files)),
      most_handles_(free_handles_ == nullptr ? 0 : most_files) {
  if (most_handles_ > kMaxHandles - kFirstFreeHandle) {
    most_handles_ = kMaxHandles - kFirstFreeHandle;
  }
}

Handle Contents::take_handle() {
  if (free_count_ != 0) return free_handles_[--free_count_];
  if (used_handles_ == most_handles_) return kNoHandle;
  return kFirstFreeHandle + used_handles_++;
}

void Contents::release_handle(Handle handle) {
  free_handles_[free_count_++] = handle;
}

i64 Contents::make_object(Inode& inode) {
  if (FAULT_SITE("file contents")) return -ENOMEM;
  const Handle handle = take_handle();
  if (handle == kNoHandle) return -ENOSPC;
  const sys::Message answer =
      sys::call(kCallMemory, sys::make_message(MemoryLabel::kObjectNew, handle,
                                               0, ObjectContent::kSparse));
  if (sys::result_of(answer, -EIO) != 0) {
    release_handle(handle);
    return -ENOMEM;
  }
  inode.object = handle;
  inode.object_id = answer.words[1];
  return 0;
}

void Contents::drop(Inode& inode) {
  if (inode.object == kNoHandle) return;
  (void)sys::run({OpCode::kHandleClose, inode.object});
  (void)sys::call(kCallMemory,
                  sys::make_message(MemoryLabel::kObjectDrop, inode.object_id));
  release_handle(inode.object);
  pages_ -= inode.frames;
  inode.object = kNoHandle;
  inode.object_id = 0;
  inode.frames = 0;
  inode.is_published = false;
}

void Contents::count(Inode& inode) {
  if (inode.object == kNoHandle) return;
  sys::Batch batch;
  const Op& stat = batch.add(OpCode::kSpaceStat, inode.object);
  if (batch.run().status != Status::kOk) return;
  pages_ += stat.a - inode.frames;
  inode.frames = stat.a;
}

// Only so far: a hole that is larger counts as data, as all could.
u64 Contents::next_of_kind(Inode& inode, u64 offset, bool data) {
  constexpr u64 kPagesAtOnce = 64;
  constexpr u64 kMostSearched = u64{1} << 20;  // pages
  count(inode);
  if (inode.object == kNoHandle || inode.frames == 0) {
    return data ? inode.bytes : offset;
  }
  const u64 first = offset >> kPageShift;
  const u64 end = pages_of(inode.bytes);
  const u64 last = end - first > kMostSearched ? first + kMostSearched : end;
  for (u64 page = first; page < last; page += kPagesAtOnce) {
    u64 pages = last - page < kPagesAtOnce ? last - page : kPagesAtOnce;
    u64 present = 0;
    if (sys::run({OpCode::kSpacePresent, inode.object, page << kPageShift, 0, 0,
                  pages},
                 &present)
            .status != Status::kOk) {
      break;
    }
    if (!data) present = ~present;
    if (pages < kPagesAtOnce) present &= (u64{1} << pages) - 1;
    if (present == 0) continue;
    page += static_cast<u64>(__builtin_ctzll(present));
    return page == first ? offset : page << kPageShift;
  }
  return !data || last == end ? inode.bytes : last << kPageShift;
}

i64 Contents::tell_size(Inode& inode, u64 bytes, u64 before) {
  const sys::Message answer =
      sys::call(kCallMemory, sys::make_message(MemoryLabel::kObjectResize,
                                               inode.object_id, bytes, before));
  return sys::result_of(answer, -EIO);
}

i64 Contents::clear_tail(Inode& inode) {
  const u64 end = page_round_up(inode.bytes);
  if (!inode.is_published || end == inode.bytes) return 0;
  return tell_size(inode, inode.bytes, end);
}

i64 Contents::publish(Inode& inode) {
  if (inode.object == kNoHandle) {
    if (i64 error = make_object(inode); error != 0) return error;
  }
  if (inode.is_published) return 0;
  inode.is_published = true;
  return tell_size(inode, inode.bytes, inode.bytes);
}

i64 Contents::prepare_write(Inode& inode, u64 offset, u64& bytes) {
  if (offset >= kMostBytes) return -EFBIG;
  if (bytes > kMostBytes - offset) bytes = kMostBytes - offset;
  if (inode.object == kNoHandle) {
    if (i64 error = make_object(inode); error != 0) return error;
  }
  // Without holes, and not beyond the last page, all that is needed is there.
  const u64 first = offset >> kPageShift;
  const u64 last = pages_of(offset + bytes);
  if (inode.frames < pages_of(inode.bytes) || last > inode.frames) {
    if (pages_ + (last - first) > most_pages_) {
      count(inode);
      // What is there already may be written: how much of the range that is
      // nobody knows, so it counts as a hole.
      const u64 room = most_pages_ > pages_ ? most_pages_ - pages_ : 0;
      if (room == 0) return -ENOSPC;
      const u64 most = ((first + room) << kPageShift) - offset;
      if (bytes > most) bytes = most;
    }
  }
  // Programs that map the last page may have written behind the file's end.
  return offset > inode.bytes ? clear_tail(inode) : 0;
}

void Contents::finish_write(Inode& inode, u64 offset, u64 bytes) {
  const u64 end = offset + bytes;
  const bool has_holes = inode.frames < pages_of(inode.bytes);
  if (bytes != 0 && end > inode.bytes) {
    if (inode.is_published) (void)tell_size(inode, end, inode.bytes);
    inode.bytes = end;
  }
  if (has_holes || pages_of(end) > inode.frames) count(inode);
}

i64 Contents::resize(Inode& inode, u64 bytes) {
  if (bytes > kMostBytes) return -EFBIG;
  if (inode.object != kNoHandle &&
      (bytes < inode.bytes || inode.is_published)) {
    if (FAULT_SITE("file size")) return -ENOMEM;
    if (bytes > inode.bytes) (void)clear_tail(inode);
    if (i64 error = tell_size(inode, bytes, inode.bytes); error != 0) {
      return error;
    }
    count(inode);
  }
  inode.bytes = bytes;
  return 0;
}

i64 Contents::allocate(Inode& inode, u64 offset, u64 bytes, bool extends) {
  const u64 end = offset + bytes;
  if (end > kMostBytes) return -EFBIG;
  if (inode.object == kNoHandle) {
    if (i64 error = make_object(inode); error != 0) return error;
  }
  count(inode);
  const u64 first = page_round_down(offset);
  const u64 pages = pages_of(end) - (first >> kPageShift);
  // An extended file's new pages are surely missing; of the others nobody
  // knows.
  if (pages > most_pages_ ||
      (first >= inode.bytes && pages_ + pages > most_pages_)) {
    return -ENOSPC;
  }
  const sys::BatchResult done =
      sys::run({OpCode::kSpaceResolve, inode.object, first, 0, 0, pages,
                static_cast<u64>(Access::kWrite)});
  count(inode);
  if (done.status != Status::kOk) return -ENOSPC;
  if (extends && end > inode.bytes) {
    if (inode.is_published) (void)tell_size(inode, end, inode.bytes);
    inode.bytes = end;
  }
  return 0;
}

i64 Contents::punch(Inode& inode, u64 offset, u64 bytes) {
  if (inode.object == kNoHandle || offset >= inode.bytes) return 0;
  if (FAULT_SITE("file size")) return -ENOMEM;
  if (bytes > inode.bytes - offset) bytes = inode.bytes - offset;
  const sys::Message answer =
      sys::call(kCallMemory, sys::make_message(MemoryLabel::kObjectPunch,
                                               inode.object_id, offset, bytes));
  const i64 error = sys::result_of(answer, -EIO);
  count(inode);
  return error;
}

}  // namespace tine::vfs
