// A run of the real kernel with servers that are functions of the test.
#ifndef TESTS_SIM_SERVERS_RUN_H_
#define TESTS_SIM_SERVERS_RUN_H_

#include <functional>
#include <map>
#include <string>

#include "arch/sim/machine.h"
#include "kernel/abi/boot_info.h"

namespace tine {

using ServerBody = std::function<void()>;

// Server programs by their names in the boot image. "root" is started by the
// kernel. When root's body returns the run ends with status 0; the others then
// receive at kSelfEndpoint for ever.
using ServerBodies = std::map<std::string, ServerBody>;

// The machine with their boot image, not booted yet.
class ServersRun {
 public:
  explicit ServersRun(ServerBodies bodies, sim::MachineConfig config = {});

  sim::Machine& machine() { return machine_; }
  sim::RunState run() { return machine_.run(); }

 private:
  sim::Machine machine_;
};

// Root's view of the page that the kernel gave it; the first thing that its
// body asks for.
const BootInfo& boot_info();

}  // namespace tine

#endif  // TESTS_SIM_SERVERS_RUN_H_
