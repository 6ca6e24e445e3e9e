// Where the parts of a loaded program lie in its memory.
#ifndef SERVERS_PROCESS_EXEC_PROGRAM_IMAGE_H_
#define SERVERS_PROCESS_EXEC_PROGRAM_IMAGE_H_

#include "kernel/base/types.h"

namespace tine::process {

// Addresses, unless it says otherwise.
struct ProgramImage {
  u64 entry = 0;
  u64 program_headers = 0;  // 0 if they are not in memory
  u64 program_header_count = 0;
  u64 end = 0;  // of the highest segment
  u64 stack_pointer = 0;
  u64 code_start = 0;  // the segment that is executed from
  u64 code_end = 0;
  u64 arguments_at = 0;
  u64 environment_at = 0;
  u64 environment_end = 0;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_EXEC_PROGRAM_IMAGE_H_
