// Builds the memory of a new program beside the old one: finds its file, loads
// it, and lays out its stack. There is one of it: the process server carries
// out one exec at a time, from start to end.
#ifndef SERVERS_PROCESS_EXEC_PROGRAM_LOADER_H_
#define SERVERS_PROCESS_EXEC_PROGRAM_LOADER_H_

#include "servers/linux_abi/elf.h"
#include "servers/linux_abi/fcntl.h"
#include "servers/linux_abi/file.h"
#include "servers/process/exec/argument_reader.h"
#include "servers/process/exec/program_file.h"
#include "servers/process/exec/program_image.h"
#include "servers/process/exec/script.h"
#include "servers/process/exec/space_writer.h"
#include "servers/process/task.h"
#include "servers/process/user_memory.h"
#include "servers/protocol/bootstrap.h"
#include "servers/runtime/random.h"

namespace tine::process {

// As execveat says it.
struct ProgramPath {
  u64 path;
  i32 directory = linux_abi::kAtFdCwd;
  u32 flags = 0;  // AT_*
};

// The effective ids that a program starts with.
struct ProgramIds {
  u32 user;
  u32 group;
  bool is_secure;  // AT_SECURE: it must not trust who started it
};

// Results are 0 or a negated errno. In this order: begin(), find(), load(),
// close().
class ProgramLoader {
 public:
  ProgramLoader(UserMemory& memory, Random& random, const ServerConfig& config);

  // Reads path and arguments, which lie in the memory of the old program.
  i64 begin(const Mm& old, const ProgramPath& path, u64 argv, u64 envp);
  // The same with what this server has: for process 1.
  void begin(const char* path, const StringList& arguments,
             const StringList& environment);
  // Opens the program; of a script its interpreter. On failure nothing is open.
  i64 find(const Task& task);
  // bprm_fill_uid(): as the task has them, or as the file found says.
  ProgramIds ids(const Task& task) const;
  // `mm` is a record with nothing behind it yet; on failure again.
  i64 load(const Task& task, Mm& mm, const ProgramIds& ids);
  // The file's object. That the file runs the vfs server still knows.
  void close() { program_.close(); }

  const char* path() const { return path_; }
  const ProgramImage& image() const { return image_; }
  u64 file() const { return program_.id(); }

 private:
  // ---- program_loader.cc
  i64 read_path(const Mm& mm, u64 from);
  i64 prepend_descriptor(i32 fd);
  i64 measure_arguments();
  i64 open(const Task& task, const char* path, bool* is_script);
  i64 follow_script(const char* path, u32 scripts, const char** interpreter);

  // ---- elf_loader.cc
  i64 load_segments(const Task& task, const Mm& mm);
  i64 choose_bias(const Task& task, u64* bias);
  i64 map_segment(const Mm& mm, const linux_abi::ProgramHeader& segment,
                  u64 bias, u64* end);
  i64 refuse_interpreter(const Task& task,
                         const linux_abi::ProgramHeader& segment);
  i64 read_program_header(u32 index, linux_abi::ProgramHeader* header) const;
  const linux_abi::ElfHeader& elf() const {
    return *reinterpret_cast<const linux_abi::ElfHeader*>(head_);
  }

  // ---- program_stack.cc
  i64 build_stack(const Task& task, const Mm& mm, const ProgramIds& ids);

  Random& random_;
  const ServerConfig& config_;

  char path_[linux_abi::kPathMax];
  i32 fd_ = -1;    // from which the path leads; -1: none
  u32 flags_ = 0;  // AT_* of execveat
  StringList arguments_;
  StringList environment_;
  // Strings that scripts put before the arguments; filled from the end.
  static constexpr u32 kMostPrefix = 3 + 2 * kMostScripts;
  const char* prefix_[kMostPrefix];
  u32 first_prefix_;
  char script_lines_[kMostScripts][kScriptLineBytes];

  // The file that will run, and its beginning.
  ProgramFile program_;
  alignas(8) u8 head_[1024];
  u64 head_bytes_ = 0;

  UserMemory& memory_;
  ArgumentReader reader_;
  SpaceWriter words_;
  SpaceWriter strings_;
  ProgramImage image_;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_EXEC_PROGRAM_LOADER_H_
