#include "servers/vfs/pidfd/pidfd.h"

#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/fcntl.h"
#include "servers/linux_abi/file.h"
#include "servers/vfs/board.h"

namespace tine::vfs {

using namespace linux_abi;

PidFd* pidfd_of(OpenFile* file) {
  return file != nullptr && file->operations->kind() == FileKind::kProcess
             ? static_cast<PidFd*>(file->operations)
             : nullptr;
}

u32 PidFd::poll(OpenFile&) {
  return zombie_ != 0 ? u32{kPollIn} | kPollReadNormal : 0;
}

void PidFd::release(OpenFile&) {
  queue_.wake();
  home_.remove(*this);
}

i32 PidFd::pid_now() const {
  if (zombie_ == 0) return process_.pid;
  const BoardRecord* record = board_of(zombie_);
  return record != nullptr && record->state != 0 ? process_.pid : -1;
}

OpenFile* PidFds::make(const ProcessName& process, u64 zombie, u32 flags,
                       PidFd** made) {
  PidFd* one = all_.make(*this, wakeups_, process);
  if (one == nullptr) return nullptr;
  OpenFile* file = store_.make_file(*one, one->node, nullptr,
                                    kOpenReadWrite | (flags & kOpenNonBlock));
  if (file == nullptr) {
    all_.free(one);
    return nullptr;
  }
  one->zombie_ = zombie;
  one->next_ = first_;
  if (first_ != nullptr) first_->previous_ = one;
  first_ = one;
  *made = one;
  return file;
}

void PidFds::remove(PidFd& one) {
  if (one.next_ != nullptr) one.next_->previous_ = one.previous_;
  (one.previous_ != nullptr ? one.previous_->next_ : first_) = one.next_;
  all_.free(&one);
}

void PidFds::has_ended(u64 serial, u64 zombie) {
  for (PidFd* one = first_; one != nullptr; one = one->next_) {
    if (one->process_.serial != serial) continue;
    one->zombie_ = zombie;
    one->queue_.wake();
  }
}

// Between this and its end nothing but the clone happens here.
i64 PidFds::reserve(FdTable& table, u64 limit, OpenFile& file) {
  const u32 fd = table.find_free(0);
  if (fd >= limit || fd == kMaxFds) return -EMFILE;
  if (!table.own(store_, fd + 1)) return -ENOMEM;
  reserved_block_ = store_.take(table.capacity());
  if (reserved_block_ == nullptr) return -ENOMEM;
  reserved_ = &file;
  store_.ref(reserved_);
  reserved_fd_ = fd;
  return fd;
}

// The child's table may have the parent's block by now: then the parent gets
// another one, and the child does not see the descriptor.
void PidFds::fill_in(FdTable& table) {
  if (reserved_ == nullptr) return;
  table.own_in(store_, reserved_block_);
  table.set(store_, reserved_fd_, reserved_, true);
  store_.unref(reserved_);
  reserved_ = nullptr;
  reserved_block_ = nullptr;
}

void PidFds::cancel() {
  if (reserved_ == nullptr) return;
  store_.unref(reserved_block_);
  store_.unref(reserved_);
  reserved_ = nullptr;
  reserved_block_ = nullptr;
}

}  // namespace tine::vfs
