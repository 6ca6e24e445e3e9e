// POSIX message queues: files of a file system of their own, which is mounted
// nowhere.
#ifndef SERVERS_VFS_MQUEUE_MESSAGE_QUEUE_H_
#define SERVERS_VFS_MQUEUE_MESSAGE_QUEUE_H_

#include "servers/linux_abi/mqueue.h"
#include "servers/linux_abi/signal.h"
#include "servers/vfs/open/file_operations.h"
#include "servers/vfs/socket/packet.h"
#include "servers/vfs/tree/synthetic.h"
#include "servers/vfs/tty/signal_news.h"
#include "servers/vfs/wait/wait_queue.h"

namespace tine::vfs {

struct Task;
class MessageQueues;

class MessageQueue final : public FileOperations {
 public:
  MessageQueue(MessageQueues& home, const linux_abi::MqAttributes& shape,
               u64 charge, u32 uid);

  FileKind kind() const override { return FileKind::kMessageQueue; }
  // Its state as a line of text.
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  bool has_positions() const override { return true; }
  i64 seek(OpenFile& file, i64 offset, i32 whence) override;
  i64 ioctl(Call& call, OpenFile& file, u32 request, u64 argument) override;
  i64 opened(Call&, OpenFile&, u32) override;
  void release(OpenFile& file) override;
  u32 poll(OpenFile& file) override;
  WaitQueue* wait_queue(OpenFile&, bool writes) override {
    return writes ? &writers_ : &readers_;
  }

  const linux_abi::MqAttributes& shape() const { return shape_; }
  u64 most_bytes() const { return static_cast<u64>(shape_.most_bytes); }
  bool is_full() const { return shape_.messages == shape_.most_messages; }
  // The next message, of those with the highest priority the oldest; null:
  // none.
  Packet* first() const { return first_; }
  // Takes it over. `is_news`: whoever asked to be told of it is.
  void add(Packet& message, const Task& sender, bool is_news);
  void drop_first();

  // Tells the process once of a message in the empty queue that nobody waits
  // for. 0, -EBUSY: somebody is told already, -ENOMEM.
  i64 ask_notice(const Task& task, const linux_abi::SigEvent& notice);
  void cancel_notice(const Task& task);

  // Changes how its inode looks: it was used.
  void touch();
  // Its name is gone, or one who had it open. It goes with the last of them.
  void drop_if_unused();

  // Calls that wait, apart from those who only look.
  WaitQueue senders;
  WaitQueue receivers;
  Inode* inode = nullptr;

 private:
  friend class MessageQueues;
  void tell_owner(const Task& sender);
  u64 bytes() const;

  MessageQueues& home_;
  WaitQueue readers_;
  WaitQueue writers_;
  linux_abi::MqAttributes shape_;
  const u64 charge_;  // of RLIMIT_MSGQUEUE
  const u32 uid_;     // whose limit that is
  u64 opens_ = 0;
  Packet* first_ = nullptr;
  Packet* last_ = nullptr;
  linux_abi::SigEvent notice_;
  MessageQueue* next_;
  MessageQueue* previous_ = nullptr;
};

// All queues, and the directory of their names. Their inodes have no contents.
class MessageQueues final : public Synthetic {
 public:
  MessageQueues(Heap& heap, FileSystem& files, PacketStore& messages,
                FileLocks& locks, Wakeups& wakeups, tty::SignalNews& news,
                linux_abi::MqLimits& limits, u64 most);

  Entry& directory() { return *directory_; }
  const Entry& directory() const { return *directory_; }
  // A queue as it is asked for (null: as usual), which has no inode yet. Null:
  // `error` is EINVAL, ENOSPC, EOVERFLOW, EMFILE (beyond `most_charge`) or
  // ENOMEM.
  MessageQueue* make(const Credentials& who, u32 uid, u64 most_charge,
                     const linux_abi::MqAttributes* asked, i64& error);
  void free(MessageQueue& queue);
  // CLOCK_REALTIME was set: those who wait for a time look anew.
  void clock_was_set();
  u64 live() const { return queues_.live(); }

  // Nothing is looked up below queues.
  i64 look_up(const Credentials&, Entry&, Text, EntryRef&) override;
  bool list(const Credentials&, const Entry&, u64, Listed&) override {
    return false;
  }
  i64 follow(const Credentials&, const Inode&, bool, LinkTarget&) override;

 private:
  friend class MessageQueue;

  Slab<MessageQueue> queues_;
  PacketStore& messages_;
  FileLocks& locks_;
  Wakeups& wakeups_;
  tty::SignalNews& news_;
  const linux_abi::MqLimits& limits_;
  Entry* directory_;
  MessageQueue* first_ = nullptr;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_MQUEUE_MESSAGE_QUEUE_H_
