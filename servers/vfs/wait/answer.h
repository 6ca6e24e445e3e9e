// What a call that is done says: its result, or a raise with one.
#ifndef SERVERS_VFS_WAIT_ANSWER_H_
#define SERVERS_VFS_WAIT_ANSWER_H_

#include "kernel/base/types.h"

namespace tine::vfs {

struct Answer {
  bool is_there = false;  // else it is withheld
  u64 raise = 0;          // words[0] of kReplyRaise; 0: a plain result
  u64 first = 0;          // words[1] of a raise, or the result
  u64 result = 0;         // words[3] of a raise
  bool is_gone = false;   // the caller is dead
  u64 second = 0;         // words[2] of a raise
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_WAIT_ANSWER_H_
