#include "servers/memory/object_table.h"

namespace tine {

ObjectTable::ObjectTable(Heap& heap, u32 limit, Handle first_handle)
    : objects_(heap.take_array<MemoryObject>(limit)),
      limit_(objects_ == nullptr ? 0 : limit),
      first_handle_(first_handle) {}

MemoryObject* ObjectTable::make(u64 bytes, ObjectContent content) {
  if (FAULT_SITE("memory object")) return nullptr;
  MemoryObject* object = free_;
  if (object == nullptr) {
    if (made_ == limit_) return nullptr;
    object = &objects_[made_];
    object->index = made_++;
    object->space = first_handle_ + object->index;
  } else {
    free_ = object->next_free;
  }
  u64 pages = page_round_up(bytes) >> kPageShift;
  const bool sparse =
      content != ObjectContent::kZeros && content != ObjectContent::kNone;
  sys::BatchResult done =
      sys::run({OpCode::kSpaceNew, kSelfPool, object->space, object->id(),
                static_cast<u64>(SpaceKind::kObject)});
  if (done.status == Status::kOk && content != ObjectContent::kNone) {
    if (sparse || pages != 0) {
      done =
          sys::run({sparse ? OpCode::kSpaceMark : OpCode::kSpacePopulate,
                    object->space, 0, 0, 0, sparse ? kMostObjectPages : pages,
                    u64{Rights::kRead | Rights::kWrite}});
    }
    if (done.status != Status::kOk) {
      sys::Batch undo;
      undo.add(OpCode::kSpaceDestroy, object->space);
      undo.add(OpCode::kHandleClose, object->space);
      (void)undo.run();
    }
  }
  if (done.status != Status::kOk) {
    object->next_free = free_;
    free_ = object;
    return nullptr;
  }
  object->live = true;
  object->refs = 1;
  object->pages = pages;
  object->sparse = sparse;
  object->content = content;
  object->key = 0;
  ++live_;
  return object;
}

MemoryObject* ObjectTable::find(ObjectId id) {
  u32 index = static_cast<u32>(id);
  if (index >= made_) return nullptr;
  MemoryObject& object = objects_[index];
  return object.live && object.id() == id ? &object : nullptr;
}

void ObjectTable::unref(MemoryObject& object) {
  if (--object.refs != 0) return;
  sys::Batch batch;
  batch.add(OpCode::kSpaceDestroy, object.space);
  batch.add(OpCode::kHandleClose, object.space);
  if (batch.run().status != Status::kOk) sys::fail("memory: object is in use");
  object.live = false;
  ++object.generation;
  object.next_free = free_;
  free_ = &object;
  --live_;
}

}  // namespace tine
