// All filters of system calls, in memory that comes in pieces.
#ifndef SERVERS_PROCESS_SECCOMP_FILTER_STORE_H_
#define SERVERS_PROCESS_SECCOMP_FILTER_STORE_H_

#include "servers/process/seccomp/filter.h"
#include "servers/process/task.h"
#include "servers/process/user_memory.h"
#include "servers/runtime/heap.h"

namespace tine::process {

class FilterStore {
 public:
  FilterStore(Heap& heap, UserMemory& user)
      : filters_(heap, kMostFilters), pieces_(heap, kMostPieces), user_(user) {}

  // The program whose sock_fprog lies at `from`, checked, to come before those
  // that the task has. Held once; null, with `error` set.
  SeccompFilter* read(const Task& task, u64 from, i64* error);
  // One hold of it, and with the last those of the filters before it.
  void drop(SeccompFilter* filter);

  u64 live() const { return filters_.live(); }
  u64 live_pieces() const { return pieces_.live(); }

 private:
  // For all programs together.
  static constexpr u64 kMostFilters = 512;
  static constexpr u64 kMostPieces = 1024;

  i64 read_instructions(const Task& task,
                        const linux_abi::FilterProgram& program,
                        SeccompFilter& filter);

  Slab<SeccompFilter> filters_;
  Slab<FilterPiece> pieces_;
  UserMemory& user_;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_SECCOMP_FILTER_STORE_H_
