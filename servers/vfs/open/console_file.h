// /dev/console: a plain channel of bytes to the console server.
#ifndef SERVERS_VFS_OPEN_CONSOLE_FILE_H_
#define SERVERS_VFS_OPEN_CONSOLE_FILE_H_

#include "servers/vfs/open/file_operations.h"
#include "servers/vfs/wait/wait_queue.h"

namespace tine::vfs {

class ConsoleFile final : public FileOperations {
 public:
  explicit ConsoleFile(Wakeups& wakeups) : readers_(wakeups) {}

  FileKind kind() const override { return FileKind::kTerminal; }
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  i64 write(Call& call, OpenFile& file, Transfer& from, u64& position) override;
  u32 poll(OpenFile& file) override;
  WaitQueue* wait_queue(OpenFile& file, bool writes) override;

  // There may be input.
  void wake() { readers_.wake(); }

 private:
  // Whether there are bytes: 1, 0 at the end of input, -EAGAIN: not yet.
  i64 fill();
  // All of the bytes, of this server's own memory. 0 or -EIO.
  i64 put(const u8* from, u64 bytes);

  static constexpr u64 kRoom = 4096;
  WaitQueue readers_;
  // Bytes taken from the console server in advance.
  u64 begin_ = 0;
  u64 end_ = 0;
  u8 input_[kRoom];
  u8 output_[kRoom];
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_OPEN_CONSOLE_FILE_H_
