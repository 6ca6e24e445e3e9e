// mmap of files: the memory server passes such calls on, since descriptors are
// known here; what may be mapped goes back to it as a request.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/protocol/memory.h"
#include "servers/vfs/devices.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

// do_mmap(): its checks of the file, in its order.
i64 VfsServer::sys_mmap(Call& call) {
  const u64 length = call[1];
  const u64 prot = call.as_u32(2);
  const u64 flags = call.as_u32(3);
  const u64 offset = call[5];
  OpenFile* open = file(call, call.as_u32(4));
  if (open == nullptr) return -EBADF;
  if (length == 0 || (flags & MAP_HUGETLB) != 0) return -EINVAL;
  if (!UserMemory::is_plausible(0, length)) return -ENOMEM;
  Inode& inode = open->inode();
  const Device device = device_of(inode);
  if (inode.is_regular() &&
      (offset > INT64_MAX || length > static_cast<u64>(INT64_MAX) - offset)) {
    return -EOVERFLOW;
  }
  u64 type = flags & MAP_TYPE;
  if (type == MAP_SHARED_VALIDATE) {
    if ((flags & ~MAP_VALIDATED) != 0) return -EOPNOTSUPP;
    type = MAP_SHARED;
  }
  if (type != MAP_SHARED && type != MAP_PRIVATE) return -EINVAL;
  const bool is_private = type == MAP_PRIVATE;
  if (!is_private && (prot & PROT_WRITE) != 0 && !open->can_write()) {
    return -EACCES;
  }
  if (!open->can_read()) return -EACCES;
  const bool is_made_up = inode.maker != nullptr;
  if ((!inode.is_regular() || is_made_up) && device != Device::kZero)
    return -ENODEV;
  if ((flags & MAP_GROWSDOWN) != 0) return -EINVAL;
  if (inode.is_regular()) {
    if (i64 error = files_.contents().publish(inode); error != 0) {
      return error == -ENOSPC ? -ENOMEM : error;
    }
    note_read(*open);
  }
  const bool is_sealed =
      !is_private && (inode.seals & (kSealWrite | kSealFutureWrite)) != 0;
  if (is_sealed && (prot & PROT_WRITE) != 0) return -EPERM;
  const bool may_write = is_private || (open->can_write() && !is_sealed);
  u64 properties = may_write ? kMapMayWrite : 0;
  if (device == Device::kZero) properties |= kMapZeros;
  const sys::Message answer = sys::call(
      kCallMemory,
      sys::make_message(MemoryLabel::kMmMapFile, call.badge, call[0], length,
                        prot | ((flags & ~MAP_TYPE) | type) << 32,
                        inode.object_id, offset, properties));
  return sys::result_of(answer, -ENOMEM);
}

Outcome VfsServer::map_file(const sys::Message& in) {
  Task* task = tasks_.find(in.target);
  if (task == nullptr) return answer_result(in.token, -ESRCH);
  forget(*task);  // an earlier call of it was ended by others
  Call call{*task, UserMemory(in.token, in.words[6]), in.words, in.token,
            in.words[6]};
  return answer_result(in.token, sys_mmap(call));
}

}  // namespace tine::vfs
