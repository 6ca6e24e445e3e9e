// Memory of a program read and written for somebody else: /proc/PID/cmdline,
// process_vm_readv, ptrace.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"

namespace tine {

using namespace linux_abi;  // the constants' names are Linux's

namespace {

constexpr u64 kMostBytes = 64 * 1024;

// Between `address` in the mm and `other` in the memory of the one who asks.
sys::CopyResult copy(const Mm& mm, u64 address, u64 token, u64 other, u64 bytes,
                     Access access) {
  const u64 end = sys::end_of_token(token);
  return access == Access::kRead
             ? sys::copy_between(end, other, mm.space, address, bytes)
             : sys::copy_between(mm.space, address, end, other, bytes);
}

}  // namespace

// Of one page, against its area's protection, which is lifted meanwhile. As
// with ptrace a private page becomes the mm's own first. -> 0, EFAULT, ENOMEM.
i64 MemoryServer::force_copy(Mm& mm, u64 address, u64 token, u64 other,
                             u64 bytes, Access access) {
  const Vma* area = mm.areas.find(address);
  const bool writes = access == Access::kWrite;
  if (area == nullptr || (writes && area->shared)) return -EFAULT;
  const u64 page = page_round_down(address);
  Vma lifted = *area;
  lifted.offset += page - lifted.start;
  lifted.start = page;
  lifted.end = page + kPageSize;
  lifted.prot |= static_cast<u8>(writes ? PROT_READ | PROT_WRITE : PROT_READ);
  const auto protect = [&](u8 prot) {
    return sys::run({OpCode::kSpaceProtect, mm.space, page, 0, 0, 1, u64{prot}})
        .status;
  };
  const auto resolve = [&] {
    return sys::run({OpCode::kSpaceResolve, mm.space, page, 0, 0, 1,
                     static_cast<u64>(access)})
        .status;
  };
  if (protect(lifted.prot) != Status::kOk) return -ENOMEM;
  i64 result = 0;
  Status made = resolve();
  if (made == Status::kFault && area->has_object) {
    result = map_object_page(mm, lifted, page);
    made = result == 0 ? resolve() : Status::kOk;
  }
  if (made != Status::kOk) {
    result = made == Status::kNoMemory ? -ENOMEM : -EFAULT;
  }
  if (result == 0 &&
      copy(mm, address, token, other, bytes, access).status != Status::kOk) {
    result = -EFAULT;
  }
  // The path to the page is this mm's own by now: that needs no frames.
  if (protect(area->prot) != Status::kOk) result = -ENOMEM;
  return result;
}

// kMmRead and kMmWrite.
Outcome MemoryServer::mm_access(const sys::Message& in, Access access) {
  Mm* mm = mms_.find(in.words[0]);
  if (mm == nullptr) return answer_words(in.token, -ESRCH);
  const u64 address = in.words[1];
  const u64 other = in.words[2];
  const u64 bytes = in.words[3] < kMostBytes ? in.words[3] : kMostBytes;
  const bool forced = (in.words[4] & kMmForce) != 0;
  u64 done = 0;
  i64 error = 0;
  while (done < bytes && error == 0) {
    const sys::CopyResult copied =
        copy(*mm, address + done, in.token, other + done, bytes - done, access);
    done += copied.done;
    if (copied.status == Status::kOk) break;
    if (copied.status == Status::kNoMemory) {
      error = -ENOMEM;
    } else if (copied.status != Status::kFault || copied.badge != mm->id) {
      error = -EFAULT;
    } else if (error = prefault(*mm, copied.address, access);
               error != 0 && forced) {
      const u64 at = address + done;
      const u64 in_page = kPageSize - (at & kPageMask);
      const u64 part = bytes - done < in_page ? bytes - done : in_page;
      error = force_copy(*mm, at, in.token, other + done, part, access);
      if (error == 0) done += part;
    }
  }
  if (done != 0) return answer_words(in.token, static_cast<i64>(done));
  return answer_words(in.token, error == -ENXIO ? -EFAULT : error);
}

}  // namespace tine
