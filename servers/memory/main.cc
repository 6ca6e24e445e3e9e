#include <new>

#include "servers/memory/memory_server.h"
#include "servers/runtime/server_main.h"

namespace tine {

void server_main() {
  alignas(MemoryServer) static u8 storage[sizeof(MemoryServer)];
  serve(*new (storage) MemoryServer(sys::config()));
}

}  // namespace tine
