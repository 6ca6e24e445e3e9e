#include "kernel/self_test.h"

#include "arch/hw/cpu.h"
#include "kernel/base/check.h"
#include "kernel/base/command_line.h"
#include "kernel/base/types.h"
#include "kernel/thread/per_cpu.h"
#include "kernel/trap.h"

namespace tine {
namespace {

// Each level writes to its own part of the stack, so the page below it is met
// and not stepped over.
[[gnu::noinline]] u64 self_test_recurse(u64 level) {
  volatile u64 own[64];
  own[0] = level;
  if (level == ~u64{0}) return 0;
  const u64 deeper = self_test_recurse(level + 1);
  return own[0] + deeper;
}

}  // namespace

void self_test(const char* command_line) {
  if (command_line_has(command_line, "tine.selftest=panic")) {
    panic("self test");
  }
  if (command_line_has(command_line, "tine.selftest=trap")) check(false);
  if (command_line_has(command_line, "tine.selftest=vector")) {
    hw::take_unused_vector();
  }
  if (command_line_has(command_line, "tine.selftest=canary")) {
    static constinit u64 overwritten = 0;
    hw::this_cpu().stack_canary = &overwritten;
  }
  if (command_line_has(command_line, "tine.selftest=stack") &&
      self_test_recurse(0) != 0) {
    panic("the kernel stack has no end");
  }
}

}  // namespace tine
