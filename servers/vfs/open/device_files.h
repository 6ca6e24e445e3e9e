// /dev/null, zero, full, random and urandom.
#ifndef SERVERS_VFS_OPEN_DEVICE_FILES_H_
#define SERVERS_VFS_OPEN_DEVICE_FILES_H_

#include "servers/runtime/random.h"
#include "servers/vfs/open/file_operations.h"

namespace tine::vfs {

class DeviceFile : public FileOperations {
 public:
  FileKind kind() const override { return FileKind::kDevice; }
  bool has_positions() const override { return true; }
  i64 seek(OpenFile& file, i64 offset, i32 whence) override;

 protected:
  ~DeviceFile() = default;
};

class NullFile final : public DeviceFile {
 public:
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  i64 write(Call& call, OpenFile& file, Transfer& from, u64& position) override;
};

class ZeroFile final : public DeviceFile {
 public:
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  i64 write(Call& call, OpenFile& file, Transfer& from, u64& position) override;
};

class FullFile final : public DeviceFile {
 public:
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  i64 write(Call& call, OpenFile& file, Transfer& from, u64& position) override;
};

class RandomFile final : public DeviceFile {
 public:
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  i64 ioctl(Call& call, OpenFile& file, u32 request, u64 argument) override;
  // What is written is mixed in.
  i64 write(Call& call, OpenFile& file, Transfer& from, u64& position) override;

 private:
  Random random_;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_OPEN_DEVICE_FILES_H_
