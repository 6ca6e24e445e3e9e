// Regular files and directories, whose state is in their inodes.
#ifndef SERVERS_VFS_OPEN_REGULAR_FILE_H_
#define SERVERS_VFS_OPEN_REGULAR_FILE_H_

#include "servers/vfs/open/file_operations.h"

namespace tine::vfs {

// The time of the last access, as often as Linux keeps it.
void note_access(Inode& inode);
void note_read(OpenFile& file);

class RegularFile final : public FileOperations {
 public:
  explicit RegularFile(FileSystem& files) : files_(files) {}
  FileKind kind() const override { return FileKind::kRegular; }
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  i64 write(Call& call, OpenFile& file, Transfer& from, u64& position) override;
  bool has_positions() const override { return true; }
  i64 ioctl(Call& call, OpenFile& file, u32 request, u64 argument) override;
  i64 seek(OpenFile& file, i64 offset, i32 whence) override;

 private:
  FileSystem& files_;
};

class Directory final : public FileOperations {
 public:
  FileKind kind() const override { return FileKind::kDirectory; }
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  bool has_positions() const override { return true; }
  i64 seek(OpenFile& file, i64 offset, i32 whence) override;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_OPEN_REGULAR_FILE_H_
