// Making one server: its space, heap, thread, endpoint and configuration.
#ifndef SERVERS_ROOT_START_SERVER_H_
#define SERVERS_ROOT_START_SERVER_H_

#include "kernel/abi/boot_info.h"
#include "servers/root/server_image.h"
#include "servers/runtime/sys.h"

namespace tine {

// The next slot of root's own table; below it are those that are used by name.
// A simulated machine begins with it anew.
inline constexpr Handle kFirstHandedOut = kRootFirstFree + 16;
inline Handle next_handle = kFirstHandedOut;

struct ServerPlan {
  const char* name;  // in the boot image
  ServerId id;
  u64 heap_bytes;
  u64 pool_frames;           // its own budget, for what it makes
  Handle ring = kNoHandle;   // the journal's page, if it has part in it
  Handle board = kNoHandle;  // the task board, likewise
  u32 board_records = 0;
  bool writes_board = false;
};

// Root's handles of a server.
struct StartedServer {
  ServerId id;
  Handle space;
  Handle thread;
  Handle endpoint;
  Handle notification;
};

// Ends the run with a report if a step of starting failed: there is no system
// without it.
void must(const sys::BatchResult& result);

// An object of zero pages to be mapped by several servers.
Handle make_shared(u64 bytes);

// Everything but publishing; the server's own handles are in its table.
StartedServer start_server(const ServerPlan& plan, const BootInfo& boot,
                           Handle fault_endpoint);
void publish(const StartedServer& server);

// A server broke a rule of the machine: names it and ends the run.
[[noreturn]] void report_server_fault(const sys::Message& fault);

}  // namespace tine

#endif  // SERVERS_ROOT_START_SERVER_H_
