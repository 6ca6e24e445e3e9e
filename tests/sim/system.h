// The whole system in this process: kernel, servers, scripted programs.
#ifndef TESTS_SIM_SYSTEM_H_
#define TESTS_SIM_SYSTEM_H_

#include <memory>
#include <string>
#include <vector>

#include "arch/sim/image.h"
#include "arch/sim/user.h"
#include "kernel/trace.h"
#include "servers/linux_abi/arch/syscall_numbers.h"
#include "tests/sim/call_ledger.h"
#include "tests/sim/servers_run.h"

namespace tine {

using linux_abi::Nr;
using sim::Script;
using sim::User;

struct SystemConfig {
  u64 memory_bytes = u64{48} << 20;
  u64 seed = 1;
  std::string command_line = {};
  // Check the invariants before each k-th return to a program; 0: never.
  u64 check_every = 1;
};

class System {
 public:
  explicit System(SystemConfig config = {});

  // Before run(). Paths have no leading slash. A program's data segment begins
  // with `data` (arch/sim/image.h).
  void add_program(const std::string& path, Script script, u64 data = 0);
  void add_file(const std::string& path, const std::string& data,
                u32 mode = 0100644);

  // Boots with that script as /init; runs to the end.
  sim::RunState run(Script init);

  u32 status() const { return servers_->machine().status(); }
  sim::RunState state() const { return servers_->machine().state(); }
  // With tine.trace=fork on the command line: the steps since the start or the
  // last clear, in order, with the kernel's of every call.
  const std::vector<TraceRecord>& trace() const { return trace_; }
  void clear_trace() { trace_.clear(); }

  // What programs wrote, and the log in one text.
  std::string output() const;
  std::string log() const;

  // While it runs, from a script: what there is in the machine. Pending
  // teardown is finished first, and the memory server reads its ring.
  struct Counts {
    u64 free_frames;  // with those of slabs, which are free for objects
    u64 spaces;
    u64 threads;
    u64 objects;
    u64 committed_pages;
    u64 tasks;
    u64 open_files;
    auto operator<=>(const Counts&) const = default;
  };
  static Counts counts();

 private:
  struct Program {
    std::string path;
    u64 entry;
    Script script;
  };

  SystemConfig config_;
  std::vector<sim::ArchiveEntry> files_;
  std::vector<Program> programs_;
  void record(TraceStep step, const Thread& caller, const Thread& server);
  void record_kernel_steps();

  CallLedger calls_;
  std::vector<TraceRecord> trace_;
  u32 traced_ = 0;  // so much of the kernel's ring is in `trace_`
  std::unique_ptr<ServersRun> servers_;
  u64 returns_ = 0;
};

std::ostream& operator<<(std::ostream& out, const System::Counts& counts);

// ---- shorthands for scripts -------------------------------------------------
template <typename... Arguments>
i64 call(User& user, Nr number, Arguments... arguments) {
  return user.syscall(static_cast<u64>(number),
                      {static_cast<u64>(arguments)...});
}
i64 wait4(User& user, i64 pid, u64 status_address, u32 options = 0);

}  // namespace tine

#endif  // TESTS_SIM_SYSTEM_H_
