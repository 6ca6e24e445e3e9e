#include "servers/process/sysv/shared_segments.h"

#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/process/sysv/ipc_get.h"
#include "servers/protocol/bootstrap.h"
#include "servers/runtime/sys.h"

namespace tine::process::sysv {

using namespace linux_abi;

i64 SharedSegments::get(const GetRequest& request, u64 bytes, i32 creator,
                        u64 now) {
  drop_unused();
  return get_object(
      segments_, request,
      [bytes](const Segment& segment) {
        return bytes > segment.bytes ? i64{-EINVAL} : 0;
      },
      [&] { return make(request, bytes, creator, now); });
}

// Linux counts a segment's pages when it is made, unless SHM_NORESERVE says
// that they are not to be: more than there are can never be had.
i64 SharedSegments::make(const GetRequest& request, u64 bytes, i32 creator,
                         u64 now) {
  if (bytes == 0 || bytes > kMostSegmentBytes) return -EINVAL;
  const u64 pages = ((bytes - 1) >> kPageShift) + 1;
  if (segments_.is_full()) return -ENOSPC;
  if ((request.flags & kShmHugePages) != 0) return -ENOMEM;  // there are none
  if ((request.flags & kShmNoReserve) == 0 && pages > memory_pages_) {
    return -ENOMEM;
  }
  auto* segment = blocks_.make<Segment>();
  if (segment == nullptr) return -ENOMEM;
  const sys::Message made = sys::call(
      kCallMemory, sys::make_message(MemoryLabel::kObjectNew, u64{kNoHandle},
                                     pages << kPageShift,
                                     static_cast<u64>(ObjectContent::kSegment),
                                     static_cast<u64>(request.key)));
  if (sys::result_of(made, -ENOMEM) != 0) {
    blocks_.give(segment);
    return -ENOMEM;
  }
  own(*segment, request);
  segment->object = made.words[1];
  segment->bytes = bytes;
  segment->creator = creator;
  segment->changed = now;
  segments_.add(*segment);
  pages_ += pages;
  return segment->id();
}

SegmentUse SharedSegments::use_of(const Segment& segment) {
  const sys::Message answer = sys::call(
      kCallMemory, sys::make_message(MemoryLabel::kObjectUse, segment.object));
  if (sys::result_of(answer, -EINVAL) != 0) return {};
  return {answer.words[1], answer.words[2]};
}

// Its memory goes with the last mapping, whether or not anybody looks.
void SharedSegments::remove(Segment& segment) {
  if (segment.is_removed()) return;
  const bool is_attached = use_of(segment).attachments != 0;
  (void)sys::call(kCallMemory,
                  sys::make_message(MemoryLabel::kObjectDrop, segment.object));
  if (!is_attached) {
    destroy(segment);
    return;
  }
  segment.mode |= kShmDestroyed;
  segments_.forget_key(segment);
  ++removed_;
}

void SharedSegments::destroy(Segment& segment) {
  pages_ -= segment.pages();
  segments_.remove(segment);
  blocks_.give(&segment);
}

void SharedSegments::drop_unused() {
  if (removed_ == 0) return;
  segments_.for_each([this](Segment& segment) {
    if (!segment.is_removed() || use_of(segment).attachments != 0) return;
    --removed_;
    destroy(segment);
  });
}

Segment* SharedSegments::find(i32 id) {
  drop_unused();
  return segments_.find(id);
}

Segment* SharedSegments::at(u32 id) {
  drop_unused();
  return segments_.at(id);
}

const IpcTable<Segment>& SharedSegments::segments() {
  drop_unused();
  return segments_;
}

i64 SharedSegments::attach(Segment& segment, MmId mm, u64 address, u32 flags) {
  const bool is_read_only = (flags & kShmReadOnly) != 0;
  const u64 prot = u64{PROT_READ} | (is_read_only ? 0 : u64{PROT_WRITE}) |
                   ((flags & kShmExecute) != 0 ? u64{PROT_EXEC} : 0);
  u64 map_flags = MAP_SHARED;
  if ((flags & kShmRemap) != 0) {
    map_flags |= MAP_FIXED;
  } else if (address != 0) {
    map_flags |= MAP_FIXED_NOREPLACE;
  }
  const u64 bytes = segment.pages() << kPageShift;
  if (address + bytes < address) return -EINVAL;
  const sys::Message answer =
      sys::call(kCallMemory,
                sys::make_message(MemoryLabel::kMmMapFile, mm, address, bytes,
                                  prot | map_flags << 32, segment.object, 0,
                                  is_read_only ? 0 : kMapMayWrite));
  const i64 result = sys::result_of(answer, -ENOMEM);
  return result == -EEXIST ? -EINVAL : result;
}

Segment* SharedSegments::detach(MmId mm, u64 address, i64* error) {
  const sys::Message answer = sys::call(
      kCallMemory, sys::make_message(MemoryLabel::kMmDetach, mm, address));
  *error = sys::result_of(answer, -EINVAL);
  return *error == 0 ? find_object(answer.words[1]) : nullptr;
}

Segment* SharedSegments::find_object(ObjectId object) const {
  Segment* found = nullptr;
  segments_.for_each([&](Segment& segment) {
    if (segment.object == object) found = &segment;
  });
  return found;
}

template <typename F>
void SharedSegments::for_each_attached(MmId mm, F f) const {
  constexpr u64 kAtOnce = 16;
  MmArea areas[kAtOnce];
  for (u64 from = 0;;) {
    const sys::Message answer =
        sys::call(kCallMemory, sys::make_message(MemoryLabel::kMmAreas, mm,
                                                 reinterpret_cast<u64>(areas),
                                                 kAtOnce, from));
    if (sys::result_of(answer, -ESRCH) != 0) return;
    const u64 count = answer.words[1];
    for (u64 i = 0; i < count; ++i) {
      if (areas[i].shared == 0 || areas[i].object == 0) continue;
      Segment* segment = find_object(areas[i].object);
      if (segment != nullptr) f(*segment);
    }
    if (count < kAtOnce) return;
    from = areas[count - 1].end;
  }
}

void SharedSegments::note_attached(MmId mm, i32 pid, u64 now) {
  for_each_attached(mm, [&](Segment& segment) {
    segment.attached = now;
    segment.last = pid;
  });
}

void SharedSegments::note_detached(MmId mm, i32 pid, u64 now) {
  for_each_attached(mm, [&](Segment& segment) {
    segment.detached = now;
    segment.last = pid;
  });
}

}  // namespace tine::process::sysv
