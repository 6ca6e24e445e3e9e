// All message queues: their limits, their lives.
#include "servers/linux_abi/errno.h"
#include "servers/runtime/sys.h"
#include "servers/vfs/mqueue/message_queue.h"

namespace tine::vfs {

using namespace linux_abi;

MessageQueues::MessageQueues(Heap& heap, FileSystem& files,
                             PacketStore& messages, FileLocks& locks,
                             Wakeups& wakeups, tty::SignalNews& news,
                             MqLimits& limits, u64 most)
    : queues_(heap, most),
      messages_(messages),
      locks_(locks),
      wakeups_(wakeups),
      news_(news),
      limits_(limits),
      directory_(files.make_root(01777, 0)) {
  if (directory_ == nullptr) {
    sys::fail("vfs: no memory for message queues; give the machine more");
  }
  directory_->inode->mount = Mount::kQueues;
}

// In the order of Linux's mqueue_create_attr() and mqueue_get_inode().
MessageQueue* MessageQueues::make(const Credentials& who, u32 uid,
                                  u64 most_charge, const MqAttributes* asked,
                                  i64& error) {
  const auto least = [](u64 a, u64 b) { return a < b ? a : b; };
  const bool may_exceed = who.may(Capability::kSysResource);
  if (queues_.live() >= limits_.queues && !may_exceed) {
    error = -ENOSPC;
    return nullptr;
  }
  u64 messages = least(limits_.messages, limits_.usual_messages);
  u64 bytes = least(limits_.bytes, limits_.usual_bytes);
  if (asked != nullptr) {
    messages = static_cast<u64>(asked->most_messages);
    bytes = static_cast<u64>(asked->most_bytes);
  }
  const u64 most_messages = may_exceed ? kMqHardMessages : limits_.messages;
  const u64 most_bytes = may_exceed ? kMqHardBytes : limits_.bytes;
  // What is negative is large.
  if (messages == 0 || bytes == 0 || messages > most_messages ||
      bytes > most_bytes) {
    error = -EINVAL;
    return nullptr;
  }
  const u64 charge = messages * (bytes + kMqMessageCharge) +
                     least(messages, kMqPriorities) * kMqPriorityCharge;
  u64 charged = charge;
  for (const MessageQueue* at = first_; at != nullptr; at = at->next_) {
    if (at->uid_ == uid) charged += at->charge_;
  }
  if (charged > most_charge) {
    error = -EMFILE;
    return nullptr;
  }
  const MqAttributes shape{.most_messages = static_cast<i64>(messages),
                           .most_bytes = static_cast<i64>(bytes)};
  error = -ENOMEM;
  return queues_.make(*this, shape, charge, uid);
}

void MessageQueues::free(MessageQueue& queue) {
  while (Packet* message = queue.first_) {
    queue.first_ = message->next;
    messages_.free(*message);
  }
  for (WaitQueue* waiting :
       {&queue.senders, &queue.receivers, &queue.readers_, &queue.writers_}) {
    waiting->wake();
  }
  (queue.previous_ == nullptr ? first_ : queue.previous_->next_) = queue.next_;
  if (queue.next_ != nullptr) queue.next_->previous_ = queue.previous_;
  queues_.free(&queue);
}

void MessageQueues::clock_was_set() {
  for (MessageQueue* at = first_; at != nullptr; at = at->next_) {
    at->senders.wake();
    at->receivers.wake();
  }
}

i64 MessageQueues::look_up(const Credentials&, Entry&, Text, EntryRef&) {
  return -ENOENT;
}

i64 MessageQueues::follow(const Credentials&, const Inode&, bool, LinkTarget&) {
  return -ENOENT;
}

}  // namespace tine::vfs
