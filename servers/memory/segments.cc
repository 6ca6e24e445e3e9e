// Segments of System V shared memory: objects that the process server makes.
// How often one is attached is what the areas say.
#include "servers/linux_abi/errno.h"
#include "servers/memory/memory_server.h"

namespace tine {

// shmdt(). A segment need not be there as a whole any more: what matters is
// where its beginning would be.
Outcome MemoryServer::mm_detach(const sys::Message& in) {
  Mm* mm = mms_.find(in.words[0]);
  const u64 address = in.words[1];
  if (mm == nullptr) return answer_words(in.token, -linux_abi::EINVAL);
  const MemoryObject* object = nullptr;
  for (u32 i = mm->areas.lower_bound(address); i < mm->areas.count();) {
    const Vma area = mm->areas[i];
    const bool is_part =
        area.shared && area.has_object &&
        objects_.at(area.object)->content == ObjectContent::kSegment &&
        area.start >= address && area.start - address == area.offset &&
        (object == nullptr || object->index == area.object);
    if (!is_part) {
      ++i;
      continue;
    }
    object = objects_.at(area.object);
    const ObjectId id = object->id();
    if (unmap_range(*mm, area.start, area.end) != 0) {
      return answer_words(in.token, -linux_abi::ENOMEM);
    }
    // The last of it may have gone with that.
    if (objects_.find(id) == nullptr) return answer_words(in.token, 0, id);
  }
  if (object == nullptr) return answer_words(in.token, -linux_abi::EINVAL);
  return answer_words(in.token, 0, object->id());
}

Outcome MemoryServer::object_use(const sys::Message& in) {
  const MemoryObject* object = objects_.find(in.words[0]);
  if (object == nullptr) return answer_words(in.token, -linux_abi::EINVAL);
  u64 areas = 0;
  u64 writers = 0;
  for (const Mm* mm : mms_) {
    if (mm->state == MmState::kFree) continue;
    for (u32 i = 0; i < mm->areas.count(); ++i) {
      const Vma& area = mm->areas[i];
      if (!area.has_object || area.object != object->index) continue;
      ++areas;
      writers += area.shared && !area.never_writable ? 1 : 0;
    }
  }
  sys::Batch batch;
  const Op& stat = batch.add(OpCode::kSpaceStat, object->space);
  if (batch.run().status != Status::kOk) {
    return answer_words(in.token, -linux_abi::EINVAL);
  }
  return answer_words(in.token, 0, areas, stat.a, writers);
}

}  // namespace tine
