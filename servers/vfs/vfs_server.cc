#include "servers/vfs/vfs_server.h"

#include "kernel/base/command_line.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/syscall_table.h"
#include "servers/protocol/forward.h"
#include "servers/protocol/vfs.h"
#include "servers/runtime/trace.h"
#include "servers/vfs/dev/standard_names.h"
#include "servers/vfs/devices.h"
#include "servers/vfs/tree/initrd.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u64 kMostOpenFiles = 65536;
// What pipes and sockets hold is at most one of so many parts of the heap.
constexpr u64 kBufferShare = 4;

}  // namespace

VfsServer::VfsServer(const ServerConfig& config)
    : heap_(config.heap_base, config.heap_bytes),
      wakeups_(heap_, kMostOpenFiles),
      locks_(heap_, kMostOpenFiles, wakeups_),
      store_(heap_, kMostOpenFiles, locks_),
      tasks_(heap_, store_, locks_, config.board_records),
      // The other half is for open files and their tables.
      files_(heap_, heap_.left() / 2, config.memory_bytes),
      proc_(files_, tasks_, terminals_, queue_limits_),
      text_file_(proc_),
      regular_file_(files_),
      console_file_(wakeups_),
      terminals_(wakeups_,
                 tty::TaskBoardView(config.board, config.board_records)),
      console_terminal_(terminals_),
      own_terminal_(terminals_),
      ptys_(terminals_, heap_, files_),
      console_is_terminal_(console_terminal_.read_size(
          command_line_value(config.command_line, "tine.terminal="))),
      pipes_(heap_, wakeups_, kMostOpenFiles,
             heap_.left() / kBufferShare / kPageSize),
      events_(heap_, kMostOpenFiles),
      epolls_(heap_, wakeups_, kMostOpenFiles),
      timers_(heap_, wakeups_, kMostOpenFiles),
      async_watches_(heap_, kMostOpenFiles, terminals_.news),
      signals_(heap_, wakeups_, kMostOpenFiles),
      inotifies_(heap_, wakeups_, kMostOpenFiles, heap_.left() / kBufferShare),
      pidfds_(heap_, kMostOpenFiles, store_, wakeups_),
      sockets_(heap_, wakeups_, pipes_.pool, store_, terminals_.news,
               kMostOpenFiles),
      queues_(heap_, files_, sockets_.packets, locks_, wakeups_,
              terminals_.news, queue_limits_, kMostOpenFiles),
      ring_(reinterpret_cast<Ring*>(config.ring)) {
  sys::start_trace(config);
  set_realtime(config.boot_realtime_ns);
  Entry& console_entry = add_devices(files_);
  ptys_.make_directory();
  first_files_ = store_.take(3);
  OpenFile* file =
      store_.make_file(console(), *console_entry.inode, &console_entry,
                       kOpenReadWrite | kOpenLargeFile);
  if (first_files_ == nullptr || file == nullptr) {
    sys::fail("vfs: no memory for the first files; give the machine more");
  }
  for (u32 fd = 0; fd < 3; ++fd) {
    store_.ref(file);
    first_files_->fds[fd] = {file, false};
  }
  if (config.initrd_bytes == 0) {
    sys::log("vfs: there is no initrd; the root file system is empty");
    add_own_names();
    return;
  }
  InitrdLoader(files_).load(config.initrd_bytes);
  add_own_names();
  // Frames that no file took over go back.
  sys::Batch batch;
  batch.add(OpCode::kSpaceDestroy, kInitrd);
  batch.add(OpCode::kHandleClose, kInitrd);
  if (batch.run().status != Status::kOk) {
    sys::log("vfs: initrd: cannot be given back");
  }
}

void VfsServer::add_own_names() {
  if (!proc_.mount() || !add_standard_names(files_)) {
    sys::fail("vfs: no memory for /proc and /dev; give the machine more");
  }
}

Outcome VfsServer::handle(const sys::Message& in) {
  if (drain(ring_, RingReader::kVfs,
            [this](const RingRecord& record) { learn(record); })) [[unlikely]] {
    make_newest();
  }
  if (wakeups_.has_next()) [[unlikely]]
    run_woken();
  Outcome outcome = handle_message(in);
  // A batch that is to be committed lies where running a call would need to put
  // its own: those whom such a message woke, and it wakes none, would wait for
  // the next.
  if (wakeups_.has_next() && outcome.kind != Outcome::Kind::kCommit)
      [[unlikely]]
    run_woken();
  return outcome;
}

Outcome VfsServer::handle_message(const sys::Message& in) {
  switch (tag_label(in.tag)) {
    case kLabelSyscall:
      return handle_syscall(in, AnswerTo::kProgram);
    case kLabelNotification:
      if ((in.words[0] & kNewsInput) != 0) console_has_input();
      if ((in.words[0] & kNewsPending) != 0) signals_.pollers.wake();
      if ((in.words[0] & kNewsTimer) != 0) wakeups_.expire(sys::clock_ns());
      return withhold();
    default:
      break;
  }
  // What others pass on for a program comes from the program.
  if (in.target >= kFirstUserBadge) {
    switch (tag_label(in.tag)) {
      case kForwardedCall:
        return handle_syscall(in, AnswerTo::kProgram);
      case kForwardedRestart: {
        sys::Message poll = in;
        poll.words[7] = static_cast<u64>(Nr::kPoll);
        return handle_syscall(poll, AnswerTo::kProgram, true);
      }
      case kForwardedCallReturn:
        return handle_syscall(in, AnswerTo::kProcessServer);
      case static_cast<u16>(VfsLabel::kMapFile):
        return map_file(in);
      default:
        break;
    }
  }
  return handle_request(in);
}

