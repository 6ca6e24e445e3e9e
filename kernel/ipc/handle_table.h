// A server's handles: a radix tree of two levels, grown as slots are used.
#ifndef KERNEL_IPC_HANDLE_TABLE_H_
#define KERNEL_IPC_HANDLE_TABLE_H_

#include "kernel/abi/batch.h"
#include "kernel/abi/status.h"
#include "kernel/base/object.h"
#include "kernel/memory/pool.h"

namespace tine {

enum HandleRight : u8 {
  kCallRight = 1,     // endpoints: send to it
  kReceiveRight = 2,  // endpoints: receive from it
  kMakeRight = 4,     // endpoints: mint, bind
  kAllRights = 7,     // of all other objects
};

// Names an object as long as its generation is the same. A slot without object
// is free and has type kNone; free too is one whose object is gone.
struct HandleEntry {
  Object* object;
  u64 badge;
  u32 generation;
  ObjectType type;
  u8 rights;
  u16 reserved;
  u64 unused;

  bool taken() const {
    return object != nullptr && object->generation == generation;
  }
  void clear() {
    object = nullptr;
    type = ObjectType::kNone;
  }
  void set(Object& target, u8 new_rights, u64 new_badge) {
    object = &target;
    badge = new_badge;
    generation = target.generation;
    type = target.type;
    rights = new_rights;
  }
};
static_assert(sizeof(HandleEntry) == 32);

// One frame: the upper level. Pages of the lower level come on demand.
struct HandleTable {
  static constexpr u32 kEntriesPerPage = kPageSize / sizeof(HandleEntry);
  static constexpr u32 kPages = kMaxHandles / kEntriesPerPage;
  struct Page {
    HandleEntry entries[kEntriesPerPage];
  };

  Page* pages[kPages];  // never null: those not there are `kEmptyPage`
  static const Page kEmptyPage;

  HandleEntry* find(u64 handle) {
    if (handle >= kMaxHandles) [[unlikely]]
      return nullptr;
    Page* const page = pages[handle / kEntriesPerPage];
    __builtin_assume(page != nullptr);
    return &page->entries[handle % kEntriesPerPage];
  }
};
static_assert(sizeof(HandleTable) == kPageSize);
static_assert(sizeof(HandleTable::Page) == kPageSize);

// Null: the pool is spent.
[[nodiscard]] HandleTable* handle_table_create(Pool& pool);
void handle_table_destroy(HandleTable& table);

// The free slot `handle` of a table; its page is made if need be. kInvalid,
// kBusy, kNoMemory.
Status handle_table_free_slot(HandleTable& table, Pool& pool, u64 handle,
                              HandleEntry*& entry);

// The object of a handle, if it is of that type with those rights.
template <typename T>
inline Status find_object(HandleTable& table, u64 handle, ObjectType type,
                          u8 rights, T*& object, u64* badge = nullptr) {
  const HandleEntry* entry = table.find(handle);
  if (entry == nullptr || entry->type != type) [[unlikely]] {
    return Status::kBadHandle;
  }
  if (entry->object->generation != entry->generation) [[unlikely]] {
    return Status::kStale;
  }
  if ((entry->rights & rights) != rights) [[unlikely]]
    return Status::kDenied;
  object = reinterpret_cast<T*>(reinterpret_cast<u8*>(entry->object) -
                                offsetof(T, object));
  if (badge != nullptr) *badge = entry->badge;
  return Status::kOk;
}

}  // namespace tine

#endif  // KERNEL_IPC_HANDLE_TABLE_H_
