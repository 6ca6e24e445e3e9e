#include "servers/vfs/proc/tasks_view.h"

#include "servers/runtime/sys.h"

namespace tine::vfs {
namespace {

struct Board {
  const BoardRecord* first;
  u32 count;
  const BoardRecord* begin() const { return first; }
  const BoardRecord* end() const { return first + count; }
};

Board board() {
  const ServerConfig& config = sys::config();
  return {reinterpret_cast<const BoardRecord*>(config.board),
          config.board == 0 ? 0 : config.board_records};
}

template <typename Match>
const BoardRecord* least(i32 from, Match match) {
  const BoardRecord* found = nullptr;
  for (const BoardRecord& record : board()) {
    if (record.state == 0 || record.tid < from || !match(record)) continue;
    if (found == nullptr || record.tid < found->tid) found = &record;
  }
  return found;
}

}  // namespace

const BoardRecord* record_of(u64 cookie) {
  const u32 index = static_cast<u32>(cookie);
  const Board all = board();
  if (index >= all.count) return nullptr;
  const BoardRecord& record = all.first[index];
  return record.state != 0 && record.cookie == cookie ? &record : nullptr;
}

const BoardRecord* record_of_tid(i32 tid) {
  for (const BoardRecord& record : board()) {
    if (record.state != 0 && record.tid == tid) return &record;
  }
  return nullptr;
}

bool has_group(i32 group) {
  for (const BoardRecord& record : board()) {
    if (record.state != 0 && record.pgid == group) return true;
  }
  return false;
}

const BoardRecord* next_process(i32 from) {
  return least(from, [](const BoardRecord& record) {
    return record.tid == record.tgid;
  });
}

const BoardRecord* next_thread(i32 tgid, i32 from) {
  return least(from,
               [&](const BoardRecord& record) { return record.tgid == tgid; });
}

TaskCounts count_tasks() {
  TaskCounts counts;
  for (const BoardRecord& record : board()) {
    if (record.state == 0) continue;
    ++counts.all;
    counts.running += record.state == 'R';
    if (record.tid > counts.last) counts.last = record.tid;
  }
  return counts;
}

}  // namespace tine::vfs
