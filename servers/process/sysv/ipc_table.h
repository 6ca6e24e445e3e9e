// The objects of one kind, by number and by key.
#ifndef SERVERS_PROCESS_SYSV_IPC_TABLE_H_
#define SERVERS_PROCESS_SYSV_IPC_TABLE_H_

#include "servers/process/sysv/ipc_object.h"

namespace tine::process::sysv {

// T derives from IpcObject. Holds no memory of its own.
template <typename T>
class IpcTable {
 public:
  explicit IpcTable(u32 most) : most_(most) {}

  // Null: there is none, or another is there now.
  T* find(i32 id) const {
    T* object = id < 0 ? nullptr : at(static_cast<u32>(id));
    return object != nullptr && object->id() == id ? object : nullptr;
  }
  // The same by the lowest bits alone, as the STAT commands take it.
  T* at(u32 id) const {
    const u32 index = id % kMostObjects;
    IpcObject* object = by_index_[index % kBuckets];
    while (object != nullptr && object->index != index) object = object->next;
    return static_cast<T*>(object);
  }
  T* find_key(i32 key) const {
    IpcObject* object = by_key_[hash(key)];
    while (object != nullptr && object->key != key) {
      object = object->next_of_key;
    }
    return static_cast<T*>(object);
  }

  bool is_full() const { return count_ >= most_; }
  // With a number of its own; the table is not full. Numbers are given in turn,
  // so that an old id is long unknown (ipc_idr_alloc).
  void add(T& object) {
    constexpr u32 kLeastCycle = 64;
    u32 cycle = count_ * 3 / 2;
    if (cycle < kLeastCycle) cycle = kLeastCycle;
    if (cycle > most_) cycle = most_;
    u32 index = next_ < cycle ? next_ : 0;
    while (at(index) != nullptr) index = index + 1 < cycle ? index + 1 : 0;
    if (has_given_ && index <= last_) sequence_ = (sequence_ + 1) % 0xffff;
    has_given_ = true;
    last_ = index;
    next_ = index + 1;
    object.index = index;
    object.sequence = sequence_;
    object.next = by_index_[index % kBuckets];
    by_index_[index % kBuckets] = &object;
    add_key(object);
    ++count_;
  }
  void remove(T& object) {
    forget_key(object);
    IpcObject** at = &by_index_[object.index % kBuckets];
    while (*at != &object) at = &(*at)->next;
    *at = object.next;
    --count_;
  }
  // It stays, and is found by its number only.
  void forget_key(T& object) {
    if (object.key == linux_abi::kIpcPrivate) return;
    IpcObject** at = &by_key_[hash(object.key)];
    while (*at != &object) at = &(*at)->next_of_key;
    *at = object.next_of_key;
    object.key = linux_abi::kIpcPrivate;
  }

  u32 count() const { return count_; }
  // The highest index in use, as the INFO commands tell it; 0 if there is none.
  i64 highest() const {
    u32 highest = 0;
    for_each([&](const T& object) {
      if (object.index > highest) highest = object.index;
    });
    return highest;
  }
  // `f` may remove the object that it gets, but no other.
  template <typename F>
  void for_each(F f) const {
    for (IpcObject* first : by_index_) {
      IpcObject* next;
      for (IpcObject* object = first; object != nullptr; object = next) {
        next = object->next;
        f(static_cast<T&>(*object));
      }
    }
  }

 private:
  static constexpr u32 kBuckets = 256;
  static u32 hash(i32 key) {
    constexpr u32 kGolden = 0x9e37'79b9;
    return static_cast<u32>(key) * kGolden >> 24;
  }
  void add_key(T& object) {
    if (object.key == linux_abi::kIpcPrivate) return;
    object.next_of_key = by_key_[hash(object.key)];
    by_key_[hash(object.key)] = &object;
  }

  u32 most_;
  u32 count_ = 0;
  u32 next_ = 0;
  u32 last_ = 0;
  u32 sequence_ = 0;
  bool has_given_ = false;
  IpcObject* by_index_[kBuckets] = {};
  IpcObject* by_key_[kBuckets] = {};
};

}  // namespace tine::process::sysv

#endif  // SERVERS_PROCESS_SYSV_IPC_TABLE_H_
