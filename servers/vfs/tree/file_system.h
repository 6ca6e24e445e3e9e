// The tree of the root file system: its inodes and names. Who may do what and
// what the calls answer is decided by those who use it (paths/).
#ifndef SERVERS_VFS_TREE_FILE_SYSTEM_H_
#define SERVERS_VFS_TREE_FILE_SYSTEM_H_

#include "servers/runtime/heap.h"
#include "servers/vfs/tree/clock.h"
#include "servers/vfs/tree/contents.h"
#include "servers/vfs/tree/entry.h"
#include "servers/vfs/tree/text_store.h"

namespace tine::vfs {

class FileSystem {
 public:
  // What is made leaves at least `reserve` bytes of the heap. Contents take at
  // most half of `memory_bytes`.
  FileSystem(Heap& heap, u64 reserve, u64 memory_bytes);

  Entry& root() { return *root_; }
  const Entry& root() const { return *root_; }
  Contents& contents() { return contents_; }
  const Contents& contents() const { return contents_; }

  Entry* find(const Entry& directory, Text name);

  // A name of the file with these contents; null: none is in the tree.
  const Entry* find_object(ObjectId object) const;

  // A name of the inode of the root's mount with that number; null: none.
  Entry* find_number(u64 number) const;

  // A new inode that nothing refers to yet: give it a name or discard() it.
  // Null: no memory.
  Inode* make_inode(u32 mode, i64 now);
  // Frees it if nothing refers to it.
  void discard(Inode& inode);
  // The target of a new symlink. False: no memory.
  [[nodiscard]] bool set_target(Inode& inode, Text target);

  // The root of a further tree, which no name leads to. Null: no memory.
  Entry* make_root(u32 permissions, i64 now);
  // ---- attributes.cc
  // Extended attributes. Null: there is none of that name.
  static const Attribute* find_attribute(const Inode& inode, Text name);
  // False: no memory, or a value of more than 4095 bytes; nothing changed.
  [[nodiscard]] bool set_attribute(Inode& inode, Text name, Text value);
  // False: there is none.
  bool remove_attribute(Inode& inode, Text name);

  // A new name in the tree; null: no memory.
  Entry* add(Entry& directory, Text name, Inode& inode);
  // An entry outside the tree, with one reference, for a file without a name:
  // `name` is only what /proc calls it. Null: no memory.
  Entry* add_nameless(Entry& directory, Text name, Inode& inode);
  // Takes a name out of the tree.
  void remove(Entry& entry);
  // Moves a name; it stays what open files know. False: no memory.
  [[nodiscard]] bool move(Entry& entry, Entry& directory, Text name);
  // Lets two names stand for each other's inodes, as two renames at once would.
  // False: no memory.
  [[nodiscard]] bool exchange(Entry& a, Entry& b);

  // Is `entry` the directory `above` or below it?
  static bool is_below(const Entry& entry, const Entry& above);

  // The absolute path as seen from `root`; its length, or 0 if there is no room
  // for it. Without a NUL.
  static u64 path_of(const Entry& entry, const Entry& root, char* path,
                     u64 room);

  u64 inodes() const { return inodes_.live(); }
  u64 entries() const { return entries_.live(); }
  u64 attributes() const { return attributes_.live(); }
  u64 texts() const { return texts_.live(); }
  u64 most_inodes() const { return most_; }

 private:
  friend void unref(Entry* entry);
  Entry*& bucket_of(u32 hash) { return buckets_[hash & bucket_mask_]; }
  static Attribute** place_of_attribute(Inode& inode, Text name);
  Entry* make_entry(Text name, Inode& inode);
  void link(Entry& entry, Entry& directory);
  void unlink(Entry& entry);
  void count_name(Entry& entry, i32 change);
  void free_entry(Entry& entry);

  TextStore texts_;
  u64 most_;
  Slab<Inode> inodes_;
  Slab<Entry> entries_;
  Slab<Attribute> attributes_;
  Contents contents_;
  u32 bucket_mask_ = 63;  // their number less one, a power of two
  Entry** buckets_;
  u64 last_number_ = 0;
  Entry* root_ = nullptr;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_TREE_FILE_SYSTEM_H_
