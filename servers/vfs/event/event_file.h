// eventfd: a counter that one waits for.
#ifndef SERVERS_VFS_EVENT_EVENT_FILE_H_
#define SERVERS_VFS_EVENT_EVENT_FILE_H_

#include "servers/runtime/heap.h"
#include "servers/vfs/open/anonymous_file.h"
#include "servers/vfs/wait/wait_queue.h"

namespace tine::vfs {

class EventFile final : public AnonymousFile {
 public:
  using Store = Slab<EventFile>;
  EventFile(Store& home, Wakeups& wakeups, u64 count, bool is_semaphore)
      : AnonymousFile("anon_inode:[eventfd]"),
        home_(home),
        readers_(wakeups),
        writers_(wakeups),
        count_(count),
        is_semaphore_(is_semaphore) {}

  FileKind kind() const override { return FileKind::kEvent; }
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  i64 write(Call& call, OpenFile& file, Transfer& from, u64& position) override;
  u32 poll(OpenFile& file) override;
  WaitQueue* wait_queue(OpenFile&, bool writes) override {
    return writes ? &writers_ : &readers_;
  }
  void release(OpenFile& file) override;

 private:
  static constexpr u64 kMost = ~u64{0} - 1;

  Store& home_;
  WaitQueue readers_;
  WaitQueue writers_;
  u64 count_;
  bool is_semaphore_;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_EVENT_EVENT_FILE_H_
