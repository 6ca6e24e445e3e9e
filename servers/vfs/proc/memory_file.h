// /proc/PID/mem: the memory of a program, as a debugger sees it.
#ifndef SERVERS_VFS_PROC_MEMORY_FILE_H_
#define SERVERS_VFS_PROC_MEMORY_FILE_H_

#include "servers/vfs/open/file_operations.h"

namespace tine::vfs {

// Who may open it is decided by ProcFiles::check_open(); from then on it is
// that address space, whatever program the process runs.
class MemoryFile final : public FileOperations {
 public:
  FileKind kind() const override { return FileKind::kText; }
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  i64 write(Call& call, OpenFile& file, Transfer& from, u64& position) override;
  bool has_positions() const override { return true; }
  i64 seek(OpenFile& file, i64 offset, i32 whence) override;

 private:
  i64 access(const OpenFile& file, MemoryLabel label, u64 position, u64 bytes);

  u8 buffer_[4096];
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_PROC_MEMORY_FILE_H_
