// msgget, msgsnd, msgrcv, msgctl.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;
using sysv::Message;
using sysv::MessageFilter;
using sysv::MessageQueue;

namespace {

// convert_mode()
MessageFilter filter_of(i64 type, u32 flags) {
  using Kind = MessageFilter::Kind;
  if (type == 0) return {Kind::kAny, 0};
  if (type < 0) {
    return {Kind::kLowestUpTo, type == INT64_MIN ? INT64_MAX : -type};
  }
  return {(flags & kMsgExcept) != 0 ? Kind::kOtherTypes : Kind::kType, type};
}

// MSG_COPY: by its place in the queue, where it stays. Null: there are fewer.
const Message* message_at(const MessageQueue& queue, u64 place) {
  if (place >= queue.count) return nullptr;
  const Message* message = queue.first;
  for (u64 i = 0; i < place; ++i) message = message->next;
  return message;
}

u64 least(u64 a, u64 b) { return a < b ? a : b; }

}  // namespace

Outcome ProcessServer::sys_msgget(const Call& call) {
  const sysv::GetRequest request{call.task, call.int_argument(0),
                                 call.uint_argument(1)};
  return call.result(messages_.get(request, now_seconds()));
}

Outcome ProcessServer::sys_msgsnd(const Call& call) {
  Task& task = call.task;
  const u64 from = call.argument(1);
  const u64 bytes = call.argument(2);
  i64 type;
  if (user_.read(*task.mm, from, type) != 0) return call.result(-EFAULT);
  if (bytes > kMostMessageBytes || call.int_argument(0) < 0 || type < 1) {
    return call.result(-EINVAL);
  }
  Message* message = messages_.make(bytes);
  if (message == nullptr) return call.result(-ENOMEM);
  message->type = type;
  i64 error = 0;
  MessageQueue* queue = nullptr;
  if (user_.read(*task.mm, from + sizeof(type), message->text, bytes) != 0) {
    error = -EFAULT;
  } else if (queue = messages_.find(call.int_argument(0)); queue == nullptr) {
    error = -EINVAL;
  } else if (!may_use(task, *queue, 0222)) {
    error = -EACCES;
  } else if (!queue->has_room_for(bytes)) {
    if ((call.uint_argument(3) & kIpcNoWait) == 0) {
      messages_.wait_to_send(task, *queue, message);
      return waiting_.withhold(call, Wait::kSendMessage);
    }
    error = -EAGAIN;
  }
  if (error != 0) {
    messages_.drop(message);
    return call.result(error);
  }
  messages_.send(*queue, message, pid_of(task).value, now_seconds());
  return call.result(0);
}

Outcome ProcessServer::sys_msgrcv(const Call& call) {
  Task& task = call.task;
  const u32 flags = call.uint_argument(4);
  const u64 bytes = call.argument(2);
  if (call.int_argument(0) < 0 || static_cast<i64>(bytes) < 0) {
    return call.result(-EINVAL);
  }
  if ((flags & kMsgCopy) != 0) {
    constexpr u32 kOnly = kMsgExcept | kIpcNoWait;
    if ((flags & kOnly) != kIpcNoWait) return call.result(-EINVAL);
  }
  const MessageFilter filter =
      filter_of(static_cast<i64>(call.argument(3)), flags);
  MessageQueue* queue = messages_.find(call.int_argument(0));
  if (queue == nullptr) return call.result(-EINVAL);
  if (!may_use(task, *queue, 0444)) return call.result(-EACCES);
  const sysv::ReceiveBuffer buffer{call.argument(1), bytes,
                                   (flags & kMsgNoError) != 0};
  if ((flags & kMsgCopy) != 0) {
    const Message* copied = message_at(*queue, call.argument(3));
    if (copied == nullptr) return call.result(-ENOMSG);
    if (bytes < copied->bytes) {
      return call.result(buffer.truncates ? -EINVAL : -E2BIG);
    }
    return call.result(write_message(task, *copied, buffer));
  }
  Message* message = messages_.find_message(*queue, filter);
  if (message == nullptr) {
    if ((flags & kIpcNoWait) != 0) return call.result(-ENOMSG);
    messages_.wait_to_receive(task, *queue, filter, buffer);
    return waiting_.withhold(call, Wait::kReceiveMessage);
  }
  if (bytes < message->bytes && !buffer.truncates) return call.result(-E2BIG);
  const i64 result = write_message(task, *message, buffer);
  // The call will be made again, and must find it.
  if (user_.is_short()) return call.result(-ENOMEM);
  messages_.take_out(*queue, message, pid_of(task).value, now_seconds());
  return call.result(result);
}

