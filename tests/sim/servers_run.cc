#include "tests/sim/servers_run.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "arch/sim/image.h"
#include "kernel/memory/space.h"
#include "servers/root/start_server.h"
#include "servers/runtime/sys.h"

namespace tine {
namespace {

// The n-th server's code.
constexpr u64 entry_of(u64 n) { return sim::kTextAddress + 512 + 16 * n; }

sim::MachineConfig with_boot_image(sim::MachineConfig config,
                                   const ServerBodies& bodies) {
  std::vector<sim::ArchiveEntry> entries;
  u64 n = 0;
  for (const auto& [name, body] : bodies) {
    entries.push_back({name, 0100755, sim::make_elf(entry_of(n++), 0)});
  }
  config.boot_image = sim::make_archive(entries);
  return config;
}

}  // namespace

ServersRun::ServersRun(ServerBodies bodies, sim::MachineConfig config)
    : machine_(with_boot_image(std::move(config), bodies)) {
  u64 n = 0;
  for (auto& [name, body] : bodies) {
    const bool is_root = name == "root";
    machine_.add_code(entry_of(n++), [body = std::move(body), is_root] {
      body();
      if (is_root) sim::machine->power_off(0);
      for (;;) (void)sys::receive(kSelfEndpoint);
    });
  }
}

const BootInfo& boot_info() {
  next_handle = kFirstHandedOut;
  // Root's code has the address built in.
  void* const at = reinterpret_cast<void*>(kBootInfoAddress);
  void* const page = mmap(at, kPageSize, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (page != at) std::abort();
  Status status = Status::kOk;
  const u8* const from =
      space_window(*sim::machine->current().space, VirtAddr{kBootInfoAddress},
                   Access::kRead, status);
  if (from == nullptr) std::abort();
  std::memcpy(page, from, sizeof(BootInfo));
  return *static_cast<const BootInfo*>(page);
}

}  // namespace tine
