#include "servers/vfs/fd_table.h"

#include "servers/vfs/event/epoll_file.h"
#include "servers/vfs/inotify/watchers.h"
#include "servers/vfs/open/file_operations.h"
#include "servers/vfs/wait/async_watch.h"

namespace tine::vfs {

FdStore::Block* FdStore::take(u32 capacity) {
  if (FAULT_SITE("descriptor block")) return nullptr;
  u32 size_class = 0;
  while ((kSmallest << size_class) < capacity) ++size_class;
  Block* block = free_[size_class];
  if (block != nullptr) {
    free_[size_class] = block->next_free;
  } else {
    u32 fds = kSmallest << size_class;
    block = static_cast<Block*>(
        heap_.take(sizeof(Block) + sizeof(Descriptor) * fds));
    if (block == nullptr) return nullptr;
    block->size_class = size_class;
    block->capacity = fds;
  }
  block->refs = 1;
  block->next_free = nullptr;
  for (u32 fd = 0; fd < block->capacity; ++fd) block->fds[fd] = {};
  return block;
}

void FdStore::unref(Block* block) {
  if (--block->refs != 0) return;
  for (u32 fd = 0; fd < block->capacity; ++fd) {
    if (block->fds[fd].file != nullptr) unref(block->fds[fd].file);
  }
  block->next_free = free_[block->size_class];
  free_[block->size_class] = block;
}

OpenFile* FdStore::make_file(FileOperations& operations, Inode& inode,
                             Entry* entry, u32 flags) {
  OpenFile* file = files_.make();
  if (file == nullptr) return nullptr;
  file->operations = &operations;
  file->node = &inode;
  file->flags = flags;
  refer(file->entry, entry);
  if (file->can_write()) {
    file->is_writer = true;
    ++inode.writers;
  } else if (file->can_read()) {
    ++inode.readers;
  }
  return file;
}

// A socket has open files on their way to it, among them sockets: one after the
// other, so that no chain of them needs a deep stack.
void FdStore::release(OpenFile* file) {
  *last_released_ = file;
  last_released_ = &file->next_released;
  if (is_releasing_) return;
  is_releasing_ = true;
  while (OpenFile* next = first_released_) {
    first_released_ = next->next_released;
    if (first_released_ == nullptr) last_released_ = &first_released_;
    if (next->is_writer) {
      --next->node->writers;
    } else if (next->can_read() && !next->can_write()) {
      --next->node->readers;
    }
    locks_.forget(next);
    if (!next->is_path_only()) {
      tell_watchers(*next, next->can_write() ? linux_abi::kInCloseWrite
                                             : linux_abi::kInCloseNoWrite);
    }
    EpollFile::forget(*next);
    AsyncWatches::forget(*next);
    next->operations->release(*next);
    refer(next->entry, nullptr);
    files_.free(next);
  }
  is_releasing_ = false;
}

OpenFile* FdTable::get(u32 fd) const {
  if (fd >= capacity() || is_hidden(block_->fds[fd])) return nullptr;
  return block_->fds[fd].file;
}

u32 FdTable::find_free(u32 from) const {
  u32 fd = from;
  while (fd < capacity() && get(fd) != nullptr) ++fd;
  return fd < kMaxFds ? fd : kMaxFds;
}

bool FdTable::own(FdStore& store, u32 capacity) {
  if (block_ == nullptr || block_->refs > 1 || block_->capacity < capacity) {
    u32 size = capacity > this->capacity() ? capacity : this->capacity();
    FdStore::Block* block = store.take(size);
    if (block == nullptr) return false;
    move_to(store, block);
  }
  close_hidden(store);
  return true;
}

void FdTable::own_in(FdStore& store, FdStore::Block* spare) {
  if (block_->refs > 1) {
    move_to(store, spare);
  } else {
    store.unref(spare);
  }
  close_hidden(store);
}

void FdTable::move_to(FdStore& store, FdStore::Block* block) {
  for (u32 fd = 0; fd < capacity(); ++fd) {
    if (get(fd) == nullptr) continue;
    block->fds[fd] = block_->fds[fd];
    store.ref(block->fds[fd].file);
  }
  if (block_ != nullptr) store.unref(block_);
  block_ = block;
  hides_close_on_exec_ = false;
}

void FdTable::close_hidden(FdStore& store) {
  if (!hides_close_on_exec_) return;
  for (u32 fd = 0; fd < block_->capacity; ++fd) {
    if (is_hidden(block_->fds[fd])) set(store, fd, nullptr, false);
  }
  hides_close_on_exec_ = false;
}

void FdTable::set(FdStore& store, u32 fd, OpenFile* file, bool close_on_exec) {
  OpenFile* before = block_->fds[fd].file;
  if (file != nullptr) store.ref(file);
  block_->fds[fd] = {file, file != nullptr && close_on_exec};
  if (before != nullptr) store.unref(before);
}

void FdTable::share_with(FdStore& store, FdTable& copy) const {
  copy.block_ = block_;
  copy.hides_close_on_exec_ = hides_close_on_exec_;
  if (block_ != nullptr) store.ref(block_);
}

void FdTable::exec(FdStore& store) {
  bool any = false;
  for (u32 fd = 0; fd < capacity() && !any; ++fd) {
    any = block_->fds[fd].file != nullptr && block_->fds[fd].close_on_exec;
  }
  if (!any) return;
  hides_close_on_exec_ = true;
  // Without memory they stay hidden until the next edit.
  (void)own(store, 0);
}

void FdTable::clear(FdStore& store) {
  if (block_ != nullptr) store.unref(block_);
  block_ = nullptr;
  hides_close_on_exec_ = false;
}

void FdTable::start_with(FdStore& store, FdStore::Block* block) {
  clear(store);
  store.ref(block);
  block_ = block;
}

}  // namespace tine::vfs
