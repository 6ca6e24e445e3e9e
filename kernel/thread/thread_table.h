// All threads: found by index, so that a reply token finds its thread.
#ifndef KERNEL_THREAD_THREAD_TABLE_H_
#define KERNEL_THREAD_THREAD_TABLE_H_

#include "kernel/object/slab.h"
#include "kernel/thread/thread.h"

namespace tine {

inline constexpr u32 kMaxThreadFrames = 16384;
inline constinit ObjectSlab<Thread, ObjectType::kThread, kMaxThreadFrames>
    thread_table;

}  // namespace tine

#endif  // KERNEL_THREAD_THREAD_TABLE_H_
