// What is known of an mm: for rusage and /proc.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"

namespace tine {

using namespace linux_abi;  // the constants' names are Linux's

namespace {

MmAreaName name_of(const Vma& area, const MemoryObject* object) {
  if (object != nullptr && object->content == ObjectContent::kShared) {
    return MmAreaName::kShared;
  }
  if (object != nullptr && object->content == ObjectContent::kSegment) {
    return MmAreaName::kSegment;
  }
  if (area.vdso) return MmAreaName::kVdso;
  if (area.heap) return MmAreaName::kHeap;
  return area.stack ? MmAreaName::kStack : MmAreaName::kNone;
}

}  // namespace

Outcome MemoryServer::mm_stat(const sys::Message& in) {
  Mm* mm = mms_.find(in.words[0]);
  if (mm == nullptr) return answer_words(in.token, -ESRCH);
  sys::Batch batch;
  Op& stat = batch.add(OpCode::kSpaceStat, mm->space);
  if (batch.run().status != Status::kOk) {
    return answer_words(in.token, -ESRCH);
  }
  return answer_words(in.token, 0, mm->areas.pages(), stat.a, stat.b);
}

// Memory only grows between two calls of this, which comes before it shrinks.
void MemoryServer::note_peaks(Mm& mm) {
  sys::Batch batch;
  const Op& stat = batch.add(OpCode::kSpaceStat, mm.space);
  if (batch.run().status != Status::kOk) return;
  if (stat.a > mm.most_resident) mm.most_resident = stat.a;
  const u64 pages = mm.areas.pages();
  if (pages > mm.most_seen) mm.most_seen = pages;
}

Outcome MemoryServer::mm_status(const sys::Message& in) {
  Mm* mm = mms_.find(in.words[0]);
  if (mm == nullptr) return answer_words(in.token, -ESRCH);
  note_peaks(*mm);
  MmStatus status{};
  sys::Batch batch;
  const Op& stat = batch.add(OpCode::kSpaceStat, mm->space);
  if (batch.run().status != Status::kOk) {
    return answer_words(in.token, -ESRCH);
  }
  status.resident = stat.a;
  status.minor_faults = stat.b;
  status.total_peak = mm->most_seen;
  status.resident_peak = mm->most_resident;
  status.locked = mm->locked;
  status.break_start = mm->break_start;
  status.break_end = mm->break_end;
  for (u32 i = 0; i < mm->areas.count(); ++i) {
    const Vma& area = mm->areas[i];
    const u64 pages = (area.end - area.start) >> kPageShift;
    const bool writable = (area.prot & PROT_WRITE) != 0;
    status.total += pages;
    if (area.shared) {
      status.shared += pages;
    } else if (area.stack) {
      status.stack += pages;
    } else if (writable) {
      status.data += pages;
    } else if (area.has_object && (area.prot & PROT_EXEC) != 0) {
      status.code += pages;
    }
  }
  const sys::CopyResult copied = sys::copy_out(
      sys::end_of_token(in.token), in.words[1], &status, sizeof(status));
  return answer_words(in.token, copied.status == Status::kOk ? 0 : -EFAULT);
}

Outcome MemoryServer::mm_areas(const sys::Message& in) {
  const Mm* mm = mms_.find(in.words[0]);
  if (mm == nullptr) return answer_words(in.token, -ESRCH);
  constexpr u64 kAtOnce = 16;
  u32 next = mm->areas.lower_bound(in.words[3]);
  u64 written = 0;
  while (written < in.words[2] && next < mm->areas.count()) {
    MmArea some[kAtOnce] = {};
    u64 n = 0;
    for (; n < kAtOnce && written + n < in.words[2] && next < mm->areas.count();
         ++n, ++next) {
      const Vma& area = mm->areas[next];
      const MemoryObject* const object =
          area.has_object ? objects_.at(area.object) : nullptr;
      some[n] = {.start = area.start,
                 .end = area.end,
                 .offset = area.has_object ? area.offset : 0,
                 .object = object != nullptr ? object->id() : 0,
                 .prot = area.prot,
                 .shared = area.shared,
                 .locked = area.locked,
                 .name = static_cast<u8>(name_of(area, object)),
                 .key = object != nullptr ? object->key : 0};
    }
    const sys::CopyResult copied = sys::copy_out(
        sys::end_of_token(in.token), in.words[1] + written * sizeof(MmArea),
        some, n * sizeof(MmArea));
    if (copied.status != Status::kOk) return answer_words(in.token, -EFAULT);
    written += n;
  }
  return answer_words(in.token, 0, written);
}

// Which memory a futex in shared memory is (get_futex_key()).
Outcome MemoryServer::mm_key(const sys::Message& in) {
  const Mm* mm = mms_.find(in.words[0]);
  const Vma* area = mm == nullptr ? nullptr : mm->areas.find(in.words[1]);
  if (area == nullptr) return answer_words(in.token, -EFAULT);
  if (!area->shared || !area->has_object) {
    return answer_words(in.token, 0, 0, 0, area->prot);
  }
  return answer_words(in.token, 0, objects_.at(area->object)->id(),
                      area->offset + (in.words[1] - area->start), area->prot);
}

}  // namespace tine