// A new task is made when something else is heard of than its end: one that
// ends before it has called this server leaves nothing behind here.
void VfsServer::learn(const RingRecord& record) {
  if (record.op == RingOp::kFilesDrop && newest_.op == RingOp::kFilesDup &&
      record.a == newest_.b) {
    newest_.op = RingOp::kNone;
    tasks_.count_unmade();
    TINE_TRACE(kFilesLearned, record.a);
    return;
  }
  make_newest();
  if (record.op == RingOp::kFilesDup) {
    newest_ = record;
  } else {
    apply(record);
  }
}

void VfsServer::make_newest() {
  if (newest_.op == RingOp::kNone) return;
  apply(newest_);
  newest_.op = RingOp::kNone;
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
      if (task == nullptr) break;
      task->limit = record.b;
      task->file_limit = record.c;
      task->queue_limit = record.flags == ~u32{0} ? ~u64{0} : record.flags;
      break;
    case RingOp::kFilesExec:
      if (task != nullptr) tasks_.exec(*task);
      break;
    case RingOp::kFilesUnshare:
      if (task == nullptr) break;
      if ((record.flags & kRingShareFiles) != 0) tasks_.unshare_table(*task);
      if ((record.flags & kRingShareFs) != 0) tasks_.unshare_context(*task);
      break;
    case RingOp::kFilesDrop:
      if (task == nullptr) break;
      forget(*task);
      terminals_.task_ended(record.a);
      tasks_.drop(*task);
      break;
    case RingOp::kFilesPidFd:
      if (task != nullptr) pidfds_.fill_in(*task->table);
      break;
    case RingOp::kProcessEnded:
      pidfds_.has_ended(record.a, record.b);
      break;
    default:
      break;
  }
}

Outcome VfsServer::handle_request(const sys::Message& in) {
  if (in.target != static_cast<u64>(ServerId::kProcess)) {
    return answer_words(in.token, -EPERM);
  }
  switch (static_cast<VfsLabel>(tag_label(in.tag))) {
    case VfsLabel::kExecOpen:
      return exec_open(in);
    case VfsLabel::kExecClose:
      // What runs is known from the tasks.
      return answer_words(in.token, 0);
    case VfsLabel::kExecPath:
      return exec_path(in);
    case VfsLabel::kDrain:
      return answer_words(in.token, 0);  // handle() has drained already
    case VfsLabel::kInterrupt:
      return interrupt(in);
    case VfsLabel::kTakeSignals:
      return take_signal(in);
    case VfsLabel::kTextRead:
      return text_read(in);
    case VfsLabel::kSetRealtime:
      set_realtime(in.words[0]);
      timers_.clock_was_set();
      queues_.clock_was_set();
      return answer_words(in.token, 0);
    case VfsLabel::kPidFdOpen:
      return pidfd_open(in, false);
    case VfsLabel::kPidFdReserve:
      return pidfd_open(in, true);
    case VfsLabel::kPidFdCancel:
      pidfds_.cancel();
      return answer_words(in.token, 0);
    case VfsLabel::kPidFdFind:
      return pidfd_find(in);
    case VfsLabel::kSignalFd:
      return signalfd(in);
    case VfsLabel::kTakeFile:
      return take_file(in);
    case VfsLabel::kIdentity:
      return identity(in);
    case VfsLabel::kMapFile:
      break;  // not for servers to ask
  }
  return answer_words(in.token, -ENOSYS);
}

Outcome VfsServer::handle_syscall(const sys::Message& in, AnswerTo answer_to,
                                  bool is_restart) {
  Task* task = tasks_.find(in.target);
  if (task == nullptr) return answer_result(in.token, -ESRCH);
  if (in.words[7] >= kSyscallNumbers && !is_restart)
    return answer_result(in.token, -ENOSYS);
  forget(*task);  // an earlier call of it was ended by others
  Call call{*task,       UserMemory(in.token, in.words[6]), in.words, in.token,
            in.words[6], static_cast<u32>(in.words[7]),     answer_to};
  if (is_restart) [[unlikely]] {
    call.is_again = true;
    call.deadline = task->wait.restart_deadline;
  }
  const Answer answer = carry_out(call);
  if (!answer.is_there) return withhold();
  if (answer.raise == 0) [[likely]]
    return answer_result(in.token, static_cast<i64>(answer.first));
  Outcome outcome =
      answer_raise(in.token, answer.raise, answer.first, answer.second);
  outcome.message.words[3] = answer.result;
  return outcome;
}

}  // namespace tine::vfs
