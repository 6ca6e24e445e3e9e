// Which file exec runs: opening it, and following #! lines (binfmt_script).
#include "servers/linux_abi/errno.h"
#include "servers/process/exec_work.h"
#include "servers/process/process_server.h"
#include "servers/protocol/vfs.h"

namespace tine::process {

using namespace linux_abi;

namespace {

u64 length_of(const char* text) {
  u64 length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// The words of a #! line: "#! interpreter [one argument]". The line is cut into
// NUL-terminated strings in place. False: not a line that can be run.
bool split_script_line(char (&line)[kScriptLineBytes], const char** interpreter,
                       const char** argument) {
  constexpr u64 kLast = kScriptLineBytes - 1;
  u64 end = 0;
  while (end < kScriptLineBytes && line[end] != '\n') ++end;
  if (end == kScriptLineBytes) {
    // No end of line: the name must at least end within what was read.
    u64 at = 2;
    while (at < kLast && is_blank(line[at])) ++at;
    if (at == kLast) return false;
    while (at < kLast && !is_blank(line[at]) && line[at] != '\0') ++at;
    if (at == kLast) return false;
    end = kLast;
  }
  while (end > 2 && is_blank(line[end - 1])) --end;
  line[end] = '\0';
  u64 name = 2;
  while (name < end && is_blank(line[name])) ++name;
  if (name == end || line[name] == '\0') return false;
  *interpreter = &line[name];
  *argument = nullptr;
  u64 at = name;
  while (at < end && !is_blank(line[at]) && line[at] != '\0') ++at;
  if (at == end || line[at] == '\0') return true;
  line[at++] = '\0';
  while (at < end && is_blank(line[at])) ++at;
  if (at < end && line[at] != '\0') *argument = &line[at];
  return true;
}

}  // namespace

i64 ProcessServer::open_program(const Task& task, const char* path,
                                Handle handle, ProgramFile& file) {
  const sys::Message answer =
      sys::call(kCallVfs, sys::make_message(VfsLabel::kExecOpen, task.cookie(),
                                            reinterpret_cast<u64>(path),
                                            length_of(path), handle));
  const i64 error = sys::result_of(answer, -EIO);
  if (error != 0) return error;
  file = {answer.words[1], answer.words[2], answer.words[4]};
  return 0;
}

void ProcessServer::close_program(Handle handle) {
  (void)sys::run({OpCode::kHandleClose, handle});
}

i64 ProcessServer::read_program(u64 offset, void* to, u64 bytes) {
  const ProgramFile& program = exec_.program;
  if (offset > program.bytes || bytes > program.bytes - offset) {
    return -ENOEXEC;
  }
  return sys::copy_in(kProgramHandle, offset, to, bytes).status == Status::kOk
             ? 0
             : -EIO;
}

// Leaves the program's object open as kProgramHandle, or nothing on failure.
i64 ProcessServer::find_program(const Task& task) {
  ExecWork& work = exec_;
  const char* path = work.path;
  u32 first = ExecWork::kMostPrefix;
  for (u32 scripts = 0;; ++scripts) {
    if (scripts > kMostScripts) return -ELOOP;
    if (const i64 error =
            open_program(task, path, kProgramHandle, work.program);
        error != 0) {
      return error;
    }
    work.head_bytes = work.program.bytes < sizeof(work.head)
                          ? work.program.bytes
                          : sizeof(work.head);
    i64 error = read_program(0, work.head, work.head_bytes);
    const bool is_script =
        work.head_bytes > 2 && work.head[0] == '#' && work.head[1] == '!';
    if (error == 0 && !is_script) return 0;
    const u64 file = work.program.file;
    close_program(kProgramHandle);
    (void)sys::call(kCallVfs, sys::make_message(VfsLabel::kExecClose, file));
    if (error != 0) return error;
    if (scripts == kMostScripts) return -ELOOP;

    char (&line)[kScriptLineBytes] = work.script_lines[scripts];
    for (u64 i = 0; i < sizeof(line); ++i) {
      line[i] = i < work.head_bytes ? static_cast<char>(work.head[i]) : '\0';
    }
    const char* interpreter;
    const char* argument;
    if (!split_script_line(line, &interpreter, &argument)) return -ENOEXEC;
    // The name that the script was called by gives way to its path.
    StringList& list = work.arguments;
    if (list.fixed_count != 0) {
      ++first;
    } else if (list.first < list.count) {
      u64 pointer;
      u64 length;
      error = read_pointer(list.array, &pointer);
      if (error == 0) error = string_length(pointer, &length);
      if (error != 0) return error;
      list.bytes -= length + 1;
      list.first = 1;
    }
    work.prefix[--first] = path;
    if (argument != nullptr) work.prefix[--first] = argument;
    work.prefix[--first] = interpreter;
    list.fixed = &work.prefix[first];
    list.fixed_count = ExecWork::kMostPrefix - first;
    path = interpreter;
  }
}

void ProcessServer::run_executable(Mm& mm, Executable& executable) {
  ++executable.users;
  mm.executable = &executable;
}

// The vfs server need not know at once: exits stay free of calls, and the next
// exec, which calls it anyway, passes the news on.
void ProcessServer::stop_executable(Mm& mm) {
  Executable* executable = mm.executable;
  mm.executable = nullptr;
  if (executable == nullptr || --executable->users != 0) return;
  executable->next_idle = idle_executables_;
  idle_executables_ = executable;
}

void ProcessServer::close_idle_executables() {
  while (Executable* executable = idle_executables_) {
    idle_executables_ = executable->next_idle;
    (void)sys::call(kCallVfs,
                    sys::make_message(VfsLabel::kExecClose, executable->file));
    executables_.free(executable);
  }
}

}  // namespace tine::process
