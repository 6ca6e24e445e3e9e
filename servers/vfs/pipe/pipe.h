// Pipes, with and without a name.
#ifndef SERVERS_VFS_PIPE_PIPE_H_
#define SERVERS_VFS_PIPE_PIPE_H_

#include "servers/vfs/open/file_operations.h"
#include "servers/vfs/pipe/pipe_buffer.h"
#include "servers/vfs/wait/wait_queue.h"

namespace tine::vfs {

class Pipe;

// What all pipes are made of.
struct Pipes {
  Pipes(Heap& heap, Wakeups& waking, u64 most_pipes, u64 most_pages)
      : pool(heap, most_pages), pipes(heap, most_pipes), wakeups(waking) {}
  // Without an end yet; null: no memory.
  Pipe* make();

  PagePool pool;
  Slab<Pipe> pipes;
  Wakeups& wakeups;
};

class Pipe final : public FileOperations {
 public:
  explicit Pipe(Pipes& home);

  FileKind kind() const override { return FileKind::kPipe; }
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  i64 write(Call& call, OpenFile& file, Transfer& from, u64& position) override;
  bool writes_all() const override { return true; }
  u32 poll(OpenFile& file) override;
  WaitQueue* wait_queue(OpenFile& file, bool writes) override;
  i64 ioctl(Call& call, OpenFile& file, u32 request, u64 argument) override;
  void release(OpenFile& file) override;
  u64 describe(const OpenFile& file, char* text, u64 room) const override;

  // One more end. Those who wait for it awake.
  void add_end(OpenFile& file);
  // A FIFO's open: is the other end there, or was it since `file` came?
  bool has_partner(const OpenFile& file) const;
  u32 readers() const { return readers_; }
  u32 writers() const { return writers_; }

  // For splice and tee: what a read would get after `skipped` bytes, and its
  // end.
  u64 peek(Transfer& to, u64 skipped) const;
  void drop(u64 bytes);
  u64 bytes() const { return buffer_.bytes(); }
  bool is_full() const { return buffer_.is_full(); }
  // Of a pipe that is not full: a page can be written now. False: no memory.
  [[nodiscard]] bool keep_page() { return buffer_.prepare(); }

  // F_GETPIPE_SZ and F_SETPIPE_SZ.
  i64 size() const { return static_cast<i64>(buffer_.slots() * kPageSize); }
  i64 set_size(u64 bytes);

  // Its inode if it has no name. The pointer at which a FIFO's inode has it.
  Inode node;
  FileOperations** place = nullptr;

 private:
  Pipes& home_;
  PipeBuffer buffer_;
  WaitQueue read_queue_;
  WaitQueue write_queue_;
  u32 readers_ = 0;
  u32 writers_ = 0;
  // How many there ever were.
  u32 reader_opens_ = 0;
  u32 writer_opens_ = 0;

  friend struct Pipes;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_PIPE_PIPE_H_
