// Building the mm of a new program for exec.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"
#include "servers/memory/user_range.h"

namespace tine {

using namespace linux_abi;  // the constants' names are Linux's

Outcome MemoryServer::mm_map(const sys::Message& in) {
  Mm* mm = mms_.find(in.words[0]);
  u64 address = in.words[1];
  u64 bytes = in.words[2];
  u64 offset = in.words[5];
  u64 file_bytes = in.words[6];
  u8 prot = static_cast<u8>(in.words[3] & PROT_MASK);
  u64 start = page_round_down(address);
  u64 end = page_round_up(address + bytes);
  if (mm == nullptr || end <= start || !is_user_range(start, end - start) ||
      file_bytes > bytes) {
    return answer_words(in.token, -EINVAL);
  }
  if (mm->areas.overlaps(start, end)) return answer_words(in.token, -EEXIST);

  u64 file_end = start;
  MemoryObject* object = nullptr;
  if (in.words[4] != 0 && file_bytes != 0) {
    object = objects_.find(in.words[4]);
    u64 first = page_round_down(offset);
    file_end = page_round_up(address + file_bytes);
    u64 pages = (file_end - start) >> kPageShift;
    if (object == nullptr || ((offset ^ address) & kPageMask) != 0 ||
        offset + file_bytes < offset || first >> kPageShift > object->pages ||
        pages > object->pages - (first >> kPageShift)) {
      return answer_words(in.token, -EINVAL);
    }
    if (!mm->areas.reserve(2)) return answer_words(in.token, -ENOMEM);
    Vma area;
    area.start = start;
    area.end = file_end;
    area.prot = prot;
    area.has_object = true;
    area.object = object->index;
    area.offset = first;
    if (!ledger_.charge(*mm, chargeable_pages(area))) {
      return answer_words(in.token, -ENOMEM);
    }
    sys::BatchResult mapped =
        sys::run({OpCode::kSpaceMap, mm->space, start, object->space, first,
                  pages, u64{prot} | static_cast<u64>(MapMode::kPrivate) << 8});
    // Undo on failure is the caller's kMmAbort: the mm is not in use yet.
    if (mapped.status != Status::kOk) return answer_words(in.token, -ENOMEM);
    objects_.ref(*object);
    mm->areas.insert(area);
    // The rest of the last page is zero, if the program could write there.
    u64 zero_from = address + file_bytes;
    if ((prot & PROT_WRITE) != 0 && bytes > file_bytes &&
        (zero_from & kPageMask) != 0) {
      static constexpr u8 kZeros[kPageSize] = {};
      sys::CopyResult zeroed =
          sys::copy_out(mm->space, zero_from, kZeros, file_end - zero_from);
      if (zeroed.status != Status::kOk) return answer_words(in.token, -ENOMEM);
    }
  }
  if (file_end < end) {
    Vma area;
    area.start = file_end;
    area.end = end;
    area.prot = prot;
    if (map_anonymous(*mm, area) != 0) return answer_words(in.token, -ENOMEM);
  }
  return answer_words(in.token, 0);
}

Outcome MemoryServer::mm_set_break(const sys::Message& in) {
  Mm* mm = mms_.find(in.words[0]);
  u64 start = page_round_up(in.words[1]);
  if (mm == nullptr || start == 0 || start >= kUserEnd) {
    return answer_words(in.token, -EINVAL);
  }
  mm->break_start = mm->break_end = start;
  return answer_words(in.token, 0);
}

Outcome MemoryServer::mm_set_stack(const sys::Message& in) {
  Mm* mm = mms_.find(in.words[0]);
  u64 low = page_round_down(in.words[1]);
  u64 top = in.words[2];
  if (mm == nullptr || (top & kPageMask) != 0 || top <= low ||
      top < kLeastStackRoom + kStackGap + kStackTableBytes + kLowestAddress ||
      low < kStackGap + kStackTableBytes + kLowestAddress ||
      !is_user_range(low, top - low)) {
    return answer_words(in.token, -EINVAL);
  }
  if (mm->areas.overlaps(low, top)) return answer_words(in.token, -EEXIST);
  // It begins small, since marks that stand alone in a table are what a fork
  // copies: as far as they share a group of entries with the code above.
  constexpr u64 kFirstBytes = 8 * kPageSize;
  Vma area;
  area.start = top - low < kFirstBytes ? low : top - kFirstBytes;
  area.end = top;
  area.prot = PROT_READ | PROT_WRITE;
  area.stack = true;
  i64 error = map_anonymous(*mm, area);
  if (error == 0) error = map_vdso(*mm);
  if (error != 0) return answer_words(in.token, error);
  mm->stack_top = top;
  mm->most_stack_bytes = in.words[3] != 0 ? in.words[3] : top - low;
  if (top - low < kLeastStackRoom) low = top - kLeastStackRoom;
  mm->mmap_top = (low - kStackGap) & ~(kStackTableBytes - 1);
  return answer_words(in.token, 0);
}

}  // namespace tine
