#include "servers/process/user_memory.h"

#include "servers/linux_abi/errno.h"

namespace tine::process {

i64 UserMemory::prefault(MmId mm, u64 address, Access access) {
  const i64 error = sys::result_of(
      sys::call(kCallMemory,
                sys::make_message(MemoryLabel::kMmPrefault, mm, address,
                                  static_cast<u64>(access))),
      -linux_abi::EFAULT);
  if (error == -linux_abi::ENOMEM) is_short_ = true;
  return error;
}

i64 UserMemory::read(const Mm& mm, u64 from, void* to, u64 bytes) {
  auto* out = static_cast<u8*>(to);
  u64 done = 0;
  for (;;) {
    const sys::CopyResult copy =
        sys::copy_in(mm.space, from + done, out + done, bytes - done);
    done += copy.done;
    if (copy.status == Status::kOk) [[likely]]
      return 0;
    if ((copy.status != Status::kFault && copy.status != Status::kNoMemory) ||
        prefault(mm.id, copy.address, Access::kRead) != 0) {
      return -linux_abi::EFAULT;
    }
  }
}

i64 UserMemory::write(const Mm& mm, u64 to, const void* from, u64 bytes) {
  const auto* in = static_cast<const u8*>(from);
  u64 done = 0;
  for (;;) {
    const sys::CopyResult copy =
        sys::copy_out(mm.space, to + done, in + done, bytes - done);
    done += copy.done;
    if (copy.status == Status::kOk) [[likely]]
      return 0;
    // The memory server decides, as it does when the program faults there.
    if (copy.status != Status::kFault && copy.status != Status::kNoMemory) {
      return -linux_abi::EFAULT;
    }
    const i64 error = prefault(mm.id, copy.address, Access::kWrite);
    if (error != 0) {
      return error == -linux_abi::ENOMEM ? error : -linux_abi::EFAULT;
    }
  }
}

namespace {

// Only the first page can be what is missing: kTooLarge comes before any look.
bool is_missing_page(Status status) {
  return status == Status::kFault || status == Status::kNoMemory;
}

}  // namespace

i64 UserMemory::read_after(const Mm& mm, u64 from, void* to, u64 bytes,
                           Status status) {
  if (is_missing_page(status) && prefault(mm.id, from, Access::kRead) != 0) {
    return -linux_abi::EFAULT;
  }
  return read(mm, from, to, bytes);
}

i64 UserMemory::write_after(const Mm& mm, u64 to, const void* from, u64 bytes,
                            Status status) {
  if (is_missing_page(status)) {
    const i64 error = prefault(mm.id, to, Access::kWrite);
    if (error != 0) {
      return error == -linux_abi::ENOMEM ? error : -linux_abi::EFAULT;
    }
  }
  return write(mm, to, from, bytes);
}

}  // namespace tine::process
