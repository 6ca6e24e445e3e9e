// Objects as the vfs server makes and changes them: contents of files.
#include <bit>

#include "servers/linux_abi/errno.h"
#include "servers/memory/memory_server.h"

namespace tine {

Outcome MemoryServer::object_new(const sys::Message& in) {
  const u64 content = in.words[2];
  if (content > static_cast<u64>(ObjectContent::kSegment)) {
    return answer_words(in.token, -linux_abi::EINVAL);
  }
  if (in.words[1] > kMostObjectPages << kPageShift) {
    return answer_words(in.token, -linux_abi::ENOMEM);
  }
  MemoryObject* object =
      objects_.make(in.words[1], static_cast<ObjectContent>(content));
  if (object == nullptr) return answer_words(in.token, -linux_abi::ENOMEM);
  object->key = static_cast<i32>(in.words[3]);
  if (in.words[0] == kNoHandle) {
    return answer_words(in.token, 0, object->id());
  }
  const sys::BatchResult given =
      sys::run({OpCode::kHandleGive, object->space, in.token, in.words[0]});
  if (given.status != Status::kOk) {
    objects_.unref(*object);
    return answer_words(in.token, -linux_abi::EINVAL);
  }
  return answer_words(in.token, 0, object->id());
}

// Takes the object's pages [first, end) out of all mms that map them.
void MemoryServer::unmap_object(const MemoryObject& object, u64 first, u64 end,
                                bool private_too) {
  for (Mm* mm : mms_) {
    if (mm->state == MmState::kFree) continue;
    for (u32 i = 0; i < mm->areas.count(); ++i) {
      const Vma& area = mm->areas[i];
      if (!area.has_object || area.object != object.index) continue;
      if (!area.shared && !private_too) continue;
      const u64 area_first = area.offset >> kPageShift;
      const u64 area_end = area_first + ((area.end - area.start) >> kPageShift);
      const u64 from = first > area_first ? first : area_first;
      const u64 to = end < area_end ? end : area_end;
      if (from >= to) continue;
      const u64 at = area.start + (from - area_first) * kPageSize;
      if (unmap_pages(*mm, at, to - from).status != Status::kOk) {
        sys::log("memory: a page that a file has lost stays mapped");
      }
    }
  }
}

// Gives the frames of pages [first, end) back. That never needs any: tables of
// an object are its own, and a mark within a mark changes nothing.
void MemoryServer::clear_pages(MemoryObject& object, u64 first, u64 end) {
  constexpr u64 kManyPages = 512;
  if (first == 0 && object.sparse && end > kManyPages) {
    end = kMostObjectPages;  // one entry, with all tables below
  }
  if (first >= end) return;
  constexpr u64 kReadWrite = Rights::kRead | Rights::kWrite;
  const sys::BatchResult done = sys::run(
      {object.sparse ? OpCode::kSpaceMark : OpCode::kSpaceUnmap, object.space,
       first << kPageShift, 0, 0, end - first, object.sparse ? kReadWrite : 0});
  if (done.status != Status::kOk) {
    sys::fail("memory: cannot take pages out of a file");
  }
}

// Zeros within one page. Of a page that is there that cannot fail; if making
// one fails it was a hole, which is zero as it is.
void MemoryServer::clear_bytes(MemoryObject& object, u64 from, u64 to) {
  static constexpr u8 kZeros[kPageSize] = {};
  (void)sys::copy_out(object.space, from, kZeros, to - from);
}

// The same for pages [first, end) as far as they are there: they stay.
void MemoryServer::clear_in_place(MemoryObject& object, u64 first, u64 end) {
  constexpr u64 kAtOnce = 64;
  for (u64 page = first; page < end; page += kAtOnce) {
    const u64 count = end - page < kAtOnce ? end - page : kAtOnce;
    u64 there = present_pages(object.space, page << kPageShift, count);
    for (; there != 0; there &= there - 1) {
      const u64 at = (page + static_cast<u64>(std::countr_zero(there)))
                     << kPageShift;
      clear_bytes(object, at, at + kPageSize);
    }
  }
}

// Whether one shows any of the object's pages [first, end).
bool MemoryServer::has_private_area(const MemoryObject& object, u64 first,
                                    u64 end) const {
  for (const Mm* mm : mms_) {
    if (mm->state == MmState::kFree) continue;
    for (u32 i = 0; i < mm->areas.count(); ++i) {
      const Vma& area = mm->areas[i];
      if (!area.has_object || area.object != object.index || area.shared) {
        continue;
      }
      const u64 area_first = area.offset >> kPageShift;
      const u64 area_end = area_first + ((area.end - area.start) >> kPageShift);
      if (area_first < end && first < area_end) return true;
    }
  }
  return false;
}

Outcome MemoryServer::object_resize(const sys::Message& in) {
  MemoryObject* object = objects_.find(in.words[0]);
  const u64 bytes = in.words[1];
  const u64 before = in.words[2];
  constexpr u64 kMostBytes = kMostObjectPages << kPageShift;
  if (object == nullptr || bytes > kMostBytes || before > kMostBytes) {
    return answer_words(in.token, -linux_abi::EINVAL);
  }
  const u64 pages = page_round_up(bytes) >> kPageShift;
  const u64 old = object->pages;
  if (pages > old && !object->sparse) {
    // What it gains are holes. Those pages have been empty or are given back.
    constexpr u64 kReadWrite = Rights::kRead | Rights::kWrite;
    if (sys::run({OpCode::kSpaceMark, object->space, old << kPageShift, 0, 0,
                  kMostObjectPages - old, kReadWrite})
            .status != Status::kOk) {
      return answer_words(in.token, -linux_abi::ENOMEM);
    }
    object->sparse = true;
  }
  object->pages = pages;
  // One reference is the file's own.
  if (pages < old && object->refs > 1) {
    unmap_object(*object, pages, old, true);
  }
  if (bytes < before) {
    clear_pages(*object, pages, page_round_up(before) >> kPageShift);
    if ((bytes & kPageMask) != 0) {
      clear_bytes(*object, bytes, page_round_up(bytes));
    }
  }
  return answer_words(in.token, 0);
}

Outcome MemoryServer::object_punch(const sys::Message& in) {
  MemoryObject* object = objects_.find(in.words[0]);
  const u64 from = in.words[1];
  const u64 to = from + in.words[2];
  if (object == nullptr || to < from || to >> kPageShift > kMostObjectPages) {
    return answer_words(in.token, -linux_abi::EINVAL);
  }
  return answer_words(in.token, punch(*object, from, to));
}

i64 MemoryServer::punch(MemoryObject& object, u64 from, u64 to) {
  const u64 first = page_round_up(from);
  const u64 end = page_round_down(to);
  if (first > end) {  // within one page
    clear_bytes(object, from, to);
    return 0;
  }
  if (from != first) clear_bytes(object, from, first);
  if (to != end) clear_bytes(object, end, to);
  if (first == end) return 0;
  const u64 first_page = first >> kPageShift;
  const u64 end_page = end >> kPageShift;
  // A private area goes on to show what it has not written: the same frames.
  if (!object.sparse || has_private_area(object, first_page, end_page)) {
    clear_in_place(object, first_page,
                   end_page < object.pages ? end_page : object.pages);
    return 0;
  }
  unmap_object(object, first_page, end_page, false);
  clear_pages(object, first_page, end_page);
  return 0;
}

}  // namespace tine
