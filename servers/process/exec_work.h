// What exec works with between its first check and its commit. There is one of
// it: the process server carries out one exec at a time, from start to end.
#ifndef SERVERS_PROCESS_EXEC_WORK_H_
#define SERVERS_PROCESS_EXEC_WORK_H_

#include "kernel/base/address.h"
#include "servers/linux_abi/elf.h"
#include "servers/linux_abi/file.h"
#include "servers/process/task.h"

namespace tine::process {

// A page of the old program's memory, as read.
struct Window {
  u64 start = 1;  // not a page: nothing is here
  alignas(8) u8 data[kPageSize];
};

// Writes upwards into the new program's memory, a buffer at a time.
struct SpaceWriter {
  u64 address = 0;  // of buffer[0]
  u64 used = 0;
  u8 buffer[1024];
};

// argv or envp: strings of this server's, then those of an array of pointers
// in the old program's memory, from number `first` to `count`.
struct StringList {
  const char* const* fixed = nullptr;
  u64 fixed_count = 0;
  u64 array = 0;
  u64 first = 0;
  u64 count = 0;
  u64 bytes = 0;  // of all of them with their NULs

  u64 strings() const { return fixed_count + count - first; }
};

struct ProgramFile {
  ObjectId object = 0;
  u64 bytes = 0;
  u64 file = 0;  // the vfs server's id
};

// Linux: BINPRM_BUF_SIZE, and how many scripts may run one another.
inline constexpr u64 kScriptLineBytes = 256;
inline constexpr u32 kMostScripts = 5;

struct ExecWork {
  const Mm* source = nullptr;  // the old program's
  char path[linux_abi::kPathMax];
  StringList arguments;
  StringList environment;

  // The file that will run, and its beginning.
  ProgramFile program;
  alignas(8) u8 head[1024];
  u64 head_bytes = 0;

  // Strings that scripts put before the arguments; filled from the end.
  static constexpr u32 kMostPrefix = 3 + 2 * kMostScripts;
  const char* prefix[kMostPrefix];
  char script_lines[kMostScripts][kScriptLineBytes];

  // Of the loaded program.
  u64 entry = 0;
  u64 program_headers = 0;  // address, 0 if they are not in memory
  u64 program_header_count = 0;
  u64 end = 0;  // of the highest segment
  u64 stack_pointer = 0;
  u64 code_start = 0;  // the segment that is executed from
  u64 code_end = 0;
  u64 arguments_at = 0;
  u64 environment_at = 0;
  u64 environment_end = 0;

  Window pointer_window;
  Window string_window;
  SpaceWriter pointer_writer;
  SpaceWriter string_writer;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_EXEC_WORK_H_
