// Program files that run somewhere. The vfs server keeps them from being
// written to until it is told that they no longer do.
#ifndef SERVERS_PROCESS_EXEC_EXECUTABLES_H_
#define SERVERS_PROCESS_EXEC_EXECUTABLES_H_

#include "servers/process/process.h"
#include "servers/runtime/heap.h"

namespace tine::process {

struct Executable {
  u64 file = 0;   // the vfs server's id
  u32 users = 0;  // mms
  Executable* next_idle = nullptr;
};

class Executables {
 public:
  Executables(Heap& heap, u32 count) : records_(heap, count) {}

  // One that no mm runs yet. Null: no memory.
  Executable* make(u64 file) { return records_.make(Executable{.file = file}); }
  // One that no mm ever ran.
  void free(Executable& executable) { records_.free(&executable); }
  void run(Mm& mm, Executable& executable) {
    ++executable.users;
    mm.executable = &executable;
  }
  // The vfs server need not know at once: exits stay free of calls, and the
  // next exec, which calls it anyway, passes the news on.
  void stop(Mm& mm) {
    Executable* executable = mm.executable;
    mm.executable = nullptr;
    if (executable == nullptr || --executable->users != 0) return;
    executable->next_idle = idle_;
    idle_ = executable;
  }
  // Tells the vfs server of those that nobody runs any more.
  void close_idle();

  u64 live() const { return records_.live(); }
  const Executable* idle() const { return idle_; }

 private:
  Slab<Executable> records_;
  Executable* idle_ = nullptr;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_EXEC_EXECUTABLES_H_
