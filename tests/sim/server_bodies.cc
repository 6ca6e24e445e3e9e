#include "tests/sim/server_bodies.h"

#include <new>
#include <utility>

#include "arch/sim/machine.h"
#include "servers/console/console_server.h"
#include "servers/memory/memory_server.h"
#include "servers/process/process_server.h"
#include "servers/runtime/server_main.h"
#include "servers/vfs/vfs_server.h"

namespace tine {
namespace {

MemoryServer* memory_server = nullptr;
ProcessServer* process_server = nullptr;
vfs::VfsServer* vfs_server = nullptr;
Ring* ring = nullptr;

u64 unread(RingOp op) {
  u64 count = 0;
  if (ring == nullptr) return count;
  const RingReader reader =
      is_for_memory(op) ? RingReader::kMemory : RingReader::kVfs;
  for (u64 at = ring->head(reader).value; at != ring->tail.value; ++at) {
    count += ring->slots[at % Ring::kSlots].op == op;
  }
  return count;
}

// In wired memory, as all of a server's state is.
template <typename T, typename... Arguments>
T& make(Arguments&&... arguments) {
  return *new (sim::machine->take_wired(sizeof(T)))
      T(std::forward<Arguments>(arguments)...);
}

void run_root() {
  memory_server = nullptr;
  process_server = nullptr;
  vfs_server = nullptr;
  ring = nullptr;
  (void)boot_info();
  server_main();
}

void run_memory() {
  memory_server = &make<MemoryServer>(sys::config());
  serve(*memory_server);
}

void run_vfs() {
  vfs_server = &make<vfs::VfsServer>(sys::config());
  serve(*vfs_server);
}

void run_process() {
  const ServerConfig& config = sys::config();
  ring = reinterpret_cast<Ring*>(config.ring);
  Heap& heap = make<Heap>(config.heap_base, config.heap_bytes);
  process_server = &make<ProcessServer>(heap, config);
  process_server->start();
  serve(*process_server);
}

void run_console() { serve(make<ConsoleServer>()); }

}  // namespace

ServerBodies system_servers() {
  return {{"root", run_root},
          {"memory", run_memory},
          {"vfs", run_vfs},
          {"process", run_process},
          {"console", run_console}};
}

Servers running_servers() {
  return {memory_server, process_server, vfs_server};
}

ServersView view_servers() {
  ServersView view;
  if (memory_server != nullptr) {
    view.memory_mms = memory_server->mms().live();
    view.memory_objects = memory_server->objects().live();
    view.committed_pages = memory_server->committed_pages();
  }
  if (vfs_server != nullptr) {
    view.vfs_tasks = vfs_server->tasks().live();
    view.open_files = vfs_server->open_files();
    for (const vfs::Task& task : vfs_server->tasks()) {
      if (task.cookie != 0 && task.wait.token != 0) {
        view.vfs_tokens.push_back(task.wait.token);
      }
    }
  }
  view.mms_to_drop = unread(RingOp::kMmDrop);
  view.tasks_to_make = unread(RingOp::kFilesNew) + unread(RingOp::kFilesDup);
  view.tasks_to_drop = unread(RingOp::kFilesDrop);
  if (process_server == nullptr) return view;
  view.process_mms = process_server->live_mms();
  for (const process::Task& task : process_server->tasks()) {
    if (task.state == process::TaskState::kFree) continue;
    if (task.wait != process::Wait::kNone || task.has_ending) {
      view.process_tokens.push_back(task.token);
    }
    view.tasks.push_back({task.tid.value, task.cookie(),
                          task.state == process::TaskState::kLive,
                          task.process->parent != nullptr,
                          task.mm != nullptr ? task.mm->id : 0});
  }
  return view;
}

}  // namespace tine
