// memfd_create, and the seals of such files.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

// linux/memfd.h.
constexpr u32 kCloseOnExec = 1;
constexpr u32 kAllowSealing = 2;
constexpr u32 kNoExecute = 8;
constexpr u32 kExecute = 16;
constexpr u64 kMostNameBytes = 249;
constexpr char kPrefix[] = "memfd:";
constexpr u64 kPrefixBytes = sizeof(kPrefix) - 1;

}  // namespace

i64 VfsServer::sys_memfd_create(Call& call) {
  const u32 flags = call.as_u32(1);
  if ((flags & ~(kCloseOnExec | kAllowSealing | kNoExecute | kExecute)) != 0 ||
      (flags & (kNoExecute | kExecute)) == (kNoExecute | kExecute)) {
    return -EINVAL;
  }
  for (u64 i = 0; i < kPrefixBytes; ++i) path_[i] = kPrefix[i];
  const i64 count = call.user.path(call[0], target_);
  if (count == -EFAULT) return count;
  if (count < 0 || static_cast<u64>(count) > kMostNameBytes) return -EINVAL;
  const u64 bytes = static_cast<u64>(count);
  for (u64 i = 0; i < bytes; ++i) path_[kPrefixBytes + i] = target_[i];

  const Credentials who = credentials(call.task);
  const u32 mode = (flags & kNoExecute) != 0 ? 0666 : 0777;
  Inode* inode = files_.make_inode(kModeRegular | mode, now());
  if (inode == nullptr) return -ENOMEM;
  inode->uid = who.uid;
  inode->gid = who.gid;
  inode->seals = (flags & kAllowSealing) != 0 ? 0 : kSealSeal;
  if ((flags & kNoExecute) != 0) inode->seals = kSealExecute;
  Entry* entry =
      files_.add_nameless(files_.root(), {path_, kPrefixBytes + bytes}, *inode);
  if (entry == nullptr) {
    files_.discard(*inode);
    return -ENOMEM;
  }
  const i64 fd = install(
      call, *entry,
      kOpenReadWrite | ((flags & kCloseOnExec) != 0 ? kOpenCloseOnExec : 0));
  if (fd >= 0) {
    // It was not opened for writing but made so: it can be run.
    OpenFile* const file = call.task.table->get(static_cast<u32>(fd));
    file->is_writer = false;
    --inode->writers;
  }
  unref(entry);  // the open file has it
  return fd;
}

i64 VfsServer::sys_seals(OpenFile& file, i32 command, u64 argument) {
  Inode& inode = file.inode();
  const bool has_seals = inode.is_regular() && inode.maker == nullptr;
  if (command == kGetSeals) return has_seals ? i64{inode.seals} : -EINVAL;
  const u32 wanted = static_cast<u32>(argument);
  if (!file.can_write()) return -EPERM;
  if ((wanted & ~kSealAll) != 0) return -EINVAL;
  if (!has_seals) return -EINVAL;
  if ((inode.seals & kSealSeal) != 0) return -EPERM;
  if ((wanted & kSealWrite & ~inode.seals) != 0 && inode.object_id != 0) {
    const sys::Message use =
        sys::call(kCallMemory,
                  sys::make_message(MemoryLabel::kObjectUse, inode.object_id));
    if (i64 error = sys::result_of(use, -ENOMEM); error != 0) return error;
    if (use.words[3] != 0) return -EBUSY;
  }
  inode.seals |= wanted;
  return 0;
}

}  // namespace tine::vfs
