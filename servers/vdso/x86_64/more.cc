// What only x86-64 has in its vDSO.
#include "servers/linux_abi/time.h"
#include "servers/vdso/arch/entry.h"

namespace tine {

using namespace linux_abi;

extern "C" {

int VDSO_NAME(clock_gettime)(i32 clock, Timespec* to);

[[gnu::visibility("default")]] i64 VDSO_NAME(time)(i64* to) {
  Timespec now;
  (void)VDSO_NAME(clock_gettime)(kClockRealtime, &now);
  if (to != nullptr) *to = now.seconds;
  return now.seconds;
}

// Programs run on one CPU.
[[gnu::visibility("default")]] int VDSO_NAME(getcpu)(u32* cpu, u32* node) {
  if (cpu != nullptr) *cpu = 0;
  if (node != nullptr) *node = 0;
  return 0;
}

}  // extern "C"
}  // namespace tine
