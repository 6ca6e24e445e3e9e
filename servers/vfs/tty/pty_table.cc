#include "servers/vfs/tty/pty_table.h"

#include "servers/linux_abi/errno.h"
#include "servers/runtime/sys.h"
#include "servers/vfs/call.h"

namespace tine::vfs::tty {

using namespace linux_abi;

namespace {

constexpr u32 kTtyGroup = 5;

// The number as it stands in /dev/pts; its length.
u64 name_of(u32 number, char (&text)[10]) {
  u64 length = 1;
  for (u32 rest = number / 10; rest != 0; rest /= 10) ++length;
  for (u64 i = length; i != 0; number /= 10) {
    text[--i] = static_cast<char>('0' + number % 10);
  }
  return length;
}

}  // namespace

PtyTable::PtyTable(Surroundings& all, Heap& heap, FileSystem& files)
    : all_(all),
      files_(files),
      slab_(heap, kMost),
      by_number_(*this),
      ptmx_(*this) {}

void PtyTable::make_directory() {
  Entry* dev = files_.find(files_.root(), text_of("dev"));
  Inode* inode = files_.make_inode(kModeDirectory | 0755, 0);
  if (dev != nullptr && inode != nullptr) {
    directory_ = files_.add(*dev, text_of("pts"), *inode);
  }
  if (directory_ == nullptr) {
    sys::fail("vfs: no memory for /dev/pts; give the machine more");
  }
  inode->mount = Mount::kPts;
}

i64 PtyTable::make(Call& call, Pty*& made) {
  u32 number = 0;
  while (number < kMost && ptys_[number] != nullptr) ++number;
  if (number == kMost) return -ENOSPC;
  Pty* pty = slab_.make(all_, *this, number);
  if (pty == nullptr) return -ENOSPC;
  char name[10];
  const u64 length = name_of(number, name);
  Inode* inode = files_.make_inode(kModeCharacter | 0620, 0);
  Entry* entry = inode == nullptr
                     ? nullptr
                     : files_.add(*directory_, {name, length}, *inode);
  if (entry == nullptr) {
    if (inode != nullptr) files_.discard(*inode);
    slab_.free(pty);
    return -ENOSPC;
  }
  inode->uid = all_.board.caller(call.task.cookie).uid;
  inode->gid = kTtyGroup;
  inode->mount = Mount::kPts;
  inode->device_major = kPtsMajor;
  inode->device_minor = number;
  ref(entry);
  ptys_[number] = pty;
  names_[number] = entry;
  made = pty;
  return 0;
}

void PtyTable::remove_name(Pty& pty) {
  Entry*& name = names_[pty.number()];
  if (name->in_tree) files_.remove(*name);
  refer(name, nullptr);
}

void PtyTable::free(Pty& pty) {
  ptys_[pty.number()] = nullptr;
  slab_.free(&pty);
}

Entry* PtyTable::name_of_peer(const OpenFile& file) const {
  for (u32 i = 0; i < kMost; ++i) {
    if (ptys_[i] != nullptr && file.operations == &ptys_[i]->master()) {
      return names_[i];
    }
  }
  return nullptr;
}

i64 PtyTable::ByNumber::opened(Call& call, OpenFile& file, u32 flags) {
  const u32 number = file.inode().device_minor;
  Pty* pty = number < kMost ? table_.ptys_[number] : nullptr;
  if (pty == nullptr) return -ENXIO;
  file.operations = pty;
  return pty->opened(call, file, flags);
}

i64 PtyTable::Ptmx::opened(Call& call, OpenFile& file, u32) {
  Pty* pty = nullptr;
  if (i64 error = table_.make(call, pty); error != 0) return error;
  file.operations = &pty->master();
  return 0;
}

}  // namespace tine::vfs::tty
