#include "servers/process/process_server.h"
#include "servers/runtime/server_main.h"

namespace tine {

void server_main() {
  const ServerConfig& config = sys::config();
  alignas(Heap) static u8 heap_storage[sizeof(Heap)];
  alignas(ProcessServer) static u8 storage[sizeof(ProcessServer)];
  Heap& heap = *new (heap_storage) Heap(config.heap_base, config.heap_bytes);
  ProcessServer& server = *new (storage) ProcessServer(heap, config);
  server.start();
  serve(server);
}

}  // namespace tine
