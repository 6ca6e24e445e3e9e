// Memory objects: contents of files and shared anonymous memory, each held in a
// Space that is never loaded, indexed by offset (A7).
#ifndef SERVERS_MEMORY_OBJECT_TABLE_H_
#define SERVERS_MEMORY_OBJECT_TABLE_H_

#include "servers/protocol/memory.h"
#include "servers/runtime/heap.h"
#include "servers/runtime/sys.h"

namespace tine {

// Pages that an object can have: what one entry of a root table spans. A sparse
// one is marked by that entry, so that growing costs nothing: a page comes when
// it is first written.
inline constexpr u64 kMostObjectPages = u64{1} << 27;

struct MemoryObject {
  u32 index = 0;
  u32 generation = 0;
  bool live = false;
  bool sparse = false;  // what has no page is a hole
  ObjectContent content = ObjectContent::kNone;
  i32 key = 0;    // of a segment
  u64 refs = 0;   // the maker's one, and one for every VMA block entry
  u64 pages = 0;  // that mappings see: its size
  Handle space = kNoHandle;
  MemoryObject* next_free = nullptr;

  ObjectId id() const {
    return kFirstUserBadge | u64{generation & 0xffffff} << 33 | index;
  }
};

class ObjectTable {
 public:
  // Handles of objects are the slots first_handle .. first_handle + limit - 1.
  ObjectTable(Heap& heap, u32 limit, Handle first_handle);

  // A new object with one reference. Null: no memory.
  MemoryObject* make(u64 bytes, ObjectContent content);
  MemoryObject* find(ObjectId id);
  MemoryObject* at(u32 index) { return &objects_[index]; }
  const MemoryObject& at(u32 index) const { return objects_[index]; }
  void ref(MemoryObject& object) { ++object.refs; }
  // Drops a reference; the last one gives the frames back.
  void unref(MemoryObject& object);
  u64 live() const { return live_; }
  // All records ever used, for the invariant checker.
  const MemoryObject* begin() const { return objects_; }
  const MemoryObject* end() const { return objects_ + made_; }

 private:
  MemoryObject* objects_;
  u32 limit_;
  u32 made_ = 0;
  u64 live_ = 0;
  Handle first_handle_;
  MemoryObject* free_ = nullptr;
};

}  // namespace tine

#endif  // SERVERS_MEMORY_OBJECT_TABLE_H_
