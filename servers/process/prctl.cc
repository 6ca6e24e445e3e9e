// prctl, arch_prctl, personality, and the words that a thread registers.
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/arch/segment_bases.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// What concerns the machine more than the program. Most of it is only kept.
i64 machine_option(UserMemory& user, const Call& call) {
  Task& task = call.task;
  Inherited& its = task.inherited;
  const u64 value = call.argument(1);
  const u64 second = call.argument(2);
  const bool rest_is_zero = call.argument(3) == 0 && call.argument(4) == 0;
  constexpr i32 kTscEnabled = 1;
  switch (call.int_argument(0)) {
    case kPrGetTsc:
      return kHasTimeStamps ? user.write(*task.mm, value, kTscEnabled)
                            : -EINVAL;
    case kPrSetTsc:
      return kHasTimeStamps && value == u64{kTscEnabled} ? 0 : -EINVAL;
    case kPrMceKill: {
      constexpr u64 kClear = 0, kSet = 1;
      if (!rest_is_zero || value > kSet) return -EINVAL;
      if (value == kClear ? second != 0 : second > kMceKillDefault) {
        return -EINVAL;
      }
      its.mce_kill =
          value == kClear ? kMceKillDefault : static_cast<MceKill>(second);
      return 0;
    }
    case kPrMceKillGet:
      return value == 0 && second == 0 && rest_is_zero ? its.mce_kill : -EINVAL;
    case kPrSetMm:
      return call.argument(4) != 0 || is_capable(task, Capability::kSysResource)
                 ? -EINVAL
                 : -EPERM;
    // No processor that this runs on is known to need any.
    case kPrGetSpeculation:
      if (second != 0 || !rest_is_zero) return -EINVAL;
      return value == 0 ? 0 : -ENODEV;
    case kPrSetSpeculation:
      if (!rest_is_zero) return -EINVAL;
      return value == 0 ? -ENXIO : -ENODEV;
    case kPrSetIoFlusher:
    case kPrGetIoFlusher: {
      const bool sets = call.int_argument(0) == kPrSetIoFlusher;
      if (!is_capable(task, Capability::kSysResource)) return -EPERM;
      if (value > u64{sets} || second != 0 || !rest_is_zero) return -EINVAL;
      if (!sets) return its.is_io_flusher;
      its.is_io_flusher = value != 0;
      return 0;
    }
    default:
      return -EINVAL;
  }
}

}  // namespace

Outcome ProcessServer::sys_prctl(const Call& call) {
  Task& task = call.task;
  const u64 value = call.argument(1);
  const bool rest_is_zero =
      call.argument(2) == 0 && call.argument(3) == 0 && call.argument(4) == 0;
  switch (call.int_argument(0)) {
    case kPrSetPdeathsig:
      if (value > static_cast<u64>(kSignals)) return call.result(-EINVAL);
      task.death_signal = static_cast<i32>(value);
      return call.result(0);
    case kPrGetPdeathsig:
      return call.result(user_.write(*task.mm, value, task.death_signal));
    case kPrGetDumpable:
      return call.result(task.process->dumpable);
    case kPrSetDumpable:
      if (value > 1) return call.result(-EINVAL);
      task.process->dumpable = static_cast<u8>(value);
      board_.show_flags(task);
      return call.result(0);
    case kPrGetKeepcaps:
    case kPrSetKeepcaps:
    case kPrGetSecurebits:
    case kPrSetSecurebits:
    case kPrCapbsetRead:
    case kPrCapbsetDrop:
    case kPrCapAmbient:
      return capability_option(call);
    case kPrSetName: {
      // Up to the NUL, which may come before a page that is not there.
      char name[kNameBytes] = {};
      constexpr u64 kMost = kNameBytes - 1;
      const u64 left = kPageSize - (value & kPageMask);
      const u64 first = left < kMost ? left : kMost;
      if (user_.read(*task.mm, value, name, first) != 0) {
        return call.result(-EFAULT);
      }
      u64 length = 0;
      while (length < first && name[length] != '\0') ++length;
      if (length == first && first < kMost &&
          user_.read(*task.mm, value + first, name + first, kMost - first) !=
              0) {
        return call.result(-EFAULT);
      }
      while (length < kMost && name[length] != '\0') ++length;
      while (length < kNameBytes) name[length++] = '\0';
      for (u32 i = 0; i < kNameBytes; ++i) task.inherited.name[i] = name[i];
      board_.show_name(task);
      return call.result(0);
    }
    case kPrGetName:
      return call.result(
          user_.write(*task.mm, value, task.inherited.name, kNameBytes));
    case kPrGetSeccomp:
      return call.result(task.inherited.seccomp_mode);
    case kPrSetSeccomp:
      return set_seccomp(call);
    case kPrSetTimerslack:
      task.inherited.timer_slack_ns =
          value == 0 ? task.inherited.default_slack_ns : value;
      return call.result(0);
    case kPrGetTimerslack:
      return call.result(static_cast<i64>(task.inherited.timer_slack_ns));
    case kPrSetChildSubreaper:
      task.process->is_subreaper = value != 0;
      return call.result(0);
    case kPrGetChildSubreaper:
      return call.result(
          user_.write(*task.mm, value, i32{task.process->is_subreaper}));
    case kPrSetNoNewPrivs:
      if (value != 1 || !rest_is_zero) return call.result(-EINVAL);
      task.inherited.no_new_privileges = true;
      board_.show_flags(task);
      return call.result(0);
    case kPrGetNoNewPrivs:
      if (value != 0 || !rest_is_zero) return call.result(-EINVAL);
      return call.result(task.inherited.no_new_privileges);
    case kPrGetTidAddress:
      return call.result(user_.write(*task.mm, value, task.clear_child_tid));
    case kPrSetThpDisable:
      if (!rest_is_zero) return call.result(-EINVAL);
      task.inherited.no_huge_pages = value != 0;  // there are none
      return call.result(0);
    case kPrGetThpDisable:
      if (value != 0 || !rest_is_zero) return call.result(-EINVAL);
      return call.result(task.inherited.no_huge_pages);
    case kPrGetTiming:  // statistical
    case kPrDisablePerfEvents:
    case kPrEnablePerfEvents:
      return call.result(0);
    case kPrSetTiming:
      return call.result(value == 0 ? 0 : -EINVAL);
    default:
      return call.result(machine_option(user_, call));
  }
}

