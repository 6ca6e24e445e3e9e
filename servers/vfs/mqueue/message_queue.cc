#include "servers/vfs/mqueue/message_queue.h"

#include "servers/linux_abi/errno.h"
#include "servers/vfs/board.h"
#include "servers/vfs/call.h"
#include "servers/vfs/proc/tasks_view.h"
#include "servers/vfs/proc/text_window.h"
#include "servers/vfs/tree/clock.h"

namespace tine::vfs {

using namespace linux_abi;

MessageQueue::MessageQueue(MessageQueues& home, const MqAttributes& shape,
                           u64 charge, u32 uid)
    : senders(home.wakeups_),
      receivers(home.wakeups_),
      home_(home),
      readers_(home.wakeups_),
      writers_(home.wakeups_),
      shape_(shape),
      charge_(charge),
      uid_(uid),
      next_(home.first_) {
  if (next_ != nullptr) next_->previous_ = this;
  home.first_ = this;
}

void MessageQueue::touch() {
  inode->accessed = inode->modified = inode->changed = now();
}

void MessageQueue::add(Packet& message, const Task& sender, bool is_news) {
  // Behind all that are as urgent.
  Packet* before = last_;
  if (before != nullptr && before->priority < message.priority) {
    before = nullptr;
    for (Packet* at = first_; at->priority >= message.priority; at = at->next) {
      before = at;
    }
  }
  Packet*& place = before == nullptr ? first_ : before->next;
  message.next = place;
  place = &message;
  if (message.next == nullptr) last_ = &message;
  ++shape_.messages;
  touch();
  if (is_news && shape_.messages == 1 && receivers.is_empty()) {
    tell_owner(sender);
  }
  receivers.wake();
  readers_.wake();
}

void MessageQueue::drop_first() {
  Packet* const message = first_;
  first_ = message->next;
  if (first_ == nullptr) last_ = nullptr;
  home_.messages_.free(*message);
  --shape_.messages;
  touch();
  senders.wake();
  writers_.wake();
}

i64 MessageQueue::ask_notice(const Task& task, const SigEvent& notice) {
  if (home_.locks_.find(*inode, LockKind::kNotice) != nullptr) return -EBUSY;
  // It ends as a record lock does: when the process closes the file.
  if (!home_.locks_.set({.inode = inode,
                         .owner = task.table,
                         .kind = LockKind::kNotice,
                         .is_exclusive = true,
                         .last = FileLocks::kWhole,
                         .pid = process_of(task.cookie)})) {
    return -ENOMEM;
  }
  notice_ = notice;
  inode->accessed = inode->changed = now();
  return 0;
}

void MessageQueue::cancel_notice(const Task& task) {
  const FileLock* owner = home_.locks_.find(*inode, LockKind::kNotice);
  if (owner == nullptr || owner->pid != process_of(task.cookie)) return;
  home_.locks_.forget(owner->owner, *inode);
  inode->accessed = inode->changed = now();
}

void MessageQueue::tell_owner(const Task& sender) {
  const FileLock* owner = home_.locks_.find(*inode, LockKind::kNotice);
  if (owner == nullptr) return;
  const BoardRecord* to = record_of_tid(owner->pid);
  const BoardRecord* from = board_of(sender.cookie);
  if (notice_.notify == kNotifySignal && notice_.signal != 0 && to != nullptr &&
      from != nullptr) {
    const i32 pid = seen_by(to->cookie, from->tgid);
    home_.news_.send({.to = TerminalSignalTo::kQueueOwner,
                      .id = owner->pid,
                      .signal = notice_.signal,
                      .why = notice_.value,
                      .owner = static_cast<u32>(pid) | u64{from->uid} << 32});
  }
  home_.locks_.forget(owner->owner, *inode);
}

u64 MessageQueue::bytes() const {
  u64 bytes = 0;
  for (const Packet* at = first_; at != nullptr; at = at->next) {
    bytes += at->bytes;
  }
  return bytes;
}

i64 MessageQueue::read(Call& call, OpenFile&, Transfer& to, u64& position) {
  const FileLock* owner = home_.locks_.find(*inode, LockKind::kNotice);
  char text[128];
  TextWindow line(text, sizeof(text), 0);
  const auto field = [&](const char* name, u64 value, u64 width) {
    line.put(name);
    const u64 start = line.length();
    line.number(value);
    line.pad_to(start, width);
  };
  const bool signals = owner != nullptr && notice_.notify == kNotifySignal;
  field("QSIZE:", bytes(), 10);
  field(" NOTIFY:", owner == nullptr ? 0 : static_cast<u64>(notice_.notify), 5);
  field(" SIGNO:", signals ? static_cast<u64>(notice_.signal) : 0, 5);
  field(" NOTIFY_PID:",
        owner == nullptr
            ? 0
            : static_cast<u64>(seen_by(call.task.cookie, owner->pid)),
        6);
  line.put('\n');
  inode->accessed = inode->changed = now();
  if (position >= line.kept()) return 0;
  const u64 done = to.put(text + position, line.kept() - position);
  position += done;
  return moved(to, done);
}

i64 MessageQueue::seek(OpenFile& file, i64 offset, i32 whence) {
  constexpr i64 kEnd = kMqFileBytes;
  switch (whence) {
    case kSeekCur:
      offset += static_cast<i64>(file.offset);
      break;
    case kSeekEnd:
      offset += kEnd;
      break;
    case kSeekData:
    case kSeekHole:
      if (offset < 0 || offset >= kEnd) return -ENXIO;
      if (whence == kSeekHole) offset = kEnd;
      break;
    default:
      break;
  }
  if (offset < 0) return -EINVAL;
  file.offset = static_cast<u64>(offset);
  return offset;
}

i64 MessageQueue::ioctl(Call& call, OpenFile& file, u32 request, u64 argument) {
  if (request != kIoctlReadable) return -ENOTTY;
  return call.user.put(argument, static_cast<u32>(kMqFileBytes - file.offset));
}

i64 MessageQueue::opened(Call&, OpenFile&, u32) {
  ++opens_;
  return 0;
}

void MessageQueue::release(OpenFile&) {
  --opens_;
  drop_if_unused();
}

void MessageQueue::drop_if_unused() {
  if (opens_ != 0 || inode->links != 0) return;
  inode->opened = nullptr;
  home_.free(*this);
}

u32 MessageQueue::poll(OpenFile&) {
  return (first_ != nullptr ? kPollIn | kPollReadNormal : 0u) |
         (is_full() ? 0u : kPollOut | kPollWriteNormal);
}

}  // namespace tine::vfs
