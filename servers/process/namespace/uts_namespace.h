// What uname() calls the machine, for those that share it (CLONE_NEWUTS).
#ifndef SERVERS_PROCESS_NAMESPACE_UTS_NAMESPACE_H_
#define SERVERS_PROCESS_NAMESPACE_UTS_NAMESPACE_H_

#include "kernel/base/types.h"

namespace tine::process {

// For all programs together: ids are bytes.
inline constexpr u32 kMostUtsNamespaces = 256;

struct UtsNamespace {
  static constexpr u32 kBytes = 65;  // of each name, with its NUL

  u32 holders = 1;  // threads
  u8 id = 0;        // no other has it; 0: the first
  char node[kBytes] = "tine";
  char domain[kBytes] = "(none)";
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_NAMESPACE_UTS_NAMESPACE_H_
