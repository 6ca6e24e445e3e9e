// signalfd: signals of whoever reads. Which of them are pending the task board
// tells; to take them is the process server's, which a read is handed to.
#ifndef SERVERS_VFS_EVENT_SIGNAL_FILE_H_
#define SERVERS_VFS_EVENT_SIGNAL_FILE_H_

#include "servers/runtime/heap.h"
#include "servers/vfs/open/anonymous_file.h"
#include "servers/vfs/wait/wait_queue.h"

namespace tine::vfs {

class SignalFile;

// What all of them share.
struct SignalFiles {
  SignalFiles(Heap& heap, Wakeups& wakeups, u64 most)
      : files(heap, most), pollers(wakeups) {}

  Slab<SignalFile> files;
  // All who wait for one of them to have signals: each looks for itself.
  WaitQueue pollers;
  // The task that asks whether there are signals.
  u64 asking = 0;
};

class SignalFile final : public AnonymousFile {
 public:
  SignalFile(SignalFiles& home, u64 set)
      : AnonymousFile("anon_inode:[signalfd]"), set_(set), home_(home) {}

  FileKind kind() const override { return FileKind::kSignal; }
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  u32 poll(OpenFile& file) override;
  WaitQueue* wait_queue(OpenFile&, bool writes) override {
    return writes ? nullptr : &home_.pollers;
  }
  void release(OpenFile& file) override;

  u64 set() const { return set_; }
  void set(u64 signals) {
    set_ = signals;
    home_.pollers.wake();
  }

 private:
  u64 set_;  // bit n-1 is signal n
  SignalFiles& home_;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_EVENT_SIGNAL_FILE_H_
