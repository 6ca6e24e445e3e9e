// An open text of /proc: made up anew by each read.
#ifndef SERVERS_VFS_PROC_TEXT_FILE_H_
#define SERVERS_VFS_PROC_TEXT_FILE_H_

#include "servers/vfs/open/file_operations.h"
#include "servers/vfs/proc/proc_files.h"

namespace tine::vfs {

class TextFile final : public FileOperations {
 public:
  explicit TextFile(ProcFiles& proc) : proc_(proc) {}
  FileKind kind() const override { return FileKind::kText; }
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  i64 write(Call& call, OpenFile& file, Transfer& from, u64& position) override;
  bool has_positions() const override { return true; }
  u32 poll(OpenFile& file) override;
  i64 seek(OpenFile& file, i64 offset, i32 whence) override;

 private:
  ProcFiles& proc_;
  char buffer_[4096];
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_PROC_TEXT_FILE_H_
