// mq_open, mq_unlink and mq_notify; sending and receiving.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

// Null: it is none.
MessageQueue* queue_of(OpenFile* file) {
  return file != nullptr && file->operations->kind() == FileKind::kMessageQueue
             ? static_cast<MessageQueue*>(file->operations)
             : nullptr;
}

// When the wait ends: a time of CLOCK_REALTIME, which may be set meanwhile.
i64 get_wall_deadline(Call& call, u64 address) {
  if (address == 0) return 0;
  Timespec time;
  if (!call.user.get(address, time)) return call.is_again ? 0 : -EFAULT;
  if (!is_valid(time)) return call.is_again ? 0 : -EINVAL;
  const i64 at = static_cast<i64>(to_ns(time)) - realtime_ahead();
  call.deadline = at > 1 ? static_cast<u64>(at) : 1;
  return 0;
}

}  // namespace

// The name at `address`, which is that of no directory.
i64 VfsServer::get_queue_name(Call& call, u64 address, Text& name) {
  const i64 count = call.user.path(address, path_);
  if (count < 0) return count;
  name = {path_, static_cast<u64>(count)};
  if (count == 0) return -ENOENT;
  if (name.is(".") || name.is("..")) return -EACCES;
  for (u64 i = 0; i < name.count; ++i) {
    if (path_[i] == '/') return -EACCES;
  }
  return name.count > kNameMax ? -ENAMETOOLONG : 0;
}

void VfsServer::remove_queue(Entry& name) {
  EntryRef entry = &name;
  files_.remove(name);
  static_cast<MessageQueue*>(entry->inode->opened)->drop_if_unused();
}

i64 VfsServer::make_queue(Call& call, const Credentials& who, Text name,
                          EntryRef& entry) {
  MqAttributes asked;
  if (call[3] != 0 && !call.user.get(call[3], asked)) return -EFAULT;
  i64 error = 0;
  MessageQueue* queue =
      queues_.make(who, real_credentials(call.task).uid, call.task.queue_limit,
                   call[3] != 0 ? &asked : nullptr, error);
  if (queue == nullptr) return error;
  Found found;
  found.parent = &queues_.directory();
  found.name = name;
  found.last = LastKind::kName;
  error = create(call, who, found, call.as_u32(2), entry);
  if (error != 0) {
    queues_.free(*queue);
    return error == -ENOSPC ? -ENOMEM : error;
  }
  Inode& inode = *entry->inode;
  inode.mount = Mount::kQueues;
  inode.maker = &queues_;
  inode.bytes = kMqFileBytes;
  inode.opened = queue;
  queue->inode = &inode;
  return 0;
}

i64 VfsServer::sys_mq_open(Call& call) {
  constexpr u32 kNew = kOpenCreate | kOpenExclusive;
  const u32 flags = call.as_u32(1);
  const u32 access = flags & kOpenAccessMode;
  char first;
  if (call[3] != 0 && !call.user.get(call[3], first)) return -EFAULT;
  Text name;
  if (i64 error = get_queue_name(call, call[0], name); error != 0) return error;
  const u32 free = call.task.table->find_free(0);
  if (free >= call.task.limit || free == kMaxFds) return -EMFILE;
  const Credentials who = credentials(call.task);
  EntryRef entry = files_.find(queues_.directory(), name);
  const bool is_new = entry == nullptr;
  if (is_new) {
    if ((flags & kOpenCreate) == 0) return -ENOENT;
    if (i64 error = make_queue(call, who, name, entry); error != 0) {
      return error;
    }
  } else {
    if ((flags & kNew) == kNew) return -EEXIST;
    if (access == kOpenAccessMode) return -EINVAL;
    u32 wants = access != kOpenWriteOnly ? kAccessRead : u32{0};
    if (access != kOpenReadOnly) wants |= kAccessWrite;
    if (i64 error = check_rights(who, *entry->inode, wants); error != 0) {
      return error;
    }
  }
  const i64 fd = install(call, *entry,
                         access | (flags & kOpenNonBlock) | kOpenCloseOnExec);
  if (fd < 0) {
    if (is_new) remove_queue(*entry);
    return fd;
  }
  OpenFile& open = *call.task.table->get(static_cast<u32>(fd));
  open.flags &= ~kOpenLargeFile;
  tell_watchers(open, kInOpen);
  return fd;
}

i64 VfsServer::sys_mq_unlink(Call& call) {
  Text name;
  if (i64 error = get_queue_name(call, call[0], name); error != 0) return error;
  Entry* entry = files_.find(queues_.directory(), name);
  if (entry == nullptr) return -ENOENT;
  if (i64 error = check_remove(credentials(call.task), *entry, false);
      error != 0) {
    return error;
  }
  entry->inode->changed = now();
  touch_directory(queues_.directory());
  tell_watchers(*entry->inode, kInAttributes);
  remove_queue(*entry);
  return 0;
}

