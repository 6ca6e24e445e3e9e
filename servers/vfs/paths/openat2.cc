// openat2: open that is strict about flags and says how far a path may lead.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

struct OpenHow {
  u64 flags;
  u64 mode;
  u64 resolve;
};

constexpr u32 kPathFlags =
    kOpenPath | kOpenDirectory | kOpenNoFollow | kOpenCloseOnExec;
constexpr u32 kAllFlags =
    kOpenAccessMode | kOpenCreate | kOpenExclusive | kOpenNoCtty |
    kOpenTruncate | kOpenAppend | kOpenNonBlock | kOpenSync | kOpenAsync |
    kOpenDirect | kOpenLargeFile | kOpenDirectory | kOpenNoFollow |
    kOpenNoAtime | kOpenCloseOnExec | kOpenPath | kOpenTmpFile;

// build_open_flags(): 0 or a negated errno.
i64 check(const OpenHow& how) {
  constexpr u32 kTmpFile = kOpenTmpFile & ~kOpenDirectory;
  if ((how.flags & ~u64{kAllFlags}) != 0 || (how.resolve & ~kResolveAll) != 0) {
    return -EINVAL;
  }
  constexpr u64 kBoth = kResolveBeneath | kResolveInRoot;
  if ((how.resolve & kBoth) == kBoth) return -EINVAL;
  const bool makes = (how.flags & (kOpenCreate | kTmpFile)) != 0;
  if ((how.mode & (makes ? ~u64{kModePermissions} : ~u64{0})) != 0) {
    return -EINVAL;
  }
  if ((how.flags & kOpenPath) != 0 && (how.flags & ~u64{kPathFlags}) != 0) {
    return -EINVAL;
  }
  if ((how.resolve & kResolveCached) != 0 &&
      (how.flags & (kOpenTruncate | kOpenCreate | kTmpFile)) != 0) {
    return -EAGAIN;
  }
  return 0;
}

}  // namespace

i64 VfsServer::sys_openat2(Call& call) {
  constexpr u64 kMostBytes = kPageSize;
  OpenHow how;
  const u64 bytes = call[3];
  if (bytes < sizeof(how)) return -EINVAL;
  if (bytes > kMostBytes) return -E2BIG;
  if (!call.user.get(call[2], how)) return -EFAULT;
  // What is unknown here must ask for nothing.
  const u64 rest = bytes - sizeof(how);
  if (call.user.in(call[2] + sizeof(how), bounce_, rest) != rest) {
    return -EFAULT;
  }
  for (u64 i = 0; i < rest; ++i) {
    if (bounce_[i] != 0) return -E2BIG;
  }
  if (i64 error = check(how); error != 0) return error;
  return sys_open(call, call.as_int(0), call[1], static_cast<u32>(how.flags),
                  static_cast<u32>(how.mode), how.resolve);
}

}  // namespace tine::vfs
