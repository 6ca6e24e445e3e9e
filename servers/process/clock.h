// The clocks of the machine: the monotonic one, and real time by how far it is
// ahead. Programs read them by themselves, too (servers/vdso).
#ifndef SERVERS_PROCESS_CLOCK_H_
#define SERVERS_PROCESS_CLOCK_H_

#include "kernel/base/types.h"

namespace tine::process {

class Clock {
 public:
  explicit Clock(u64 ahead_ns) : ahead_ns_(ahead_ns) {}

  // False: there is no such clock, or it is one of CPU time.
  bool read(i32 clock, u64* ns) const;
  // Real time becomes `ahead_ns` ahead.
  void set_realtime(u64 ahead_ns);
  u64 ahead_ns() const { return ahead_ns_; }
  // When real time will be that, or has been: then some time that is over.
  u64 monotonic_at(u64 realtime_ns) const {
    return realtime_ns > ahead_ns_ ? realtime_ns - ahead_ns_ : 1;
  }

 private:
  u64 ahead_ns_;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_CLOCK_H_
