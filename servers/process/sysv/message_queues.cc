#include "servers/process/sysv/message_queues.h"

#include "servers/linux_abi/errno.h"
#include "servers/process/sysv/ipc_get.h"

namespace tine::process::sysv {

using namespace linux_abi;

i64 MessageQueues::get(const GetRequest& request, u64 now) {
  return get_object(
      queues_, request, [](const MessageQueue&) { return i64{0}; },
      [&]() -> i64 {
        if (queues_.is_full()) return -ENOSPC;
        auto* queue = blocks_.make<MessageQueue>();
        if (queue == nullptr) return -ENOMEM;
        own(*queue, request);
        queue->changed = now;
        queues_.add(*queue);
        return queue->id();
      });
}

void MessageQueues::remove(MessageQueue& queue) {
  while (Task* task = queue.receivers.first()) tasks_.wake(*task, -EIDRM);
  while (Task* task = queue.senders.first()) tasks_.wake(*task, -EIDRM);
  while (Message* message = queue.first) {
    queue.first = message->next;
    drop(message);
  }
  queues_.remove(queue);
  blocks_.give(&queue);
}

Message* MessageQueues::make(u64 bytes) {
  void* block = blocks_.take(sizeof(Message) + bytes);
  if (block == nullptr) return nullptr;
  auto* message = new (block) Message;
  message->bytes = bytes;
  return message;
}

// pipelined_send(). Who has too little room for it learns that, and the next is
// asked. False: nobody takes it.
bool MessageQueues::hand_to_receiver(MessageQueue& queue,
                                     const Message& message, u64 now) {
  Task* next;
  for (Task* task = queue.receivers.first(); task != nullptr; task = next) {
    next = task->ipc.next;
    const ReceiveWait& wait = task->ipc.receive;
    if (!wait.filter.matches(message.type)) continue;
    if (message.bytes > wait.buffer.bytes && !wait.buffer.truncates) {
      tasks_.wake(*task, -E2BIG);
      continue;
    }
    queue.last_receiver = pid_of(*task).value;
    queue.received = now;
    tasks_.wake(*task, tasks_.hand_over(*task, message));
    return true;
  }
  return false;
}

void MessageQueues::send(MessageQueue& queue, Message* message, i32 sender,
                         u64 now) {
  queue.last_sender = sender;
  queue.sent = now;
  if (hand_to_receiver(queue, *message, now)) {
    drop(message);
    return;
  }
  message->next = nullptr;
  (queue.last != nullptr ? queue.last->next : queue.first) = message;
  queue.last = message;
  queue.bytes += message->bytes;
  ++queue.count;
}

Message* MessageQueues::find_message(const MessageQueue& queue,
                                     const MessageFilter& filter) const {
  Message* found = nullptr;
  for (Message* message = queue.first; message != nullptr;
       message = message->next) {
    if (!filter.matches(message->type)) continue;
    if (filter.kind != MessageFilter::Kind::kLowestUpTo) return message;
    if (found == nullptr || message->type < found->type) found = message;
  }
  return found;
}

void MessageQueues::unlink(MessageQueue& queue, Message* message) {
  Message* before = nullptr;
  Message** at = &queue.first;
  while (*at != message) {
    before = *at;
    at = &before->next;
  }
  *at = message->next;
  if (queue.last == message) queue.last = before;
  queue.bytes -= message->bytes;
  --queue.count;
}

void MessageQueues::take_out(MessageQueue& queue, Message* message,
                             i32 receiver, u64 now) {
  unlink(queue, message);
  queue.last_receiver = receiver;
  queue.received = now;
  drop(message);
  admit_senders(queue, now);
}

// From the first again after each: handing a message over may end tasks.
void MessageQueues::admit_senders(MessageQueue& queue, u64 now) {
  for (Task* task = queue.senders.first(); task != nullptr;) {
    Message* message = task->ipc.send.message;
    if (!queue.has_room_for(message->bytes)) {
      task = task->ipc.next;
      continue;
    }
    task->ipc.send.message = nullptr;  // it is the queue's now
    send(queue, message, pid_of(*task).value, now);
    tasks_.wake(*task, 0);
    task = queue.senders.first();
  }
}

void MessageQueues::wait_to_send(Task& task, MessageQueue& queue,
                                 Message* message) {
  task.ipc.send = {&queue, message};
  queue.senders.add(task);
}

void MessageQueues::wait_to_receive(Task& task, MessageQueue& queue,
                                    const MessageFilter& filter,
                                    const ReceiveBuffer& buffer) {
  task.ipc.receive = {&queue, filter, buffer};
  queue.receivers.add(task);
}

void MessageQueues::leave_senders(Task& task) {
  SendWait& wait = task.ipc.send;
  wait.queue->senders.remove(task);
  if (wait.message != nullptr) drop(wait.message);
}

void MessageQueues::leave_receivers(Task& task) {
  task.ipc.receive.queue->receivers.remove(task);
}

u64 MessageQueues::blocks() const {
  u64 blocks = 0;
  queues_.for_each([&](const MessageQueue& queue) {
    ++blocks;
    for (const Message* message = queue.first; message != nullptr;
         message = message->next) {
      ++blocks;
    }
    for (const Task* task = queue.senders.first(); task != nullptr;
         task = task->ipc.next) {
      ++blocks;
    }
  });
  return blocks;
}

}  // namespace tine::process::sysv
