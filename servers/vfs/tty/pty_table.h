// The pseudo-terminals that there are, their names in /dev/pts, and how one is
// made by opening /dev/ptmx.
#ifndef SERVERS_VFS_TTY_PTY_TABLE_H_
#define SERVERS_VFS_TTY_PTY_TABLE_H_

#include "servers/runtime/heap.h"
#include "servers/vfs/devices.h"
#include "servers/vfs/tree/file_system.h"
#include "servers/vfs/tty/pty.h"

namespace tine::vfs::tty {

class PtyTable {
 public:
  static constexpr u32 kMost = 256;

  PtyTable(Surroundings& all, Heap& heap, FileSystem& files);
  PtyTable(const PtyTable&) = delete;
  // In /dev, which is there.
  void make_directory();

  // What open() of the device nodes does.
  FileOperations& by_number() { return by_number_; }
  FileOperations& ptmx() { return ptmx_; }

  // The name of the terminal of which `file` is the master; null: of none.
  Entry* name_of_peer(const OpenFile& file) const;

  // For pseudo-terminals.
  void remove_name(Pty& pty);
  void free(Pty& pty);

  u64 live() const { return slab_.live(); }

 private:
  // /dev/pts/N.
  class ByNumber final : public FileOperations {
   public:
    explicit ByNumber(PtyTable& table) : table_(table) {}
    FileKind kind() const override { return FileKind::kTerminal; }
    i64 opened(Call& call, OpenFile& file, u32 flags) override;

   private:
    PtyTable& table_;
  };
  // /dev/ptmx.
  class Ptmx final : public FileOperations {
   public:
    explicit Ptmx(PtyTable& table) : table_(table) {}
    FileKind kind() const override { return FileKind::kTerminal; }
    i64 opened(Call& call, OpenFile& file, u32 flags) override;

   private:
    PtyTable& table_;
  };

  // 0, ENOSPC: there are too many, or no memory.
  i64 make(Call& call, Pty*& made);

  Surroundings& all_;
  FileSystem& files_;
  Slab<Pty> slab_;
  ByNumber by_number_;
  Ptmx ptmx_;
  Entry* directory_ = nullptr;
  Pty* ptys_[kMost] = {};
  Entry* names_[kMost] = {};
};

}  // namespace tine::vfs::tty

#endif  // SERVERS_VFS_TTY_PTY_TABLE_H_
