// The real servers as code of the simulated machine, and a view of their state.
#ifndef TESTS_SIM_SERVER_BODIES_H_
#define TESTS_SIM_SERVER_BODIES_H_

#include <string>
#include <vector>

#include "kernel/base/types.h"
#include "tests/sim/servers_run.h"

namespace tine {

class MemoryServer;
namespace process {
class ProcessServer;
}
namespace vfs {
class VfsServer;
}

// root, memory, vfs, process, console. Their state lives in the machine.
ServerBodies system_servers();

// Those of the running system that have begun; else null.
struct Servers {
  const MemoryServer* memory;
  const process::ProcessServer* process;
  const vfs::VfsServer* vfs;
};
Servers running_servers();

// What the servers of the running system say about themselves, for the checker.
struct TaskView {
  i32 pid;
  u64 cookie;
  bool is_live;  // else a zombie
  bool has_parent;
  u64 mm;  // MmId, 0: none
};
struct ServersView {
  u64 memory_mms = 0;  // live in the memory server
  u64 memory_objects = 0;
  u64 committed_pages = 0;
  u64 process_mms = 0;  // live in the process server
  u64 vfs_tasks = 0;
  // Records in the ring that the servers have not acted on yet.
  u64 mms_to_drop = 0;
  u64 tasks_to_make = 0;
  u64 tasks_to_drop = 0;
  u64 open_files = 0;
  std::vector<TaskView> tasks;
  // Of the calls whose answers they withhold.
  std::vector<u64> process_tokens;
  std::vector<u64> vfs_tokens;
};
ServersView view_servers();

}  // namespace tine

#endif  // TESTS_SIM_SERVER_BODIES_H_
