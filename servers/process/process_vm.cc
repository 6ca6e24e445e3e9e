// process_vm_readv and process_vm_writev: copying between two programs.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/file.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

constexpr u64 kPieceBytes = 2048;

// Goes through the areas that a program's vectors name.
struct Areas {
  u64 vectors;  // address
  u64 left;     // vectors that have not been read
  IoVector now{};
};

}  // namespace

// ptrace_may_access(): the same user in all ways and no more capabilities, or
// the right; and not what its owner keeps to itself.
bool ProcessServer::may_access(const Task& by, const Task& task) const {
  if (by.process == task.process) return true;
  if (is_capable(by, Capability::kSysPtrace)) return true;
  const Credentials& own = by.credentials();
  const Credentials& its = task.credentials();
  return own.uid == its.uid && own.uid == its.euid && own.uid == its.suid &&
         own.gid == its.gid && own.gid == its.egid && own.gid == its.sgid &&
         task.process->dumpable == 1 &&
         (capabilities_of(task).permitted & ~capabilities_of(by).permitted) ==
             0;
}

Outcome ProcessServer::copy_between(const Call& call, bool writes) {
  const u64 own_count = call.uint_argument(2);
  const u64 its_count = call.argument(4);
  if (call.argument(5) != 0) return call.result(-EINVAL);
  if (own_count > kMaxIoVectors || its_count > kMaxIoVectors) {
    return call.result(-EINVAL);
  }
  const Mm& own_mm = *call.task.mm;
  // All lengths are looked at first, as Linux does.
  u64 own_bytes = 0;
  for (u64 i = 0; i < own_count + its_count; ++i) {
    const bool is_own = i < own_count;
    const u64 at = is_own
                       ? call.argument(1) + i * sizeof(IoVector)
                       : call.argument(3) + (i - own_count) * sizeof(IoVector);
    IoVector vector;
    if (user_.read(own_mm, at, vector) != 0) return call.result(-EFAULT);
    if (static_cast<i64>(vector.bytes) < 0) return call.result(-EINVAL);
    if (is_own) own_bytes += vector.bytes;
  }
  if (own_bytes == 0 || its_count == 0) return call.result(0);
  const Task* task = pids_.find(call.task, call.int_argument(0));
  if (task == nullptr || task->mm == nullptr) return call.result(-ESRCH);
  if (!may_access(call.task, *task)) return call.result(-EPERM);

  Areas own{call.argument(1), own_count};
  Areas its{call.argument(3), its_count};
  // False: there is no more.
  const auto advance = [&](Areas& areas) {
    while (areas.now.bytes == 0) {
      if (areas.left == 0 ||
          user_.read(own_mm, areas.vectors, areas.now) != 0) {
        return false;
      }
      areas.vectors += sizeof(IoVector);
      --areas.left;
    }
    return true;
  };
  u8 bytes[kPieceBytes];
  i64 done = 0;
  while (advance(own) && advance(its)) {
    u64 count = own.now.bytes < its.now.bytes ? own.now.bytes : its.now.bytes;
    // Up to the end of a page: what is there before a hole counts.
    const u64 page_left = kPageSize - (its.now.address & kPageMask);
    if (count > page_left) count = page_left;
    if (count > kPieceBytes) count = kPieceBytes;
    const Mm& from = writes ? own_mm : *task->mm;
    const Mm& to = writes ? *task->mm : own_mm;
    const u64 from_at = writes ? own.now.address : its.now.address;
    const u64 to_at = writes ? its.now.address : own.now.address;
    if (user_.read(from, from_at, bytes, count) != 0 ||
        user_.write(to, to_at, bytes, count) != 0) {
      return call.result(done == 0 ? -EFAULT : done);
    }
    done += static_cast<i64>(count);
    own.now = {own.now.address + count, own.now.bytes - count};
    its.now = {its.now.address + count, its.now.bytes - count};
  }
  return call.result(done);
}

Outcome ProcessServer::sys_process_vm_readv(const Call& call) {
  return copy_between(call, false);
}

Outcome ProcessServer::sys_process_vm_writev(const Call& call) {
  return copy_between(call, true);
}

}  // namespace tine::process
