// clone3: the same as clone, its arguments in a structure that may grow.
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// clone3_args_valid()
bool is_valid_clone3(const CloneArguments& arguments) {
  constexpr u64 kKnown =
      0xffff'ffff | u64{kCloneClearSighand} | u64{kCloneIntoCgroup};
  constexpr u64 kRefused =
      kCloneDetached | (u64{kCloneSignalMask} & ~u64{kCloneNewTime});
  const u64 flags = arguments.flags;
  if ((flags & ~kKnown) != 0 || (flags & kRefused) != 0) return false;
  constexpr u64 kBoth = u64{kCloneSighand} | u64{kCloneClearSighand};
  if ((flags & kBoth) == kBoth) return false;
  if ((flags & (kCloneThread | kCloneParent)) != 0 &&
      arguments.exit_signal != 0) {
    return false;
  }
  if ((arguments.stack == 0) != (arguments.stack_bytes == 0)) return false;
  return arguments.stack <= kUserAddressEnd &&
         arguments.stack_bytes <= kUserAddressEnd - arguments.stack;
}

}  // namespace

Outcome ProcessServer::sys_clone3(const Call& call) {
  const u64 address = call.argument(0);
  const u64 bytes = call.argument(1);
  if (bytes > kPageSize) return call.result(-E2BIG);
  if (bytes < kCloneArgumentsLeast) return call.result(-EINVAL);
  CloneArguments arguments{};
  const u64 known = bytes < sizeof(arguments) ? bytes : sizeof(arguments);
  if (read_user(*call.task.mm, address, &arguments, known) != 0) {
    return call.result(-EFAULT);
  }
  // What this server does not know must be zero (copy_struct_from_user).
  for (u64 at = known; at < bytes;) {
    u8 rest[64];
    const u64 count = bytes - at < sizeof(rest) ? bytes - at : sizeof(rest);
    if (read_user(*call.task.mm, address + at, rest, count) != 0) {
      return call.result(-EFAULT);
    }
    for (u64 i = 0; i < count; ++i) {
      if (rest[i] != 0) return call.result(-E2BIG);
    }
    at += count;
  }
  if (arguments.set_tid != 0 || arguments.set_tid_count != 0 ||
      (arguments.flags & (kCloneIntoCgroup | kCloneNewTime)) != 0 ||
      arguments.exit_signal > static_cast<u64>(kSignals) ||
      !is_valid_clone3(arguments)) {
    return call.result(-EINVAL);
  }
  return do_clone(
      call,
      {.flags = arguments.flags,
       .stack =
           arguments.stack == 0 ? 0 : arguments.stack + arguments.stack_bytes,
       .tls = arguments.tls,
       .parent_tid = arguments.parent_tid,
       .child_tid = arguments.child_tid,
       .exit_signal = static_cast<i32>(arguments.exit_signal)});
}

}  // namespace tine::process
