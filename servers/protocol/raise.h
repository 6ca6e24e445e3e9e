// What a server says when it hands a thread to the process server (kReplyRaise,
// which arrives there as kLabelRaised): words[0] is one of these.
#ifndef SERVERS_PROTOCOL_RAISE_H_
#define SERVERS_PROTOCOL_RAISE_H_

#include "kernel/base/types.h"

namespace tine {

// 1..64: a signal. words[1] = si_code, words[2] = address. Of a fault it is
// forced upon the thread. SIGPIPE, SIGXFSZ, SIGTTIN and SIGTTOU are sent, as by
// kill, and words[3] is the call's result if no handler says otherwise.
// SIGKILL: the server found no frame for the thread; the process server makes
// room and the call is made again.
inline constexpr u64 kRaiseLastSignal = 64;

// A forwarded call is done (kForwardedCallReturn): words[1] = its result.
inline constexpr u64 kRaiseCallDone = 0x100;

// The wait of the thread's call was ended by VfsLabel::kInterrupt: words[1] =
// what was done until then, above 0, or one of -ERESTARTSYS, -ERESTARTNOINTR,
// -ERESTARTNOHAND and -ERESTART_RESTARTBLOCK, which the process server turns
// into another call or EINTR; programs see none of them.
inline constexpr u64 kRaiseInterrupted = 0x101;

// A read or write of a text of /proc: words[1..3] are a TextRequest
// (servers/protocol/process_text.h), which the process server carries out.
inline constexpr u64 kRaiseText = 0x102;

// A read of a signalfd: words[1] = the signals that it takes, words[2] = where
// they are told, words[3] = for how many there is room, kSignalBytes each, and
// kReadSignalsNow if it does not wait.
inline constexpr u64 kRaiseReadSignals = 0x103;
inline constexpr u64 kReadSignalsNow = u64{1} << 63;
inline constexpr u64 kSignalBytes = 128;  // signalfd_siginfo

}  // namespace tine

#endif  // SERVERS_PROTOCOL_RAISE_H_
