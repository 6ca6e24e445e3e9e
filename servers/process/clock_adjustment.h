// What programs that keep the clock right have said of it (adjtimex). The clock
// goes at its own rate whatever they say; only steps are made.
#ifndef SERVERS_PROCESS_CLOCK_ADJUSTMENT_H_
#define SERVERS_PROCESS_CLOCK_ADJUSTMENT_H_

#include "servers/linux_abi/time.h"

namespace tine::process {

class ClockAdjustment {
 public:
  // timekeeping_validate_timex(): 0 or a negated errno.
  static i64 check(const linux_abi::Timex& wanted, bool may_set);
  // __do_adjtimex(), without the step: what is said in answer, of the time
  // `now_ns`. The state of the clock.
  i64 change(const linux_abi::Timex& wanted, u64 now_ns,
             linux_abi::Timex* answer);
  // How far ADJ_SETOFFSET sets it forward.
  static i64 step_ns(const linux_abi::Timex& wanted);

 private:
  void take(const linux_abi::Timex& wanted);

  i64 offset_ = 0;
  i64 single_shot_ = 0;  // of adjtime(), in us
  i64 frequency_ = 0;
  i64 most_error_ = linux_abi::kTimexMostError;
  i64 error_ = linux_abi::kTimexMostError;
  u32 status_ = linux_abi::kTimexUnsynchronized;
  i64 constant_ = 2;
  i64 tick_ = linux_abi::kTimexTick;
  i32 tai_ = 0;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_CLOCK_ADJUSTMENT_H_
