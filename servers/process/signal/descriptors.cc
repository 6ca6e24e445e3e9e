// signalfd: the vfs server has the descriptors, and hands each read of one on.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/fcntl.h"
#include "servers/linux_abi/signalfd.h"
#include "servers/process/process_server.h"
#include "servers/protocol/raise.h"
#include "servers/protocol/vfs.h"

namespace tine::process {

using namespace linux_abi;

namespace {

static_assert(sizeof(SignalFdInfo) == kSignalBytes);

// Which fields of a siginfo mean something (siginfo_layout()).
enum class Fields : u8 {
  kSender,
  kValue,
  kTimer,
  kPoll,
  kFault,
  kChild,
  kCall
};

Fields fields_of(const SigInfo& info) {
  constexpr i32 kSiSigIo = -5;
  constexpr i32 kMostChildCode = 6;
  if (info.code <= kSiUser || info.code >= kSiKernel) {
    if (info.code == kSiTimer) return Fields::kTimer;
    if (info.code == kSiSigIo) return Fields::kPoll;
    return info.code < 0 ? Fields::kValue : Fields::kSender;
  }
  switch (info.signal) {
    case kSigChld:
      return info.code <= kMostChildCode ? Fields::kChild : Fields::kSender;
    case kSigSys:
      return Fields::kCall;
    case kSigIo:
      return Fields::kPoll;
    default:
      return (signal_bit(info.signal) & kFaultSignals) != 0 ? Fields::kFault
                                                            : Fields::kPoll;
  }
}

u64 both(i32 low, i32 high) {
  return static_cast<u32>(low) | u64{static_cast<u32>(high)} << 32;
}

// signalfd_copyinfo().
SignalFdInfo read_form(const SigInfo& info) {
  SignalFdInfo form{.signal = static_cast<u32>(info.signal),
                    .error = info.error,
                    .code = info.code};
  const Fields fields = fields_of(info);
  switch (fields) {
    case Fields::kTimer:
      form.timer = static_cast<u32>(info.pid);
      form.overrun = static_cast<u32>(info.uid);
      break;
    case Fields::kPoll:
      form.band = static_cast<u32>(info.pid);
      form.fd = info.status;
      return form;
    case Fields::kFault:
      form.address = both(info.pid, info.uid);
      return form;
    case Fields::kCall:
      form.call_address = both(info.pid, info.uid);
      form.call = info.status;
      form.architecture = static_cast<u32>(info.upper);
      return form;
    case Fields::kSender:
    case Fields::kValue:
    case Fields::kChild:
      form.pid = static_cast<u32>(info.pid);
      form.uid = static_cast<u32>(info.uid);
      break;
  }
  if (fields == Fields::kTimer || fields == Fields::kValue) {
    form.number = info.status;
    form.pointer = both(info.status, info.upper);
  } else if (fields == Fields::kChild) {
    form.status = info.status;
    form.user_ticks = static_cast<u64>(info.user_ticks);
    form.system_ticks = static_cast<u64>(info.system_ticks);
  }
  return form;
}

}  // namespace

i64 Signals::take_read(Task& task, u64 set, u64 to) {
  SigInfo info;
  if (take(task, set, info) == 0) return -EAGAIN;
  const i64 error = user_.write(*task.mm, to, read_form(info));
  return error != 0 ? error : static_cast<i64>(kSignalBytes);
}

// kRaiseReadSignals.
Outcome ProcessServer::read_signals(Task& task, const sys::Message& in) {
  const u64 set = in.words[1];
  const u64 to = in.words[2];
  const bool waits = (in.words[3] & kReadSignalsNow) == 0;
  user_.begin_call();
  // Before a signal is taken there is memory to tell of it.
  i64 result = -EAGAIN;
  for (const u64 at : {to, to + kSignalBytes - 1}) {
    u8 byte;
    if (user_.read(*task.mm, at, byte) != 0 ||
        user_.write(*task.mm, at, byte) != 0) {
      result = -EFAULT;
    }
  }
  if (user_.is_short()) return out_of_memory(task, in.token);
  i64 done = 0;
  for (u64 left = in.words[3] & ~kReadSignalsNow;
       left != 0 && result != -EFAULT; --left) {
    result = signals_.take_read(task, set, to + static_cast<u64>(done));
    if (result < 0) break;
    done += result;
  }
  if (done == 0 && result == -EAGAIN && waits) {
    if (!has_work(task)) {
      task.signal_wait = {set, to, true};
      return waiting_.withhold({task, in.words, in.token}, Wait::kSignal);
    }
    result = -ERESTARTSYS;
  }
  return deliver(task, in.token, Ending::result(done != 0 ? done : result));
}

Outcome ProcessServer::signal_descriptor(const Call& call, u32 flags) {
  u64 set;
  i64 error = read_signal_set(call, call.argument(1), call.argument(2), &set);
  if (error != 0) return call.result(error);
  if ((flags & ~u32{kOpenCloseOnExec | kOpenNonBlock}) != 0) {
    return call.result(-EINVAL);
  }
  signals_.tell_descriptors();
  const sys::Message made = sys::call(
      kCallVfs, sys::make_message(VfsLabel::kSignalFd, call.task.cookie(),
                                  static_cast<u64>(call.int_argument(0)),
                                  set & ~kUnblockable, u64{flags}));
  return call.result(sys::result_of(made, -ENOMEM));
}

Outcome ProcessServer::sys_signalfd(const Call& call) {
  return signal_descriptor(call, 0);
}

Outcome ProcessServer::sys_signalfd4(const Call& call) {
  return signal_descriptor(call, call.uint_argument(3));
}

}  // namespace tine::process
