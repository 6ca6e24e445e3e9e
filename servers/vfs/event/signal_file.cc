#include "servers/vfs/event/signal_file.h"

#include "servers/linux_abi/errno.h"
#include "servers/protocol/raise.h"
#include "servers/protocol/vfs.h"
#include "servers/vfs/proc/tasks_view.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

u64 pending_of(u64 cookie) {
  const BoardRecord* record = record_of(cookie);
  if (record == nullptr) return 0;
  const BoardRecord* leader =
      is_leader(*record) ? record : record_of_tid(record->tgid);
  return record->pending | (leader == nullptr ? 0 : leader->shared_pending);
}

}  // namespace

// The first piece of the caller's memory, as a call may that does less than it
// was asked for.
i64 SignalFile::read(Call& call, OpenFile& file, Transfer& to, u64&) {
  while (to.left() != 0 && to.piece_left() == 0) to.next_piece();
  if (to.left() < kSignalBytes || to.address() == 0 ||
      to.piece_left() < kSignalBytes) {
    return -EINVAL;
  }
  call.hand_on(
      kRaiseReadSignals, set_, to.address(),
      to.piece_left() / kSignalBytes | (file.waits() ? 0 : kReadSignalsNow));
  return 0;
}

u32 SignalFile::poll(OpenFile&) {
  return (pending_of(home_.asking) & set_) != 0 ? kPollIn : 0;
}

void SignalFile::release(OpenFile&) { home_.files.free(this); }

// VfsLabel::kSignalFd.
Outcome VfsServer::signalfd(const sys::Message& in) {
  Task* task = tasks_.find(in.words[0]);
  if (task == nullptr) return answer_words(in.token, -ESRCH);
  const i32 fd = static_cast<i32>(in.words[1]);
  const u64 set = in.words[2];
  const u32 flags = static_cast<u32>(in.words[3]);
  if (fd != -1) {
    OpenFile* open = fd < 0 ? nullptr : task->table->get(static_cast<u32>(fd));
    if (open == nullptr || open->is_path_only()) {
      return answer_words(in.token, -EBADF);
    }
    if (open->operations->kind() != FileKind::kSignal) {
      return answer_words(in.token, -EINVAL);
    }
    static_cast<SignalFile&>(*open->operations).set(set);
    return answer_words(in.token, fd);
  }
  SignalFile* made = signals_.files.make(signals_, set);
  if (made == nullptr) return answer_words(in.token, -ENOMEM);
  name_nameless(*task, made->node, 0600);
  OpenFile* file = store_.make_file(*made, made->node, nullptr,
                                    kOpenReadWrite | (flags & kOpenNonBlock));
  if (file == nullptr) {
    signals_.files.free(made);
    return answer_words(in.token, -ENFILE);
  }
  const i64 given = put_file(*task, *file, (flags & kOpenCloseOnExec) != 0);
  if (given < 0) discard(*file);
  return answer_words(in.token, given);
}

}  // namespace tine::vfs
