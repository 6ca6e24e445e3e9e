#include "servers/vfs/vfs_server.h"

#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/signal.h"
#include "servers/linux_abi/syscall_table.h"
#include "servers/protocol/raise.h"
#include "servers/protocol/vfs.h"
#include "servers/runtime/trace.h"
#include "servers/vfs/devices.h"
#include "servers/vfs/initrd.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u64 kMostOpenFiles = 65536;

}  // namespace

VfsServer::VfsServer(const ServerConfig& config)
    : heap_(config.heap_base, config.heap_bytes),
      store_(heap_, kMostOpenFiles),
      tasks_(heap_, store_, config.board_records),
      // The other half is for open files and their tables.
      files_(heap_, heap_.left() / 2),
      ring_(reinterpret_cast<Ring*>(config.process_to_vfs_ring)) {
  sys::start_trace(config);
  Entry& console = add_devices(files_);
  first_files_ = store_.take(3);
  OpenFile* file = store_.make_file(console, kOpenReadWrite | kOpenLargeFile);
  if (first_files_ == nullptr || file == nullptr) {
    sys::fail("vfs: no memory for the first files; give the machine more");
  }
  for (u32 fd = 0; fd < 3; ++fd) {
    store_.ref(file);
    first_files_->fds[fd] = {file, false};
  }
  if (config.initrd_bytes == 0) {
    sys::log("vfs: there is no initrd; the root file system is empty");
    return;
  }
  InitrdLoader(files_, kFirstFreeHandle).load(config.initrd_bytes);
  // Frames that no file took over go back.
  sys::Batch batch;
  batch.add(OpCode::kSpaceDestroy, kInitrd);
  batch.add(OpCode::kHandleClose, kInitrd);
  if (batch.run().status != Status::kOk) {
    sys::log("vfs: initrd: cannot be given back");
  }
}

Outcome VfsServer::handle(const sys::Message& in) {
  drain_ring();
  switch (tag_label(in.tag)) {
    case kLabelSyscall:
      return handle_syscall(in);
    case kLabelNotification:
      if ((in.words[0] & kNewsInput) != 0) reader_.wake();
      return withhold();
    default:
      return handle_request(in);
  }
}

void VfsServer::drain_ring() {
  if (ring_ == nullptr) return;
  // Acquire: the records below `tail` are complete.
  u64 tail = __atomic_load_n(&ring_->tail, __ATOMIC_ACQUIRE);
  u64 head = ring_->head;
  if (head == tail) [[likely]]
    return;
  for (; head != tail; ++head) apply(ring_->slots[head % Ring::kSlots]);
  // Release: the slots up to here may be written again.
  __atomic_store_n(&ring_->head, head, __ATOMIC_RELEASE);
}

void VfsServer::apply(const RingRecord& record) {
  Task* task = tasks_.find(record.a);
  switch (record.op) {
    case RingOp::kFilesNew:
      if (task == nullptr) tasks_.add(record.a, files_.root(), first_files_);
      break;
    case RingOp::kFilesDup:
      if (task == nullptr ||
          tasks_.duplicate(record.a, record.b,
                           (record.flags & kRingShareFiles) != 0,
                           (record.flags & kRingShareFs) != 0) == nullptr) {
        sys::log("vfs: a new task has no files");
      }
      TINE_TRACE(kFilesLearned, record.b);
      break;
    case RingOp::kFilesLimit:
      if (task != nullptr) task->limit = record.b;
      break;
    case RingOp::kFilesExec:
      if (task != nullptr) tasks_.exec(*task);
      break;
    case RingOp::kFilesDrop:
      if (task == nullptr) break;
      reader_.forget(*task);
      tasks_.drop(*task);
      break;
    default:
      break;
  }
}

Outcome VfsServer::handle_request(const sys::Message& in) {
  // A program's call that the memory server passes on comes from the program.
  if (in.target >= kFirstUserBadge &&
      tag_label(in.tag) == static_cast<u16>(VfsLabel::kMapFile)) {
    return map_file(in);
  }
  if (in.target != static_cast<u64>(ServerId::kProcess)) {
    return answer_words(in.token, -EPERM);
  }
  switch (static_cast<VfsLabel>(tag_label(in.tag))) {
    case VfsLabel::kExecOpen:
      return exec_open(in);
    case VfsLabel::kExecClose:
      // Files are read-only: that one is being run forbids nothing.
      return answer_words(in.token,
                          files_.at(in.words[0]) == nullptr ? -EINVAL : 0);
    case VfsLabel::kExecPath:
      return exec_path(in);
    case VfsLabel::kDrain:
      return answer_words(in.token, 0);  // handle() has drained already
    case VfsLabel::kInterrupt:
      return interrupt_wait(in);
    case VfsLabel::kTakeSignals:
      return answer_words(in.token, 0, 0);  // no terminal sends any
    case VfsLabel::kMapFile:
      break;  // not for servers to ask
  }
  return answer_words(in.token, -ENOSYS);
}

Outcome VfsServer::interrupt_wait(const sys::Message& in) {
  Task* task = tasks_.find(in.words[0]);
  if (task == nullptr || task->wait.token == 0) {
    return answer_words(in.token, -ESRCH);
  }
  Op op{OpCode::kReply, kNoHandle, task->wait.token, kRaiseInterrupted,
        make_tag(0, kReplyRaise)};
  op.d = static_cast<u64>(-ERESTARTSYS);
  reader_.forget(*task);
  const bool raised = sys::run(op).status == Status::kOk;
  return answer_words(in.token, raised ? 0 : -ESRCH);
}

Outcome VfsServer::handle_syscall(const sys::Message& in) {
  Task* task = tasks_.find(in.target);
  if (task == nullptr) return answer_result(in.token, -ESRCH);
  if (in.words[7] >= kSyscallNumbers) return answer_result(in.token, -ENOSYS);
  reader_.forget(*task);  // an earlier call of it was ended by others
  Call call{*task, UserMemory(in.token, in.words[6]), in.words, in.token,
            in.words[6]};
  i64 result = dispatch(call, static_cast<u32>(in.words[7]));
  // The process server makes room, and the call is made again.
  if (result == -EFAULT && call.user.is_short_of_memory()) [[unlikely]] {
    return answer_raise(in.token, kSigKill, 0, 0);
  }
  return result == kWithheld ? withhold() : answer_result(in.token, result);
}

}  // namespace tine::vfs
