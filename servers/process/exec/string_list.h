// argv or envp of a program that is to run.
#ifndef SERVERS_PROCESS_EXEC_STRING_LIST_H_
#define SERVERS_PROCESS_EXEC_STRING_LIST_H_

#include "kernel/base/types.h"

namespace tine::process {

// Strings of this server's, then those of an array of pointers in the old
// program's memory, from number `first` to `count`.
struct StringList {
  const char* const* fixed = nullptr;
  u64 fixed_count = 0;
  u64 array = 0;
  u64 first = 0;
  u64 count = 0;
  u64 bytes = 0;  // of all of them with their NULs

  u64 strings() const { return fixed_count + count - first; }
};

constexpr u64 length_of(const char* text) {
  u64 length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

}  // namespace tine::process

#endif  // SERVERS_PROCESS_EXEC_STRING_LIST_H_
