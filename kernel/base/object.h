// What every kernel object starts with, and how handles refer to objects.
#ifndef KERNEL_BASE_OBJECT_H_
#define KERNEL_BASE_OBJECT_H_

#include "kernel/base/types.h"

namespace tine {

enum class ObjectType : u8 {
  kNone = 0,
  kPool,
  kSpace,
  kThread,
  kEndpoint,
  kNotification,
  kRoute,
  kDevice,
  kInterrupt,
  kControl,
  kBreakpoints,
};

// Objects lie in slab frames of their type, which never change type again, so
// that a stale pointer always points at some object's header: whoever holds a
// {pointer, generation} pair compares generations before anything else.
struct Object {
  ObjectType type = ObjectType::kNone;
  bool live = false;
  u16 reserved = 0;
  u32 generation = 0;  // grows each time the slot is freed
};

}  // namespace tine

#endif  // KERNEL_BASE_OBJECT_H_
