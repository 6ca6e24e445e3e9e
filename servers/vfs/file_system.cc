#include "servers/vfs/file_system.h"

#include "servers/runtime/sys.h"

namespace tine::vfs {
namespace {

using namespace linux_abi;

// FNV-1a over the name, begun with the directory.
u32 hash_of(const Entry& directory, Text name) {
  u32 hash = 2166136261u ^ directory.id;
  for (u64 i = 0; i < name.count; ++i) {
    hash = (hash ^ static_cast<u8>(name.bytes[i])) * 16777619u;
  }
  return hash;
}

bool same(Text a, Text b) {
  if (a.count != b.count) return false;
  for (u64 i = 0; i < a.count; ++i) {
    if (a.bytes[i] != b.bytes[i]) return false;
  }
  return true;
}

}  // namespace

bool Text::is(const char* other) const {
  for (u64 i = 0; i < count; ++i) {
    if (other[i] == '\0' || other[i] != bytes[i]) return false;
  }
  return other[count] == '\0';
}

FileSystem::FileSystem(Heap& heap, u64 reserve)
    : heap_(heap),
      reserve_(reserve),
      // An entry with its inode and name takes about 256 bytes.
      limit_(heap.left() / 256),
      by_id_(heap.take_array<Entry*>(limit_)),
      buckets_(heap.take_array<Entry*>(kBuckets)) {
  Inode* inode = make_inode(kModeDirectory | 0755);
  void* memory = take(sizeof(Entry));
  if (by_id_ == nullptr || buckets_ == nullptr || inode == nullptr ||
      memory == nullptr) {
    sys::fail("vfs: no memory for a root directory; give the machine more");
  }
  root_ = new (memory) Entry();
  inode->links = 2;
  root_->inode = inode;
  root_->parent = root_;
  by_id_[entries_++] = root_;
}

void* FileSystem::take(u64 bytes) {
  return heap_.left() < reserve_ + bytes ? nullptr : heap_.take(bytes);
}

Inode* FileSystem::make_inode(u32 mode) {
  void* memory = take(sizeof(Inode));
  if (memory == nullptr) return nullptr;
  Inode* inode = new (memory) Inode();
  inode->number = ++inodes_;
  inode->mode = mode;
  return inode;
}

const char* FileSystem::keep_text(Text text) {
  char* kept = static_cast<char*>(take(text.count + 1));
  if (kept == nullptr) return nullptr;
  for (u64 i = 0; i < text.count; ++i) kept[i] = text.bytes[i];
  kept[text.count] = '\0';
  return kept;
}

Entry* FileSystem::add(Entry& directory, Text name, Inode& inode) {
  if (entries_ == limit_) return nullptr;
  const char* kept = keep_text(name);
  void* memory = kept == nullptr ? nullptr : take(sizeof(Entry));
  if (memory == nullptr) return nullptr;
  Entry* entry = new (memory) Entry();
  entry->id = entries_;
  entry->name = {kept, name.count};
  entry->hash = hash_of(directory, name);
  entry->inode = &inode;
  entry->parent = &directory;
  by_id_[entries_++] = entry;

  Entry*& bucket = buckets_[entry->hash % kBuckets];
  entry->next_in_bucket = bucket;
  bucket = entry;
  (directory.last_child == nullptr ? directory.first_child
                                   : directory.last_child->next_sibling) =
      entry;
  directory.last_child = entry;

  ++inode.links;
  if (inode.is_directory()) {
    ++inode.links;  // its own "."
    ++directory.inode->links;
  }
  return entry;
}

void FileSystem::replace(Entry& entry, Inode& inode) {
  --entry.inode->links;
  entry.inode = &inode;
  ++inode.links;
}

Entry* FileSystem::find(const Entry& directory, Text name) {
  u32 hash = hash_of(directory, name);
  for (Entry* entry = buckets_[hash % kBuckets]; entry != nullptr;
       entry = entry->next_in_bucket) {
    if (entry->hash == hash && entry->parent == &directory &&
        same(entry->name, name)) {
      return entry;
    }
  }
  return nullptr;
}

u64 FileSystem::path_of(const Entry& entry, char* path, u64 room) const {
  u64 length = 0;
  for (const Entry* e = &entry; e != root_; e = e->parent) {
    length += 1 + e->name.count;
  }
  if (length == 0) {
    if (room == 0) return 0;
    path[0] = '/';
    return 1;
  }
  if (length > room) return 0;
  u64 at = length;
  for (const Entry* e = &entry; e != root_; e = e->parent) {
    at -= e->name.count;
    for (u64 i = 0; i < e->name.count; ++i) path[at + i] = e->name.bytes[i];
    path[--at] = '/';
  }
  return length;
}

}  // namespace tine::vfs
