// Extended attributes: no file has any, and none can be given one. What is
// wrong with the call itself is told first, as Linux does.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

// linux/limits.h, linux/xattr.h
constexpr u64 kMostNameBytes = 255;
constexpr u64 kMostValueBytes = 65'536;
constexpr u32 kCreate = 1;
constexpr u32 kReplace = 2;

i64 check_name(Call& call, u64 address) {
  for (u64 i = 0; i <= kMostNameBytes; ++i) {
    char c;
    if (!call.user.get(address + i, c)) return -EFAULT;
    if (c == '\0') return i == 0 ? -ERANGE : 0;
  }
  return -ERANGE;
}

// setxattr(): flags, name, size, value.
i64 check_value(Call& call) {
  if ((call.as_u32(4) & ~(kCreate | kReplace)) != 0) return -EINVAL;
  if (i64 error = check_name(call, call[1]); error != 0) return error;
  if (call[3] > kMostValueBytes) return -E2BIG;
  char c;
  return call[3] == 0 || (call.user.get(call[2], c) &&
                          call.user.get(call[2] + call[3] - 1, c))
             ? 0
             : -EFAULT;
}

i64 answer(Call& call, XattrCall what) {
  i64 error = 0;
  if (what == XattrCall::kList) return 0;
  if (what == XattrCall::kSet) error = check_value(call);
  if (what == XattrCall::kGet || what == XattrCall::kRemove) {
    error = check_name(call, call[1]);
  }
  return error != 0 ? error : -EOPNOTSUPP;
}

}  // namespace

i64 VfsServer::sys_xattr(Call& call, XattrCall what, Follow follow) {
  EntryRef entry;
  Inode* inode;
  const u32 flags = follow == Follow::kYes ? 0 : kAtSymlinkNoFollow;
  const i64 error = find_inode(call, kAtFdCwd, call[0], flags, entry, inode);
  return error != 0 ? error : answer(call, what);
}

i64 VfsServer::sys_fxattr(Call& call, XattrCall what) {
  return file(call, call.as_u32(0)) == nullptr ? -EBADF : answer(call, what);
}

}  // namespace tine::vfs
