#include "servers/vfs/tree/file_system.h"

#include "servers/runtime/sys.h"
#include "servers/vfs/inotify/watchers.h"

namespace tine::vfs {
namespace {

using namespace linux_abi;

// What a name adds to a directory's size in Linux's tmpfs.
constexpr u64 kBytesOfName = 20;
// Of the heap, for an inode and its name.
constexpr u64 kBytesOfFile = sizeof(Inode) + sizeof(Entry) + 48;

// FNV-1a over the name, begun with the directory.
u32 hash_of(const Entry& directory, Text name) {
  u32 hash = 2166136261u ^ static_cast<u32>(directory.inode->number);
  for (u64 i = 0; i < name.count; ++i) {
    hash = (hash ^ static_cast<u8>(name.bytes[i])) * 16777619u;
  }
  return hash;
}

u64 most_files(const Heap& heap, u64 reserve) {
  return heap.left() < reserve ? 0 : (heap.left() - reserve) / kBytesOfFile;
}

}  // namespace

FileSystem::FileSystem(Heap& heap, u64 reserve, u64 memory_bytes)
    : texts_(heap, reserve),
      most_(most_files(heap, reserve)),
      inodes_(heap, most_),
      entries_(heap, most_),
      attributes_(heap, most_),
      contents_(heap, static_cast<u32>(most_), memory_bytes) {
  while (bucket_mask_ < most_ / 2) bucket_mask_ = 2 * bucket_mask_ + 1;
  buckets_ = heap.take_array<Entry*>(u64{bucket_mask_} + 1);
  root_ = make_root(0755, 0);
  if (buckets_ == nullptr || root_ == nullptr) {
    sys::fail("vfs: no memory for a root directory; give the machine more");
  }
}

Entry* FileSystem::make_root(u32 permissions, i64 now) {
  Inode* inode = make_inode(kModeDirectory | permissions, now);
  if (inode == nullptr) return nullptr;
  Entry* root = entries_.make();
  if (root == nullptr) {
    discard(*inode);
    return nullptr;
  }
  inode->links = 2;
  inode->refs = 1;
  root->home = this;
  root->refs = 2;  // the tree's, and as its own parent
  root->in_tree = true;
  root->inode = inode;
  root->parent = root;
  return root;
}

Inode* FileSystem::make_inode(u32 mode, i64 now) {
  Inode* inode = inodes_.make();
  if (inode == nullptr) return nullptr;
  inode->number = ++last_number_;
  inode->mode = mode;
  inode->accessed = inode->modified = now;
  inode->changed = inode->created = now;
  if (inode->is_directory()) inode->bytes = 2 * kBytesOfName;
  return inode;
}

void FileSystem::discard(Inode& inode) {
  if (inode.refs != 0) return;
  if (inode.watches != nullptr) end_watches(inode);
  contents_.drop(inode);
  texts_.drop(inode.target);
  while (inode.attributes != nullptr) {
    (void)remove_attribute(inode, inode.attributes->name);
  }
  inodes_.free(&inode);
}

bool FileSystem::set_target(Inode& inode, Text target) {
  inode.target = texts_.keep(target);
  inode.bytes = target.count;
  return inode.target.bytes != nullptr;
}

void FileSystem::link(Entry& entry, Entry& directory) {
  entry.hash = hash_of(directory, entry.name);
  entry.parent = &directory;
  ref(&directory);
  entry.position = directory.inode->next_position++;
  directory.inode->bytes += kBytesOfName;
  Entry*& bucket = bucket_of(entry.hash);
  entry.next_in_bucket = bucket;
  bucket = &entry;
  entry.next_sibling = nullptr;
  entry.previous_sibling = directory.last_child;
  (directory.last_child == nullptr ? directory.first_child
                                   : directory.last_child->next_sibling) =
      &entry;
  directory.last_child = &entry;
  entry.in_tree = true;
}

// `parent` stays, and with it the reference.
void FileSystem::unlink(Entry& entry) {
  Entry** place = &bucket_of(entry.hash);
  while (*place != &entry) place = &(*place)->next_in_bucket;
  *place = entry.next_in_bucket;
  Entry& directory = *entry.parent;
  directory.inode->bytes -= kBytesOfName;
  (entry.previous_sibling == nullptr ? directory.first_child
                                     : entry.previous_sibling->next_sibling) =
      entry.next_sibling;
  (entry.next_sibling == nullptr ? directory.last_child
                                 : entry.next_sibling->previous_sibling) =
      entry.previous_sibling;
  entry.next_sibling = entry.previous_sibling = nullptr;
  entry.in_tree = false;
}

// A directory also has its own "." and is named by its "..".
void FileSystem::count_name(Entry& entry, i32 change) {
  const u32 by = static_cast<u32>(change);
  entry.inode->links += by;
  if (!entry.inode->is_directory()) return;
  entry.inode->links += by;
  entry.parent->inode->links += by;
}

Entry* FileSystem::make_entry(Text name, Inode& inode) {
  const Text kept = texts_.keep(name);
  if (kept.bytes == nullptr) return nullptr;
  Entry* entry = entries_.make();
  if (entry == nullptr) {
    texts_.drop(kept);
    return nullptr;
  }
  entry->home = this;
  entry->refs = 1;
  entry->name = kept;
  entry->inode = &inode;
  ++inode.refs;
  return entry;
}

Entry* FileSystem::add(Entry& directory, Text name, Inode& inode) {
  Entry* entry = make_entry(name, inode);
  if (entry == nullptr) return nullptr;
  link(*entry, directory);
  count_name(*entry, 1);
  return entry;
}

Entry* FileSystem::add_nameless(Entry& directory, Text name, Inode& inode) {
  Entry* entry = make_entry(name, inode);
  if (entry == nullptr) return nullptr;
  entry->parent = &directory;
  ref(&directory);
  return entry;
}

void FileSystem::remove(Entry& entry) {
  unlink(entry);
  count_name(entry, -1);
  unref(&entry);
}

bool FileSystem::move(Entry& entry, Entry& directory, Text name) {
  const Text kept = texts_.keep(name);
  if (kept.bytes == nullptr) return false;
  unlink(entry);
  count_name(entry, -1);
  Entry* const before = entry.parent;
  texts_.drop(entry.name);
  entry.name = kept;
  link(entry, directory);
  count_name(entry, 1);
  unref(before);
  return true;
}

bool FileSystem::exchange(Entry& a, Entry& b) {
  const Text a_name = texts_.keep(b.name);
  const Text b_name = texts_.keep(a.name);
  if (a_name.bytes == nullptr || b_name.bytes == nullptr) {
    texts_.drop(a_name);
    texts_.drop(b_name);
    return false;
  }
  Entry* const a_parent = a.parent;
  Entry* const b_parent = b.parent;
  for (Entry* entry : {&a, &b}) {
    unlink(*entry);
    count_name(*entry, -1);
    texts_.drop(entry->name);
  }
  a.name = a_name;
  b.name = b_name;
  link(a, *b_parent);
  link(b, *a_parent);
  count_name(a, 1);
  count_name(b, 1);
  unref(a_parent);
  unref(b_parent);
  return true;
}

Entry* FileSystem::find(const Entry& directory, Text name) {
  const u32 hash = hash_of(directory, name);
  for (Entry* entry = bucket_of(hash); entry != nullptr;
       entry = entry->next_in_bucket) {
    if (entry->hash == hash && entry->parent == &directory &&
        entry->name.is(name)) {
      return entry;
    }
  }
  return nullptr;
}

const Entry* FileSystem::find_object(ObjectId object) const {
  for (u32 i = 0; i <= bucket_mask_; ++i) {
    for (const Entry* entry = buckets_[i]; entry != nullptr;
         entry = entry->next_in_bucket) {
      if (entry->inode->object_id == object) return entry;
    }
  }
  return nullptr;
}

Entry* FileSystem::find_number(u64 number) const {
  if (root_->inode->number == number) return root_;
  for (u32 i = 0; i <= bucket_mask_; ++i) {
    for (Entry* entry = buckets_[i]; entry != nullptr;
         entry = entry->next_in_bucket) {
      const Inode& inode = *entry->inode;
      if (inode.number == number && inode.mount == Mount::kRoot) return entry;
    }
  }
  return nullptr;
}

bool FileSystem::is_below(const Entry& entry, const Entry& above) {
  const Entry* at = &entry;
  while (at != &above && at->parent != at) at = at->parent;
  return at == &above;
}

u64 FileSystem::path_of(const Entry& entry, const Entry& root, char* path,
                        u64 room) {
  const auto is_top = [&](const Entry* e) {
    return e == &root || e->parent == e;
  };
  u64 length = 0;
  for (const Entry* e = &entry; !is_top(e); e = e->parent) {
    length += 1 + e->name.count;
  }
  if (length == 0) {
    if (room == 0) return 0;
    path[0] = '/';
    return 1;
  }
  if (length > room) return 0;
  u64 at = length;
  for (const Entry* e = &entry; !is_top(e); e = e->parent) {
    at -= e->name.count;
    for (u64 i = 0; i < e->name.count; ++i) path[at + i] = e->name.bytes[i];
    path[--at] = '/';
  }
  return length;
}

void FileSystem::free_entry(Entry& entry) {
  Inode* const inode = entry.inode;
  texts_.drop(entry.name);
  entries_.free(&entry);
  --inode->refs;
  discard(*inode);
}

void ref(Entry* entry) {
  if (entry != nullptr) ++entry->refs;
}

void unref(Entry* entry) {
  // What is freed has held its parent.
  while (entry != nullptr && --entry->refs == 0) {
    Entry* const parent = entry->parent;
    entry->home->free_entry(*entry);
    entry = parent;
  }
}

}  // namespace tine::vfs