// The queue is full, or empty.
i64 VfsServer::wait_for_queue(Call& call, OpenFile& open, WaitQueue& waiting) {
  if (!call.is_again && !open.waits()) return -EAGAIN;
  if (call.deadline != 0 && sys::clock_ns() >= call.deadline) {
    return -ETIMEDOUT;
  }
  pin(call, call.as_u32(0), open);
  return wait_on(call, waiting);
}

i64 VfsServer::sys_mq_timedsend(Call& call) {
  if (i64 error = get_wall_deadline(call, call[4]); error != 0) return error;
  const u32 priority = call.as_u32(3);
  if (priority >= kMqPriorities) return -EINVAL;
  OpenFile* open = file(call, call[0]);
  MessageQueue* queue = queue_of(open);
  if (queue == nullptr || !open->can_write()) return -EBADF;
  const u64 bytes = call[2];
  if (bytes > queue->most_bytes()) return -EMSGSIZE;
  PacketStore& messages = sockets_.packets;
  Packet* message = messages.make();
  if (message == nullptr) return -ENOMEM;
  message->priority = priority;
  Transfer from(call.user, call[1], bytes);
  i64 error = 0;
  if (messages.append(*message, from, bytes) != bytes) {
    error = from.has_failed() ? -EFAULT : -ENOMEM;
  } else if (queue->is_full()) {
    error = wait_for_queue(call, *open, queue->senders);
  }
  if (error != 0) {
    messages.free(*message);
    return error;
  }
  // Whoever waited for room follows a message that was there.
  queue->add(*message, call.task, !call.is_again);
  return 0;
}

i64 VfsServer::sys_mq_timedreceive(Call& call) {
  if (i64 error = get_wall_deadline(call, call[4]); error != 0) return error;
  OpenFile* open = file(call, call[0]);
  MessageQueue* queue = queue_of(open);
  if (queue == nullptr || !open->can_read()) return -EBADF;
  if (call[2] < queue->most_bytes()) return -EMSGSIZE;
  Packet* message = queue->first();
  if (message == nullptr) return wait_for_queue(call, *open, queue->receivers);
  const u64 bytes = message->bytes;
  Transfer to(call.user, call[1], bytes);
  const bool is_told =
      (call[3] == 0 || call.user.put(call[3], message->priority) == 0) &&
      sockets_.packets.take(*message, to, true) == bytes;
  // What cannot be written is lost, unless it will be tried again.
  if (!is_told && call.user.is_short_of_memory()) return -EFAULT;
  queue->drop_first();
  return is_told ? static_cast<i64>(bytes) : -EFAULT;
}

i64 VfsServer::sys_mq_notify(Call& call) {
  SigEvent notice;
  if (call[1] != 0) {
    if (!call.user.get(call[1], notice)) return -EFAULT;
    switch (notice.notify) {
      case kNotifySignal:
        if (notice.signal < 0 || notice.signal > kSignals) return -EINVAL;
        break;
      case kNotifyNone:
        break;
      case kNotifyByThread: {
        // To a netlink socket, which there is none of.
        u8 cookie[32];
        if (!call.user.get(notice.value, cookie)) return -EFAULT;
        i64 error = 0;
        const u32 fd = static_cast<u32>(notice.signal);
        return socket_of(file(call, fd), error) == nullptr ? error : -EINVAL;
      }
      default:
        return -EINVAL;
    }
  }
  MessageQueue* queue = queue_of(file(call, call[0]));
  if (queue == nullptr) return -EBADF;
  if (call[1] != 0) return queue->ask_notice(call.task, notice);
  queue->cancel_notice(call.task);
  return 0;
}

i64 VfsServer::sys_mq_getsetattr(Call& call) {
  MqAttributes next;
  if (call[1] != 0) {
    if (!call.user.get(call[1], next)) return -EFAULT;
    if ((next.flags & ~i64{kOpenNonBlock}) != 0) return -EINVAL;
  }
  OpenFile* open = file(call, call[0]);
  MessageQueue* queue = queue_of(open);
  if (queue == nullptr) return -EBADF;
  MqAttributes before = queue->shape();
  before.flags = open->flags & kOpenNonBlock;
  if (call[1] != 0) {
    open->flags = (open->flags & ~kOpenNonBlock) |
                  (static_cast<u32>(next.flags) & kOpenNonBlock);
    queue->inode->accessed = queue->inode->changed = now();
  }
  return call[2] == 0 ? 0 : call.user.put(call[2], before);
}

}  // namespace tine::vfs
