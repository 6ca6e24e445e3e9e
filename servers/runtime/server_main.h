#ifndef SERVERS_RUNTIME_SERVER_MAIN_H_
#define SERVERS_RUNTIME_SERVER_MAIN_H_

namespace tine {

// Where a server begins, on its own stack, its memory and handles in place
// (servers/protocol/bootstrap.h). Must not return.
extern "C" void server_main();

}  // namespace tine

#endif  // SERVERS_RUNTIME_SERVER_MAIN_H_
