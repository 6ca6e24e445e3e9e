#include "kernel/memory/frame_table.h"

#include "arch/hw/copy_page.h"
#include "arch/hw/phys_map.h"
#include "kernel/base/check.h"

namespace tine {

FrameTable frame_table;

namespace {

// Free frames by content, linked through FrameInfo::link. Tables that were torn
// down are zero already, which spares the next table its clearing.
struct FreeLists {
  u32 heads[3] = {};
  u64 free = 0;
  u64 total = 0;
};
FreeLists lists;

u32& head_of(FrameContent content) {
  return lists.heads[static_cast<unsigned>(content)];
}

// First frame of a run of `count` frames inside usable RAM that meets no
// reserved range; 0 if there is none.
u32 find_run(const PhysRange* usable, unsigned usable_count,
             const PhysRange* reserved, unsigned reserved_count, u64 count) {
  for (unsigned i = 0; i < usable_count; ++i) {
    u64 begin = usable[i].begin.value >> kPageShift;
    const u64 end = usable[i].end.value >> kPageShift;
    if (begin == 0) {
      begin = 1;  // frame 0 stands for none
    }
    // Each pass steps over one reserved range at least.
    for (bool moved = true; moved;) {
      moved = false;
      for (unsigned j = 0; j < reserved_count; ++j) {
        const u64 low = reserved[j].begin.value >> kPageShift;
        const u64 high = page_round_up(reserved[j].end.value) >> kPageShift;
        if (begin < high && low < begin + count) {
          begin = high;
          moved = true;
        }
      }
    }
    if (begin + count <= end) {
      return static_cast<u32>(begin);
    }
  }
  return 0;
}

void set_type(u64 begin, u64 end, FrameType type) {
  const u64 first = frame_table.first;
  const u64 last = first + frame_table.count;
  for (u64 n = begin < first ? first : begin; n < end && n < last; ++n) {
    frame_table.entries[n - first].type = type;
  }
}

}  // namespace

void frame_table_init(const BootMemory& memory) {
  check(memory.usable_count > 0);
  lists = {};
  PhysRange reserved[BootMemory::kMaxRanges + 1];
  unsigned reserved_count = 0;
  for (; reserved_count < memory.reserved_count; ++reserved_count) {
    reserved[reserved_count] = memory.reserved[reserved_count];
  }
  if (memory.initrd_begin < memory.initrd_end) {
    reserved[reserved_count++] = {{page_round_down(memory.initrd_begin.value)},
                                  {page_round_up(memory.initrd_end.value)}};
  }

  const u64 first = memory.usable[0].begin.value >> kPageShift;
  const u64 last =
      memory.usable[memory.usable_count - 1].end.value >> kPageShift;
  const u64 table_frames =
      page_round_up((last - first) * sizeof(FrameInfo)) >> kPageShift;
  const u32 run = find_run(memory.usable, memory.usable_count, reserved,
                           reserved_count, table_frames);
  check(run != 0);
  u8* const storage = hw::phys_to_virt(Frame{run}.address());
  for (u64 i = 0; i < table_frames; ++i) {
    hw::zero_page(storage + i * kPageSize);  // all kReserved
  }
  frame_table = {reinterpret_cast<FrameInfo*>(storage), static_cast<u32>(first),
                 static_cast<u32>(last - first),
                 reinterpret_cast<u64>(storage) - first * sizeof(FrameInfo)};

  for (unsigned i = 0; i < memory.usable_count; ++i) {
    set_type(memory.usable[i].begin.value >> kPageShift,
             memory.usable[i].end.value >> kPageShift, FrameType::kFree);
  }
  for (unsigned i = 0; i < reserved_count; ++i) {
    set_type(reserved[i].begin.value >> kPageShift,
             page_round_up(reserved[i].end.value) >> kPageShift,
             FrameType::kReserved);
  }
  set_type(run, run + table_frames, FrameType::kReserved);
  set_type(0, 1, FrameType::kReserved);

  // Downwards, so that low frames are handed out first.
  for (u32 n = frame_table.count; n-- > 0;) {
    FrameInfo& info = frame_table.entries[n];
    if (info.type == FrameType::kFree) {
      u32& head = head_of(FrameContent::kUnknown);
      info.link = head;
      head = frame_table.first + n;
      ++lists.total;
    }
  }
  lists.free = lists.total;
}

u64 frames_total() { return lists.total; }
u64 frames_free() { return lists.free; }

FreeFrame free_frame_pop(FrameContent wanted) {
  FrameContent content = wanted;
  if (head_of(content) == 0) {
    content = FrameContent::kUnknown;
    if (head_of(content) == 0) content = FrameContent::kZero;
    if (head_of(content) == 0) content = FrameContent::kEmptyRoot;
    if (head_of(content) == 0) return {kNoFrame, FrameContent::kUnknown};
  }
  const Frame frame{head_of(content)};
  head_of(content) = frame_info(frame).link;
  --lists.free;
  return {frame, content};
}

void free_frame_push(Frame frame, FrameContent content) {
  frame_info(frame) = {0, FrameType::kFree, 0, 0, 0, head_of(content)};
  head_of(content) = frame.number;
  ++lists.free;
}

void frame_unreserve(Frame frame) {
  FrameInfo& info = frame_info(frame);
  check(info.type == FrameType::kReserved);
  info = {0, FrameType::kData, 0, 0, 0, 0};
  ++lists.total;
}

}  // namespace tine
