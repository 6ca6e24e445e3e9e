// pidfd: a descriptor that names a process, whatever becomes of its pid.
#ifndef SERVERS_VFS_PIDFD_PIDFD_H_
#define SERVERS_VFS_PIDFD_PIDFD_H_

#include "servers/protocol/vfs.h"
#include "servers/runtime/heap.h"
#include "servers/vfs/fd_table.h"
#include "servers/vfs/open/anonymous_file.h"
#include "servers/vfs/wait/wait_queue.h"

namespace tine::vfs {

class PidFds;

class PidFd final : public AnonymousFile {
 public:
  PidFd(PidFds& home, Wakeups& wakeups, const ProcessName& process)
      : AnonymousFile("anon_inode:[pidfd]"),
        home_(home),
        queue_(wakeups),
        process_(process) {}

  FileKind kind() const override { return FileKind::kProcess; }
  u32 poll(OpenFile& file) override;
  WaitQueue* wait_queue(OpenFile&, bool) override { return &queue_; }
  i64 seek(OpenFile& file, i64 offset, i32 whence) override {
    return FileOperations::seek(file, offset, whence);
  }
  void release(OpenFile& file) override;

  const ProcessName& process() const { return process_; }
  // Its pid while there is somebody to wait for; -1 afterwards.
  i32 pid_now() const;

 private:
  friend class PidFds;

  PidFds& home_;
  WaitQueue queue_;
  ProcessName process_;
  // The task that was its leader when it ended: a zombie, for as long as its
  // record is there. 0: it has not ended.
  u64 zombie_ = 0;
  PidFd* next_ = nullptr;
  PidFd* previous_ = nullptr;
};

// All of them, and the one that a clone is about to give its parent.
class PidFds {
 public:
  PidFds(Heap& heap, u64 most, FdStore& store, Wakeups& wakeups)
      : store_(store), wakeups_(wakeups), all_(heap, most) {}

  // One that no descriptor stands for; null: no memory. `zombie` as above.
  OpenFile* make(const ProcessName& process, u64 zombie, u32 flags,
                 PidFd** made);
  // The process of that serial number has ended.
  void has_ended(u64 serial, u64 zombie);
  u64 live() const { return all_.live(); }
  // What a clone's parent is about to get; null: nothing.
  const OpenFile* reserved() const { return reserved_; }
  const FdStore::Block* reserved_block() const { return reserved_block_; }

  // A clone's: the descriptor is kept free, and what it takes to fill it in
  // without fail is there, until the clone succeeds or fails.
  i64 reserve(FdTable& table, u64 limit, OpenFile& file);
  void fill_in(FdTable& table);
  void cancel();

 private:
  friend class PidFd;
  void remove(PidFd& one);

  FdStore& store_;
  Wakeups& wakeups_;
  Slab<PidFd> all_;
  PidFd* first_ = nullptr;
  OpenFile* reserved_ = nullptr;  // counted
  FdStore::Block* reserved_block_ = nullptr;
  u32 reserved_fd_ = 0;
};

// Null: the file is none.
PidFd* pidfd_of(OpenFile* file);

}  // namespace tine::vfs

#endif  // SERVERS_VFS_PIDFD_PIDFD_H_
