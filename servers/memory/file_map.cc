// mmap of files. Which file a descriptor names is the vfs server's business, so
// such a call is passed on to it (kForward: this server calls nobody); it comes
// back as a request with the file's object, and the vfs server answers.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"
#include "servers/protocol/vfs.h"

namespace tine {

Outcome MemoryServer::forward_mmap(const sys::Message& in) {
  const u64* a = in.words;
  if ((a[5] & kPageMask) != 0) {
    return answer_result(in.token, -linux_abi::EINVAL);
  }
  const sys::BatchResult forwarded =
      sys::run({OpCode::kForward, kNoHandle, in.token, kForwardVfs,
                static_cast<u64>(VfsLabel::kMapFile), a[0]});
  return forwarded.status == Status::kOk
             ? withhold()
             : answer_result(in.token, -linux_abi::ENODEV);
}

Outcome MemoryServer::mm_map_file(const sys::Message& in) {
  const u64* a = in.words;
  MapRequest request{.address = a[1],
                     .length = a[2],
                     .prot = a[3] & 0xffff'ffff,
                     .flags = a[3] >> 32,
                     .may_write = (a[6] & kMapMayWrite) != 0};
  Mm* mm = mms_.find(a[0]);
  if (mm == nullptr) return answer_words(in.token, -linux_abi::EFAULT);
  const auto answer = [&](i64 result) {
    return answer_words(in.token,
                        result == kOutOfMemory ? -linux_abi::ENOMEM : result);
  };
  if ((a[6] & kMapZeros) != 0) return answer(map(*mm, request));
  request.offset = a[5];
  request.object =
      a[4] != 0 ? objects_.find(a[4]) : objects_.make(0, ObjectContent::kNone);
  if (request.object == nullptr) {
    return answer_words(in.token, -linux_abi::ENOMEM);
  }
  const i64 result = map(*mm, request);
  if (a[4] == 0) objects_.unref(*request.object);
  return answer(result);
}

}  // namespace tine
