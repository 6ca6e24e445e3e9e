// Fills the root file system from the initrd object, a cpio archive ("newc").
//
// The archive is untrusted: what is malformed is reported in the log and left
// out; at a header that cannot be understood the rest is left out.
#ifndef SERVERS_VFS_TREE_INITRD_H_
#define SERVERS_VFS_TREE_INITRD_H_

#include "kernel/base/newc.h"
#include "servers/vfs/tree/file_system.h"

namespace tine::vfs {

class InitrdLoader {
 public:
  explicit InitrdLoader(FileSystem& files) : files_(files) {}
  void load(u64 archive_bytes);

 private:
  static constexpr u64 kHeadBytes = 512;

  // ---- initrd.cc: the archive
  bool read(u64 offset, void* to, u64 bytes);
  // The next header from offset_ on; archives may follow each other.
  bool next_header(newc::Entry& entry);
  bool read_name(const newc::Entry& entry);
  void add_entry(const newc::Entry& entry);
  Entry* add_directories(Text& name);
  Entry* find_or_make_directory(Entry& parent, Text name);
  // Whether a file of this mode may have the name, and take it from `old`.
  // Files that the server adds itself, later and all the time (/proc), never
  // lack room, however large the archive.
  static constexpr u64 kOwnFiles = 64;
  bool has_room() const;
  bool may_place(const Entry* old, const newc::Entry& entry);
  void place(Entry& directory, Text name, Inode& inode);
  Inode* make_inode(const newc::Entry& entry);
  Inode* find_link(const newc::Entry& entry);
  void forget_links();
  void complain(const char* what);

  // ---- initrd_contents.cc: what is in a file
  bool read_target(const newc::Entry& entry, Inode& inode);
  bool make_contents(const newc::Entry& entry, Inode& inode);
  bool share_pages(const newc::Entry& entry, Inode& inode);
  bool copy_bytes(u64 from, Handle object, u64 to, u64 bytes);
  bool is_zero(u64 offset, u64 bytes);

  FileSystem& files_;
  u64 archive_bytes_ = 0;
  u64 offset_ = 0;  // of the header at hand
  bool has_end_ = false;
  bool is_full_ = false;
  char head_[kHeadBytes];
  char name_[linux_abi::kPathMax + 1];
  u64 name_bytes_ = 0;
  char target_[linux_abi::kPathMax];

  // Files with several names, of the archive at hand: found by inode number.
  // They are counted as references here.
  struct Link {
    u32 number;
    Inode* inode;
  };
  static constexpr u32 kMostLinks = 256;
  Link links_[kMostLinks];
  u32 link_count_ = 0;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_TREE_INITRD_H_