// do_msg_fill(): the type and as much of the text as there is room for. How
// many bytes of text; -EFAULT, and then the message is lost, as in Linux.
i64 ProcessServer::write_message(const Task& task, const Message& message,
                                 const sysv::ReceiveBuffer& buffer) {
  const u64 bytes = least(message.bytes, buffer.bytes);
  if (user_.write(*task.mm, buffer.address, message.type) != 0 ||
      user_.write(*task.mm, buffer.address + sizeof(message.type), message.text,
                  bytes) != 0) {
    return -EFAULT;
  }
  return static_cast<i64>(bytes);
}

i64 ProcessServer::hand_over(Task& receiver, const Message& message) {
  const sysv::ReceiveBuffer buffer = receiver.ipc.receive.buffer;
  const u64 bytes = least(message.bytes, buffer.bytes);
  if (!write_frame(receiver, buffer.address, &message.type,
                   sizeof(message.type)) ||
      !write_frame(receiver, buffer.address + sizeof(message.type),
                   message.text, bytes)) {
    return -EFAULT;
  }
  return static_cast<i64>(bytes);
}

i64 ProcessServer::tell_of_queues(const Call& call, i32 command) {
  QueueLimits limits{.pool = kMostQueues * i32{kMostQueueBytes} / 1024,
                     .map = i32{kMostQueueBytes},
                     .most_message_bytes = i32{kMostMessageBytes},
                     .most_queue_bytes = i32{kMostQueueBytes},
                     .most_queues = kMostQueues,
                     .segment_bytes = 16,
                     .most_headers = i32{kMostQueueBytes},
                     .segments = 0xffff};
  if (command == kMsgInfo) {
    u64 messages = 0;
    u64 bytes = 0;
    messages_.queues().for_each([&](const MessageQueue& queue) {
      messages += queue.count;
      bytes += queue.bytes;
    });
    limits.pool = static_cast<i32>(messages_.queues().count());
    limits.map = static_cast<i32>(messages);
    limits.most_headers = static_cast<i32>(bytes);
  }
  const i64 error = user_.write(*call.task.mm, call.argument(2), limits);
  return error == 0 ? messages_.queues().highest() : error;
}

i64 ProcessServer::tell_queue(const Call& call, i32 command) {
  const i32 id = call.int_argument(0);
  const MessageQueue* queue = command == kIpcStat
                                  ? messages_.find(id)
                                  : messages_.queues().at(static_cast<u32>(id));
  if (queue == nullptr) return -EINVAL;
  if (command != kMsgStatAny && !may_use(call.task, *queue, 0444)) {
    return -EACCES;
  }
  const QueueStatus status{
      .permissions = permissions_of(*queue),
      .sent = static_cast<i64>(queue->sent),
      .received = static_cast<i64>(queue->received),
      .changed = static_cast<i64>(queue->changed),
      .bytes = queue->bytes,
      .messages = queue->count,
      .most_bytes = queue->most_bytes,
      .last_sender = pids_.seen_by(call.task, Pid{queue->last_sender}),
      .last_receiver = pids_.seen_by(call.task, Pid{queue->last_receiver}),
      .reserved = {}};
  const i64 error = user_.write(*call.task.mm, call.argument(2), status);
  if (error != 0) return error;
  return command == kIpcStat ? 0 : queue->id();
}

i64 ProcessServer::change_queue(const Call& call, i32 command) {
  const Task& by = call.task;
  QueueStatus wanted{};
  if (command == kIpcSet &&
      user_.read(*call.task.mm, call.argument(2), wanted) != 0) {
    return -EFAULT;
  }
  MessageQueue* queue = messages_.find(call.int_argument(0));
  if (queue == nullptr) return -EINVAL;
  if (!may_change(by, *queue)) return -EPERM;
  if (command == kIpcRemove) {
    messages_.remove(*queue);
    return 0;
  }
  if (wanted.most_bytes > kMostQueueBytes &&
      !is_capable(by, Capability::kSysResource))
    return -EPERM;
  const i64 error = set_permissions(*queue, wanted.permissions);
  if (error != 0) return error;
  queue->most_bytes = wanted.most_bytes;
  queue->changed = now_seconds();
  messages_.admit_senders(*queue, queue->changed);
  return 0;
}

Outcome ProcessServer::sys_msgctl(const Call& call) {
  const i32 command = call.int_argument(1);
  if (call.int_argument(0) < 0 || command < 0) return call.result(-EINVAL);
  switch (command) {
    case kIpcInfo:
    case kMsgInfo:
      return call.result(tell_of_queues(call, command));
    case kIpcStat:
    case kMsgStat:
    case kMsgStatAny:
      return call.result(tell_queue(call, command));
    case kIpcSet:
    case kIpcRemove:
      return call.result(change_queue(call, command));
    default:
      return call.result(-EINVAL);
  }
}

}  // namespace tine::process
