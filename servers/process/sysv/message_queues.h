// Message queues. Texts are copied here by msgsnd, from here by msgrcv.
#ifndef SERVERS_PROCESS_SYSV_MESSAGE_QUEUES_H_
#define SERVERS_PROCESS_SYSV_MESSAGE_QUEUES_H_

#include "servers/process/sysv/block_pool.h"
#include "servers/process/sysv/ipc_table.h"

namespace tine::process::sysv {

struct Message {
  Message* next = nullptr;
  i64 type = 0;
  u64 bytes = 0;
  u8 text[];
};

struct MessageQueue : IpcObject {
  u64 bytes = 0;  // of all texts
  u64 count = 0;
  u64 most_bytes = linux_abi::kMostQueueBytes;
  u64 sent = 0;  // times, in seconds
  u64 received = 0;
  u64 changed = 0;
  i32 last_sender = 0;  // pids
  i32 last_receiver = 0;
  Message* first = nullptr;
  Message* last = nullptr;
  TaskQueue senders;    // whose message does not fit
  TaskQueue receivers;  // for whom there is none

  bool has_room_for(u64 more) const {
    return bytes + more <= most_bytes && count + 1 <= most_bytes;
  }
};

class MessageQueues {
 public:
  MessageQueues(BlockPool& blocks, IpcTasks& tasks)
      : blocks_(blocks), tasks_(tasks) {}

  // The id, or a negated errno.
  i64 get(const GetRequest& request, u64 now);
  void remove(MessageQueue& queue);
  MessageQueue* find(i32 id) const { return queues_.find(id); }
  const IpcTable<MessageQueue>& queues() const { return queues_; }

  // For a text of so many bytes. Null: no memory.
  Message* make(u64 bytes);
  void drop(Message* message) { blocks_.give(message); }

  // Gives the message to who waits for it, or to the queue, where it has room.
  void send(MessageQueue& queue, Message* message, i32 sender, u64 now);
  // The first that the filter lets through; null: none.
  Message* find_message(const MessageQueue& queue,
                        const MessageFilter& filter) const;
  // It has been received: goes, and makes room for senders.
  void take_out(MessageQueue& queue, Message* message, i32 receiver, u64 now);

  // Queues a task whose wait is to begin, and takes it out again.
  void wait_to_send(Task& task, MessageQueue& queue, Message* message);
  void wait_to_receive(Task& task, MessageQueue& queue,
                       const MessageFilter& filter,
                       const ReceiveBuffer& buffer);
  void leave_senders(Task& task);
  void leave_receivers(Task& task);
  // Senders whose message fits now, as after a change of the limit.
  void admit_senders(MessageQueue& queue, u64 now);

  // Blocks of memory that all this has, for the invariant checker.
  u64 blocks() const;

 private:
  static void unlink(MessageQueue& queue, Message* message);
  bool hand_to_receiver(MessageQueue& queue, const Message& message, u64 now);

  BlockPool& blocks_;
  IpcTasks& tasks_;
  IpcTable<MessageQueue> queues_{u32{linux_abi::kMostQueues}};
};

}  // namespace tine::process::sysv

#endif  // SERVERS_PROCESS_SYSV_MESSAGE_QUEUES_H_
