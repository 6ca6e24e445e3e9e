// A system call in progress.
#ifndef SERVERS_VFS_CALL_H_
#define SERVERS_VFS_CALL_H_

#include "servers/vfs/task_files.h"
#include "servers/vfs/user_memory.h"

namespace tine::vfs {

// Of a system call that is answered later.
inline constexpr i64 kWithheld = INT64_MIN;

struct Call {
  Task& task;
  UserMemory user;
  const u64* arguments;
  u64 token;
  u64 badge;
  u32 number = 0;
  AnswerTo answer_to = AnswerTo::kProgram;

  // ---- kept from one run of a call that waits to the next
  bool is_again = false;       // it waited before
  u64 progress = 0;            // bytes moved in earlier runs
  u64 deadline = 0;            // ns; 0: waits without end
  bool does_not_wait = false;  // its timeout is nothing
  // What ends it when a signal does and there is no progress.
  i64 if_interrupted = kRestartSys;
  // The file it waits for, with a reference: closing the descriptor meanwhile
  // does not end the call.
  OpenFile* pinned = nullptr;
  u32 pinned_fd = 0;

  // A signal that comes with the result (SIGPIPE, SIGTTIN, SIGTTOU); 0: none.
  i32 raises = 0;
  // What the process server carries out instead, kRaise* of
  // servers/protocol/raise.h with its words 1 to 3; 0: nothing.
  u64 handed_on = 0;
  u64 words[3] = {};
  void hand_on(u64 raise, u64 first, u64 second, u64 third) {
    handed_on = raise;
    words[0] = first;
    words[1] = second;
    words[2] = third;
  }

  u64 operator[](unsigned n) const { return arguments[n]; }
  i32 as_int(unsigned n) const { return static_cast<i32>(arguments[n]); }
  u32 as_u32(unsigned n) const { return static_cast<u32>(arguments[n]); }
};

// The call waits for at most so long from now on (poll/timeout.cc).
void set_timeout(Call& call, u64 ns);
// May it wait no more?
bool is_over(const Call& call);

// Who gets the file's signals: a process, a thread, or by its negative number a
// group, as the caller sees it (descriptors.cc). 0, ESRCH, EINVAL.
i64 set_signal_owner(const Call& call, OpenFile& file, i32 owner,
                     bool is_thread);

// A file would get bigger than RLIMIT_FSIZE: the result, with its signal.
i64 too_big(Call& call);

}  // namespace tine::vfs

#endif  // SERVERS_VFS_CALL_H_
