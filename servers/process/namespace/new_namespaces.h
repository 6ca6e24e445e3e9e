// Those that a call makes.
#ifndef SERVERS_PROCESS_NAMESPACE_NEW_NAMESPACES_H_
#define SERVERS_PROCESS_NAMESPACE_NEW_NAMESPACES_H_

#include "servers/process/namespace/pid_namespace.h"
#include "servers/process/namespace/uts_namespace.h"

namespace tine::process {

// Null: not asked for.
struct NewNamespaces {
  UtsNamespace* uts = nullptr;
  PidNamespace* pids = nullptr;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_NAMESPACE_NEW_NAMESPACES_H_
