// One 16-byte entry for every frame of RAM: what it is and who counts it.
#ifndef KERNEL_MEMORY_FRAME_TABLE_H_
#define KERNEL_MEMORY_FRAME_TABLE_H_

#include "kernel/base/address.h"
#include "kernel/boot.h"

namespace tine {

enum class FrameType : u8 {
  kReserved = 0,  // not ours: firmware, kernel image, holes
  kFree,
  kTable,  // page table; level in `level`
  kRoot,   // root table of a Space
  kData,   // user or object memory
  kSlab,   // kernel objects, handle tables
};

// Invariant I2: refs equals the number of entries (leaf, table or object) that
// point at the frame. A table with refs > 1 is frozen: it only ever gains
// read-only bits (A9).
struct FrameInfo {
  u32 refs;  // saturates at the top, then never freed
  FrameType type;
  u8 level;  // tables: 0 = leaf table. Data: kFetchable or 0
  u16 pool;  // index of the Pool charged
  u32 live;  // tables: bit i set if entries 16i..16i+15 may be non-zero
  u32 link;  // next in a free or teardown list (frame number); tables in
             // use: number of leaf entries with a frame, at any depth below
};
static_assert(sizeof(FrameInfo) == 16);

inline constexpr u32 kRefsSaturated = ~u32{0};

// FrameInfo::level of a data frame: the instruction side is in step with its
// content, as far as the kernel wrote it.
inline constexpr u8 kFetchable = 1;

// The table itself. Entries cover RAM from frame `first` on, so that a high
// base of RAM costs nothing.
struct FrameTable {
  FrameInfo* entries = nullptr;
  u32 first = 0;
  u32 count = 0;
  u64 origin = 0;  // where the entry of frame 0 would be

  FrameInfo& of(Frame frame) const {
    return *reinterpret_cast<FrameInfo*>(origin +
                                         frame.number * sizeof(FrameInfo));
  }
};
extern FrameTable frame_table;

// Sets up the table inside RAM and puts every usable, unreserved frame on the
// free list. The initrd is reserved too. Must be called once, before anything
// else here; a test may call it again for a new machine.
void frame_table_init(const BootMemory& memory);

inline bool frame_is_ram(Frame frame) {
  return frame.number - frame_table.first < frame_table.count;
}
// `frame` must be RAM.
inline FrameInfo& frame_info(Frame frame) { return frame_table.of(frame); }

u64 frames_total();  // usable RAM, the frame table itself not counted
u64 frames_free();

inline void frame_ref(FrameInfo& info) {
  if (++info.refs == 0) [[unlikely]] {
    info.refs = kRefsSaturated;
  }
}
// True if that was the last reference.
inline bool frame_unref(FrameInfo& info) {
  return info.refs != kRefsSaturated && --info.refs == 0;
}

// Leaf entries with a frame at or below a table in use: what an unmap of the
// whole subtree takes off the resident set size.
inline u32& table_pages(FrameInfo& table) { return table.link; }

// What is known of a free frame's content.
enum class FrameContent : u8 {
  kUnknown,
  kZero,
  kEmptyRoot,  // user half zero, kernel half as hw::init_root leaves it
};

// The free lists under the pools: only pool.cc takes and gives.
struct FreeFrame {
  Frame frame;  // kNoFrame: there is none at all
  FrameContent content;
};
// Prefers a frame with the content `wanted`, and for kUnknown leaves the lists
// of known content alone while it can.
FreeFrame free_frame_pop(FrameContent wanted);
void free_frame_push(Frame frame, FrameContent content);

// Turns a frame that boot reserved into data; it counts as usable from now on.
void frame_unreserve(Frame frame);

}  // namespace tine

#endif  // KERNEL_MEMORY_FRAME_TABLE_H_