Outcome ProcessServer::sys_arch_prctl(const Call& call) {
  const u32 code = call.uint_argument(0);
  if (code == kArchGetCpuid) return call.result(1);  // it is allowed
  if (code == kArchSetCpuid) return call.result(-ENODEV);
  const bool sets = code == kArchSetFs || code == kArchSetGs;
  if (!sets && code != kArchGetFs && code != kArchGetGs) {
    return call.result(-EINVAL);
  }
  if (sets && call.argument(1) >= kUserAddressEnd) return call.result(-EPERM);
  const auto run = [&](RegistersAction action) {
    return sys::run({OpCode::kThreadRegisters, kNoHandle, call.token,
                     static_cast<u64>(action)})
        .status;
  };
  if (run(RegistersAction::kGet) != Status::kOk) return call.result(-EINVAL);
  auto& state = *reinterpret_cast<hw::UserState*>(sys::utcb().user_state);
  u64* base = code == kArchSetFs || code == kArchGetFs ? fs_base_of(state)
                                                       : gs_base_of(state);
  if (base == nullptr) return call.result(-EINVAL);
  if (!sets) {
    const u64 value = *base;
    return call.result(user_.write(*call.task.mm, call.argument(1), value));
  }
  *base = call.argument(1);
  return call.result(run(RegistersAction::kSet) == Status::kOk ? 0 : -EINVAL);
}

Outcome ProcessServer::sys_personality(const Call& call) {
  constexpr u32 kAsk = ~u32{0};
  const u32 wanted = call.uint_argument(0);
  const u32 old = call.task.inherited.persona;
  if (wanted != kAsk) {
    if ((wanted & kPersonaDomain) == kPersonaLinux32 &&
        kMachineName32[0] == '\0') {
      return call.result(-EINVAL);
    }
    call.task.inherited.persona = wanted;
  }
  return call.result(old);
}

Outcome ProcessServer::sys_set_tid_address(const Call& call) {
  call.task.clear_child_tid = call.argument(0);
  return call.result(pids_.own_tid(call.task));
}

Outcome ProcessServer::sys_set_robust_list(const Call& call) {
  if (call.argument(1) != kRobustListHeadBytes) return call.result(-EINVAL);
  call.task.robust_list = call.argument(0);
  return call.result(0);
}

Outcome ProcessServer::sys_get_robust_list(const Call& call) {
  const Task* task = named(call.task, call.int_argument(0));
  if (task == nullptr) return call.result(-ESRCH);
  if (!signals_.may_signal(call.task, *task, 0)) return call.result(-EPERM);
  if (user_.write(*call.task.mm, call.argument(2), kRobustListHeadBytes) != 0) {
    return call.result(-EFAULT);
  }
  return call.result(
      user_.write(*call.task.mm, call.argument(1), task->robust_list));
}

}  // namespace tine::process
