// Memory of a server: everything comes from the one wired area that root gave
// it, so that a server's needs are known and no request can grow them unseen.
#ifndef SERVERS_RUNTIME_HEAP_H_
#define SERVERS_RUNTIME_HEAP_H_

#include <new>
#include <utility>

#include "kernel/base/address.h"
#include "kernel/base/fault_site.h"

namespace tine {

// Hands out pieces of the area, aligned, never taking them back. Null: spent.
class Heap {
 public:
  Heap(u64 base, u64 bytes) : next_(base), end_(base + bytes) {}
  void* take(u64 bytes, u64 align = 16) {
    u64 at = (next_ + align - 1) & ~(align - 1);
    if (at < next_ || bytes > end_ - at || at > end_) return nullptr;
    next_ = at + bytes;
    return reinterpret_cast<void*>(at);
  }
  template <typename T>
  T* take_array(u64 count) {
    T* array = static_cast<T*>(take(sizeof(T) * count, alignof(T)));
    for (u64 i = 0; array != nullptr && i < count; ++i) new (&array[i]) T();
    return array;
  }
  u64 left() const { return end_ - next_; }

 private:
  u64 next_;
  u64 end_;
};

// Objects of one type, reused after free, at most `limit` of them. make() is a
// fallible site of the fault sweep.
template <typename T>
class Slab {
 public:
  Slab(Heap& heap, u64 limit) : heap_(heap), limit_(limit) {}
  template <typename... Args>
  T* make(Args&&... args) {
    if (FAULT_SITE("server slab")) return nullptr;
    void* memory = free_;
    if (memory != nullptr) {
      free_ = *static_cast<void**>(memory);
    } else {
      if (made_ == limit_) return nullptr;
      memory = heap_.take(kSize, alignof(T) > 8 ? alignof(T) : 8);
      if (memory == nullptr) return nullptr;
      ++made_;
    }
    ++live_;
    return new (memory) T(std::forward<Args>(args)...);
  }
  void free(T* object) {
    object->~T();
    *reinterpret_cast<void**>(object) = free_;
    free_ = object;
    --live_;
  }
  u64 live() const { return live_; }

 private:
  static constexpr u64 kSize = sizeof(T) < 8 ? 8 : sizeof(T);
  Heap& heap_;
  u64 limit_;
  void* free_ = nullptr;
  u64 made_ = 0;
  u64 live_ = 0;
};

}  // namespace tine

#endif  // SERVERS_RUNTIME_HEAP_H_
