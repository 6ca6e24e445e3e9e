// A name in a directory.
//
// Entries are counted: the tree holds one reference to an entry that is in it,
// each child one to its parent, and open files, working and root directories
// and running programs hold one each. So an unlinked file lives as long as
// someone uses it, and ".." of a removed directory still leads somewhere.
#ifndef SERVERS_VFS_TREE_ENTRY_H_
#define SERVERS_VFS_TREE_ENTRY_H_

#include "servers/vfs/tree/inode.h"

namespace tine::vfs {

class FileSystem;

struct Entry {
  FileSystem* home = nullptr;
  u32 refs = 0;
  u32 hash = 0;
  bool in_tree = false;
  Text name;
  Inode* inode = nullptr;
  Entry* parent = nullptr;  // the root's is itself
  u64 position = 0;         // among the names of its directory, ascending
  Entry* first_child = nullptr;
  Entry* last_child = nullptr;
  Entry* next_sibling = nullptr;
  Entry* previous_sibling = nullptr;
  Entry* next_in_bucket = nullptr;
};

void ref(Entry* entry);    // null: nothing
void unref(Entry* entry);  // the last one frees it

// A reference that ends with its scope.
class EntryRef {
 public:
  EntryRef() = default;
  EntryRef(Entry* entry) : entry_(entry) { ref(entry_); }
  EntryRef(const EntryRef& other) : EntryRef(other.entry_) {}
  EntryRef& operator=(const EntryRef& other) {
    ref(other.entry_);
    unref(entry_);
    entry_ = other.entry_;
    return *this;
  }
  ~EntryRef() { unref(entry_); }

  Entry* get() const { return entry_; }
  Entry* operator->() const { return entry_; }
  Entry& operator*() const { return *entry_; }
  bool operator==(const Entry* other) const { return entry_ == other; }

 private:
  Entry* entry_ = nullptr;
};

// Lets `place`, a counted pointer, refer to another entry, or to none.
inline void refer(Entry*& place, Entry* entry) {
  ref(entry);
  unref(place);
  place = entry;
}

}  // namespace tine::vfs

#endif  // SERVERS_VFS_TREE_ENTRY_H_
