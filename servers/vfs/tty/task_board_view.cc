#include "servers/vfs/tty/task_board_view.h"

namespace tine::vfs::tty {

namespace {

bool is_process(const BoardRecord& record) {
  return record.state != 0 && record.tid == record.tgid;
}

}  // namespace

// There is one CPU for programs and the process server has it only when this
// server has none, so no record is being written while this one reads.
template <typename Match>
const BoardRecord* TaskBoardView::find(Match match) const {
  for (u32 i = 0; i < count_; ++i) {
    const BoardRecord& record = records_[i];
    if (is_process(record) && match(record)) return &record;
  }
  return nullptr;
}

Caller TaskBoardView::caller(u64 cookie) const {
  Caller caller;
  const u32 index = static_cast<u32>(cookie);
  if (index >= count_ || records_[index].cookie != cookie) return caller;
  board_read(records_[index], [&](const BoardRecord& record) {
    caller.pid = record.tgid;
    caller.group = record.pgid;
    caller.session = record.sid;
    caller.uid = record.fsuid;
    caller.leads_session = record.sid == record.tgid;
    caller.is_super =
        (capabilities_of(record).effective &
         linux_abi::capability_bit(linux_abi::Capability::kSysAdmin)) != 0;
    caller.deaf = record.blocked | record.ignored;
  });
  return caller;
}

i32 TaskBoardView::session_of_group(i32 group) const {
  const BoardRecord* found =
      find([&](const BoardRecord& record) { return record.pgid == group; });
  if (found == nullptr) {
    found =
        find([&](const BoardRecord& record) { return record.tid == group; });
  }
  return found == nullptr ? 0 : found->sid;
}

bool TaskBoardView::is_orphaned(i32 group) const {
  return find([&](const BoardRecord& member) {
           if (member.pgid != group || member.state == 'Z' ||
               member.ppid <= 1) {
             return false;
           }
           return find([&](const BoardRecord& parent) {
                    return parent.tid == member.ppid && parent.pgid != group &&
                           parent.sid == member.sid;
                  }) != nullptr;
         }) == nullptr;
}

u64 TaskBoardView::leader_of_session(i32 session) const {
  const BoardRecord* found =
      find([&](const BoardRecord& record) { return record.tid == session; });
  return found == nullptr ? 0 : found->cookie;
}

}  // namespace tine::vfs::tty
