#include <new>

#include "servers/runtime/server_main.h"
#include "servers/vfs/vfs_server.h"

namespace tine {

void server_main() {
  alignas(VfsServer) static u8 storage[sizeof(VfsServer)];
  serve(*new (storage) VfsServer(sys::config()));
}

}  // namespace tine
