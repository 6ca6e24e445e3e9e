#include "kernel/memory/invariants.h"

#include <vector>

#include "kernel/memory/table.h"

namespace tine {
namespace {

class Checker {
 public:
  std::string run(std::span<Space* const> spaces) {
    for (const Space* space : spaces) {
      check_space(*space);
    }
    for (Frame table = teardown_first(); table != kNoFrame;
         table = {frame_info(table).link}) {
      check_orphan(table);
    }
    check_frames();
    return error_;
  }

 private:
  void fail(const std::string& what, Frame frame, u64 detail = 0) {
    if (error_.empty()) {
      error_ = what + " (frame " + std::to_string(frame.number) + ", " +
               std::to_string(detail) + ")";
    }
  }

  // Counts what `entry` refers to; returns the leaf entries at and below it.
  u64 check_entry(u64 entry, unsigned level, Frame table) {
    if (Format::is_table(entry, level)) {
      return check_table_entry(entry, level);
    }
    if (Format::is_mark(entry)) {
      return 0;
    }
    if (level != 0 || !holds_frame(entry)) {
      fail("malformed entry", table, entry);
      return 0;
    }
    const Frame frame = entry_frame(entry);
    if (!frame_is_ram(frame)) {
      return 1;
    }
    const FrameInfo& info = frame_info(frame);
    ++refs(frame);
    if (info.type != FrameType::kData) {
      fail("leaf without data", table, frame.number);
    }
    if (Format::is_present(entry) && !Format::is_shared(entry) &&
        Format::hardware_writable(entry) && info.refs > 1) {
      fail("I3: shared frame writable", table, frame.number);
    }
    return 1;
  }

  u64 check_table_entry(u64 entry, unsigned level) {
    const Frame child = entry_frame(entry);
    const FrameInfo& info = frame_info(child);
    if (info.type != FrameType::kTable || info.level != level - 1) {
      fail("not a table of that level", child, level);
      return 0;
    }
    if (info.refs > 1 && Format::hardware_writable(entry)) {
      fail("I3: shared table writable", child, level);
    }
    if (++refs(child) > 1) {
      return info.link;  // its content was counted on the first visit
    }
    const u64* const entries = table_entries(child);
    u64 pages = 0;
    for (unsigned i = 0; i < kTableEntries; ++i) {
      if (entries[i] == 0) continue;
      if ((info.live >> (i / kGroupEntries) & 1) == 0) {
        fail("entry in a dead group", child, i);
      }
      pages += check_entry(entries[i], level - 1, child);
    }
    if (pages != info.link) {
      fail("count of leaf entries", child, pages);
    }
    return pages;
  }

  void check_space(const Space& space) {
    const FrameInfo& info = frame_info(space.root);
    if (info.type != FrameType::kRoot || info.refs != 1) {
      fail("not a root", space.root);
    }
    refs(space.root) = 1;
    const u64* const entries = table_entries(space.root);
    u64 pages = 0;
    for (unsigned i = 0; i <= Format::index({Format::kUserTop}, kRootLevel);
         ++i) {
      const bool live = (space.root_live[i / 64] >> (i % 64) & 1) != 0;
      if (live != (entries[i] != 0)) {
        fail("root bitmap", space.root, i);
      }
      if (entries[i] != 0) {
        pages += check_entry(entries[i], kRootLevel, space.root);
      }
    }
    if (pages != space.rss) {
      fail("resident set size", space.root, pages);
    }
  }

  // A table queued for teardown: what it still holds is still counted.
  void check_orphan(Frame table) {
    const FrameInfo& info = frame_info(table);
    if (info.refs != 0) {
      fail("queued for teardown with references", table, info.refs);
    }
    for (unsigned i = 0; i < kTableEntries; ++i) {
      const u64 entry = table_entries(table)[i];
      if ((info.live >> (i / kGroupEntries) & 1) != 0 && entry != 0) {
        check_entry(entry, info.level, table);
      }
    }
  }

  void check_frames() {
    u64 used[kMaxPools] = {};
    u64 free = 0;
    for (u32 n = 0; n < frame_table.count; ++n) {
      const FrameInfo& info = frame_table.entries[n];
      const Frame frame{frame_table.first + n};
      switch (info.type) {
        case FrameType::kReserved:
          continue;
        case FrameType::kFree:
          ++free;
          break;
        case FrameType::kTable:
        case FrameType::kRoot:
        case FrameType::kData:
          if (refs(frame) != info.refs) {
            fail("I2: references", frame, refs(frame));
          }
          [[fallthrough]];
        case FrameType::kSlab:
          ++used[info.pool];
          continue;
      }
    }
    u64 total = free;
    for (unsigned i = 0; i < kMaxPools; ++i) {
      total += used[i];
      if (used[i] != pools[i].used || pools[i].used > pools[i].limit) {
        fail("I1: pool", kNoFrame, i);
      }
    }
    if (free != frames_free() || total != frames_total()) {
      fail("I1: total", kNoFrame, total);
    }
  }

  u32& refs(Frame frame) { return refs_.at(frame.number - frame_table.first); }

  // Of each frame of the table: how often it was met.
  std::vector<u32> refs_ = std::vector<u32>(frame_table.count);
  std::string error_;
};

}  // namespace

std::string check_invariants(std::span<Space* const> spaces) {
  return Checker().run(spaces);
}

}  // namespace tine
