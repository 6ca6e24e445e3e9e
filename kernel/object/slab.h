// Slabs: kernel objects of one type in frames of their own.
//
// A slab frame never changes type and never returns to its pool: a stale
// pointer always finds an object header with a newer generation. A frame is
// paid by the pool whose request made the slab grow; later objects in it cost
// nothing, whoever asks.
#ifndef KERNEL_OBJECT_SLAB_H_
#define KERNEL_OBJECT_SLAB_H_

#include "arch/hw/phys_map.h"
#include "kernel/base/fault_site.h"
#include "kernel/base/object.h"
#include "kernel/memory/pool.h"

namespace tine {

// `kIndexedFrames` > 0 bounds the slab's frames and lets at() find a slot by
// its index; T then has a member `index`, set once.
template <typename T, ObjectType kType, u32 kIndexedFrames = 0>
class ObjectSlab {
 public:
  static constexpr u32 kPerFrame = static_cast<u32>(kPageSize / sizeof(T));
  static_assert(kPerFrame >= 1);

  // A slot with live set and its generation kept; all else is undefined and
  // set by the caller. Null: the pool is spent.
  [[nodiscard]] T* take(Pool& pool) {
    if (FAULT_SITE("kernel slab")) return nullptr;
    if (free_ == nullptr && !grow(pool)) [[unlikely]]
      return nullptr;
    T* slot = free_;
    free_ = link(*slot);
    slot->object.live = true;
    ++live_;
    return slot;
  }

  // The caller has unhooked the object from everything but handles.
  void release(T& slot) {
    slot.object.live = false;
    ++slot.object.generation;
    link(slot) = free_;
    free_ = &slot;
    --live_;
  }

  // The slot with that index, live or not; null beyond the last.
  T* at(u32 index) const
    requires(kIndexedFrames > 0)
  {
    if (index >= slots_) [[unlikely]]
      return nullptr;
    return slots_of(Frame{frames_[index / kPerFrame]}) + index % kPerFrame;
  }

  // Slots there are: the bound of at().
  u32 slots() const { return slots_; }
  u64 live() const { return live_; }

 private:
  static T* slots_of(Frame frame) {
    return reinterpret_cast<T*>(hw::phys_to_virt(frame.address()));
  }

  // The free list's link lies in the dead object's last word: its header is
  // still read by holders of stale handles.
  static_assert(sizeof(T) >= offsetof(T, object) + sizeof(Object) + 8);
  struct Link {
    T* next;
  };
  static T*& link(T& slot) {
    return reinterpret_cast<Link*>(reinterpret_cast<u8*>(&slot) + sizeof(T) -
                                   sizeof(Link))
        ->next;
  }

  bool grow(Pool& pool) {
    if constexpr (kIndexedFrames > 0) {
      if (slots_ / kPerFrame == kIndexedFrames) return false;
    }
    Frame frame = frame_take(pool, FrameType::kSlab, true);
    if (frame == kNoFrame) return false;
    T* slots = slots_of(frame);
    if constexpr (kIndexedFrames > 0) {
      frames_[slots_ / kPerFrame] = frame.number;
    }
    for (u32 i = kPerFrame; i-- > 0;) {
      slots[i].object.type = kType;
      if constexpr (kIndexedFrames > 0) slots[i].index = slots_ + i;
      link(slots[i]) = free_;
      free_ = &slots[i];
    }
    slots_ += kPerFrame;
    return true;
  }

  T* free_ = nullptr;
  u64 live_ = 0;
  u32 slots_ = 0;
  u32 frames_[kIndexedFrames > 0 ? kIndexedFrames : 1] = {};
};

}  // namespace tine

#endif  // KERNEL_OBJECT_SLAB_H_
