#include "servers/memory/memory_server.h"

#include "kernel/base/command_line.h"
#include "servers/linux_abi/arch/syscall_numbers.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/protocol/forward.h"
#include "servers/protocol/raise.h"
#include "servers/runtime/trace.h"

namespace tine {
namespace {

using linux_abi::Nr;

constexpr Handle kFirstMmHandle = 1024;
constexpr u32 kMaxMms = 32768;
constexpr Handle kFirstObjectHandle = kFirstMmHandle + kMaxMms;
constexpr u32 kMaxObjects = kMaxHandles - kFirstObjectHandle;

// Tables scale with the machine: a process needs at least 16 frames or so, a
// file that has content about 5.
constexpr u64 kMmBytes = 16 * kPageSize;
constexpr u64 kObjectBytes = 8 * kPageSize;

u32 scaled(u64 memory_bytes, u64 bytes_each, u32 most) {
  const u64 count = memory_bytes / bytes_each;
  return count > most ? most : static_cast<u32>(count);
}

}  // namespace

MemoryServer::MemoryServer(const ServerConfig& config)
    : heap_(config.heap_base, config.heap_bytes),
      objects_(heap_, scaled(config.memory_bytes, kObjectBytes, kMaxObjects),
               kFirstObjectHandle),
      store_(objects_),
      mms_(heap_, store_, scaled(config.memory_bytes, kMmBytes, kMaxMms),
           kFirstMmHandle),
      ledger_(command_line_has(config.command_line, "tine.overcommit=strict")
                  ? Overcommit::kStrict
              : command_line_has(config.command_line, "tine.overcommit=always")
                  ? Overcommit::kAlways
                  : Overcommit::kGuess,
              config.memory_bytes >> kPageShift),
      fork_mode_(command_line_has(config.command_line, "tine.fork=eager")
                     ? ForkMode::kEager
                     : ForkMode::kShareTables),
      ring_(reinterpret_cast<Ring*>(config.ring)) {
  store_.start(heap_);
  make_vdso(config);
  make_reserve();
  sys::start_trace(config);
}

namespace {

// A result goes to the process server, by a raise; raises do anyway.
Outcome to_process_server(const Outcome& outcome) {
  if (outcome.kind != Outcome::Kind::kResult) return outcome;
  return answer_raise(outcome.token, kRaiseCallDone, outcome.message.words[0],
                      0);
}

}  // namespace

Outcome MemoryServer::handle(const sys::Message& in) {
  drain(ring_, RingReader::kMemory,
        [this](const RingRecord& record) { apply(record); });
  switch (tag_label(in.tag)) {
    case kLabelFault:
      return page_fault(in);
    case kLabelSyscall:
    case kForwardedCall:
      return handle_syscall(in);
    case kForwardedCallReturn:
      return to_process_server(handle_syscall(in));
    case kLabelNotification:
      return withhold();
    default:
      return handle_request(in);
  }
}

Outcome MemoryServer::handle_request(const sys::Message& in) {
  if (in.target >= kFirstUserBadge) {
    return answer_words(in.token, -linux_abi::EPERM);
  }
  switch (static_cast<MemoryLabel>(tag_label(in.tag))) {
    case MemoryLabel::kMmNew:
      return mm_new(in);
    case MemoryLabel::kMmFork:
      return mm_fork(in);
    case MemoryLabel::kMmAbort:
      return mm_abort(in);
    case MemoryLabel::kMmMap:
      return mm_map(in);
    case MemoryLabel::kMmSetBreak:
      return mm_set_break(in);
    case MemoryLabel::kMmSetStack:
      return mm_set_stack(in);
    case MemoryLabel::kMmPrefault: {
      Mm* mm = mms_.find(in.words[0]);
      if (mm == nullptr || in.words[2] > static_cast<u64>(Access::kExecute)) {
        return answer_words(in.token, -linux_abi::EFAULT);
      }
      const i64 error =
          prefault(*mm, in.words[1], static_cast<Access>(in.words[2]));
      return answer_words(
          in.token, error == -linux_abi::ENXIO ? -linux_abi::EFAULT : error);
    }
    case MemoryLabel::kMmStat:
      return mm_stat(in);
    case MemoryLabel::kMmStatus:
      return mm_status(in);
    case MemoryLabel::kMmAreas:
      return mm_areas(in);
    case MemoryLabel::kMmRead:
      return mm_access(in, Access::kRead);
    case MemoryLabel::kMmWrite:
      return mm_access(in, Access::kWrite);
    case MemoryLabel::kMmKey:
      return mm_key(in);
    case MemoryLabel::kMmAdvise: {
      Mm* mm = mms_.find(in.words[0]);
      return answer_words(
          in.token, mm == nullptr ? -linux_abi::ESRCH
                                  : sys_madvise(*mm, in.words[1], in.words[2],
                                                static_cast<u32>(in.words[3])));
    }
    case MemoryLabel::kMmDetach:
      return mm_detach(in);
    case MemoryLabel::kObjectUse:
      return object_use(in);
    case MemoryLabel::kObjectNew:
      return object_new(in);
    case MemoryLabel::kObjectResize:
      return object_resize(in);
    case MemoryLabel::kObjectPunch:
      return object_punch(in);
    case MemoryLabel::kObjectDrop: {
      MemoryObject* object = objects_.find(in.words[0]);
      if (object == nullptr) return answer_words(in.token, -linux_abi::EINVAL);
      objects_.unref(*object);
      return answer_words(in.token, 0);
    }
    case MemoryLabel::kMemoryInfo: {
      sys::Batch batch;
      Op& stat = batch.add(OpCode::kPoolStat, kSelfPool);
      if (batch.run().status != Status::kOk) {
        return answer_words(in.token, -linux_abi::EIO);
      }
      return answer_words(
          in.token, 0, stat.a - stat.result, stat.a, mms_.live(),
          objects_.live(), ledger_.total(), ledger_.limit(),
          static_cast<u64>(ledger_.mode()) | u64{ledger_.ratio()} << 8);
    }
    case MemoryLabel::kSetOvercommit:
      if (in.words[0] > static_cast<u64>(Overcommit::kStrict) ||
          in.words[1] > kMostOvercommitRatio) {
        return answer_words(in.token, -linux_abi::EINVAL);
      }
      ledger_.set(static_cast<Overcommit>(in.words[0]),
                  static_cast<u32>(in.words[1]));
      return answer_words(in.token, 0);
    case MemoryLabel::kSetRealtime:
      return set_realtime(in);
    case MemoryLabel::kMmMapFile:
      return mm_map_file(in);
    case MemoryLabel::kDrain:
      return answer_words(in.token, 0);  // handle() has drained already
  }
  return answer_words(in.token, -linux_abi::ENOSYS);
}

Outcome MemoryServer::handle_syscall(const sys::Message& in) {
  Mm* mm = mms_.find(in.words[6]);
  if (mm == nullptr) return answer_result(in.token, -linux_abi::EFAULT);
  const u64* a = in.words;
  i64 result = -linux_abi::ENOSYS;
  switch (static_cast<Nr>(in.words[7])) {
    case Nr::kBrk:
      result = sys_brk(*mm, a[0]);
      break;
    case Nr::kMmap:
      if ((a[3] & linux_abi::MAP_ANONYMOUS) == 0) return forward_mmap(in);
      result = map(*mm, {a[0], a[1], a[2], a[3], nullptr, a[5]});
      break;
    case Nr::kMremap:
      result = sys_mremap(*mm, a);
      break;
    case Nr::kRemapFilePages:
      result = sys_remap_file_pages(*mm, a);
      break;
    case Nr::kMunmap:
      result = sys_munmap(*mm, a[0], a[1]);
      break;
    case Nr::kMprotect:
      result = sys_mprotect(*mm, a[0], a[1], a[2]);
      break;
    case Nr::kMadvise:
      result = sys_madvise(*mm, a[0], a[1], static_cast<u32>(a[2]));
      break;
    case Nr::kMsync:
      result = sys_msync(*mm, a[0], a[1], static_cast<u32>(a[2]));
      break;
    case Nr::kMlock:
      result = sys_mlock(*mm, a[0], a[1], false);
      break;
    case Nr::kMunlock:
      result = sys_munlock(*mm, a[0], a[1]);
      break;
    case Nr::kMincore:
      result = sys_mincore(in, *mm);
      break;
    case Nr::kMlock2:
      result = (static_cast<u32>(a[2]) & ~linux_abi::MLOCK_ONFAULT) != 0
                   ? -linux_abi::EINVAL
                   : sys_mlock(*mm, a[0], a[1], static_cast<u32>(a[2]) != 0);
      break;
    case Nr::kMlockall:
      result = sys_mlockall(*mm, static_cast<u32>(a[0]));
      break;
    case Nr::kMunlockall:
      result = sys_munlockall(*mm);
      break;
    default:
      break;
  }
  // No frame for what cannot be refused: whoever has most makes room, and the
  // call is made again.
  if (result == kOutOfMemory) {
    return answer_raise(in.token, linux_abi::SIGKILL_NUMBER, 0, 0);
  }
  return answer_result(in.token, result);
}

}  // namespace tine
