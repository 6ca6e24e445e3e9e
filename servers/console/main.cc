#include <new>

#include "servers/console/console_server.h"
#include "servers/runtime/server_main.h"

namespace tine {

void server_main() {
  alignas(ConsoleServer) static u8 storage[sizeof(ConsoleServer)];
  serve(*new (storage) ConsoleServer());
}

}  // namespace tine
