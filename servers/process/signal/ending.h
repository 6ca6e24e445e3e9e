// How the call, fault or interruption is to end that a thread is held in.
#ifndef SERVERS_PROCESS_SIGNAL_ENDING_H_
#define SERVERS_PROCESS_SIGNAL_ENDING_H_

#include "kernel/abi/message.h"
#include "kernel/base/types.h"

namespace tine::process {

struct Ending {
  enum class Kind : u8 {
    kResult,   // of a call; may be one of -ERESTART*, which no program sees
    kResume,   // registers are as they shall be
    kRestart,  // the call is made again
    kWaiting,  // it waits here, and goes on with that if no handler runs
    kEnd,      // the thread ends with that status
  };
  Kind kind = Kind::kResume;
  i64 value = 0;

  static constexpr Ending result(i64 value) { return {Kind::kResult, value}; }
  static constexpr Ending resume() { return {Kind::kResume}; }
  static constexpr Ending restart() { return {Kind::kRestart}; }
  static constexpr Ending waiting() { return {Kind::kWaiting}; }
  static constexpr Ending end(i32 status) { return {Kind::kEnd, status}; }
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_SIGNAL_ENDING_H_
