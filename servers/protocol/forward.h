// System calls that the process server got and passes on (OpCode::kForward):
// those of threads that are traced or filtered, of which it must know first,
// and ppoll and pselect6 with a signal mask, which it sets before.
//
// The memory and vfs servers take both labels wherever they take kLabelSyscall.
// The words are those of kLabelSyscall: 0..5 = arguments, where kForward's d is
// argument 0; 6 = badge of the space, 7 = number; target = cookie.
#ifndef SERVERS_PROTOCOL_FORWARD_H_
#define SERVERS_PROTOCOL_FORWARD_H_

#include "kernel/base/types.h"

namespace tine {

// Answer the thread, as of kLabelSyscall.
inline constexpr u16 kForwardedCall = 0x500;
// The answer goes to the process server first: kReplyRaise of kRaiseCallDone
// (servers/protocol/raise.h) with the result in words[1]. What would be another
// raise anyway stays as it is.
inline constexpr u16 kForwardedCallReturn = 0x501;

// To the vfs server: restart_syscall of a poll that a signal without a handler
// ended (-ERESTART_RESTARTBLOCK). It goes on with the arguments that it had
// until the time that it had.
inline constexpr u16 kForwardedRestart = 0x502;

}  // namespace tine

#endif  // SERVERS_PROTOCOL_FORWARD_H_
