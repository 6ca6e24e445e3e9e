#include "servers/process/exec/program_loader.h"

#include "servers/linux_abi/errno.h"
#include "servers/process/mm_table.h"
#include "servers/runtime/sys.h"

namespace tine::process {

using namespace linux_abi;

ProgramLoader::ProgramLoader(UserMemory& memory, Random& random,
                             const ServerConfig& config)
    : random_(random),
      config_(config),
      program_(kProgramHandle),
      memory_(memory),
      reader_(memory),
      words_(memory),
      strings_(memory) {}

// Into path_, up to its NUL; page by page, as it may end before one that is not
// there.
i64 ProgramLoader::read_path(const Mm& mm, u64 from) {
  for (u64 done = 0; done < kPathMax;) {
    const u64 in_page = kPageSize - ((from + done) & kPageMask);
    // Most paths are short: a first small piece spares copying a page.
    u64 count = done == 0 && in_page > 128 ? 128 : in_page;
    if (count > kPathMax - done) count = kPathMax - done;
    if (memory_.read(mm, from + done, path_ + done, count) != 0) return -EFAULT;
    for (u64 i = done; i < done + count; ++i) {
      if (path_[i] == '\0') return i == 0 ? -ENOENT : 0;
    }
    done += count;
  }
  return -ENAMETOOLONG;
}

// The name that a program or script finds itself by.
i64 ProgramLoader::prepend_descriptor(i32 fd) {
  if (fd < 0) return -EBADF;
  constexpr char kDirectory[] = "/dev/fd/";
  constexpr u64 kDirectoryBytes = sizeof(kDirectory) - 1;
  char digits[10];
  u64 count = 0;
  for (i32 left = fd; left != 0 || count == 0; left /= 10) {
    digits[count++] = static_cast<char>('0' + left % 10);
  }
  const u64 length = length_of(path_);
  const u64 before = kDirectoryBytes + count + (length != 0 ? 1 : 0);
  if (before + length + 1 > kPathMax) return -ENAMETOOLONG;
  for (u64 i = length + 1; i != 0; --i) path_[before + i - 1] = path_[i - 1];
  for (u64 i = 0; i < kDirectoryBytes; ++i) path_[i] = kDirectory[i];
  for (u64 i = 0; i < count; ++i) {
    path_[kDirectoryBytes + i] = digits[count - 1 - i];
  }
  if (length != 0) path_[before - 1] = '/';
  fd_ = fd;
  return 0;
}

i64 ProgramLoader::measure_arguments() {
  static constexpr const char* kNoArguments[] = {""};
  i64 error = reader_.count(arguments_);
  if (error == 0) error = reader_.count(environment_);
  if (error == 0) error = reader_.measure(arguments_);
  if (error == 0) error = reader_.measure(environment_);
  if (error == 0 && arguments_.strings() == 0) {
    // There is always an argv[0].
    arguments_.fixed = kNoArguments;
    arguments_.fixed_count = 1;
  }
  return error;
}

// Linux's order of checks.
i64 ProgramLoader::begin(const Mm& old, const ProgramPath& path, u64 argv,
                         u64 envp) {
  fd_ = -1;
  flags_ = path.flags;
  i64 error = read_path(old, path.path);
  if (error == -ENOENT && (path.flags & kAtEmptyPath) != 0) {
    // A directory is no program.
    error = path.directory == kAtFdCwd ? -EACCES : 0;
    // The descriptor's link is followed in any case.
    flags_ = 0;
  }
  if (error == 0 && path.directory != kAtFdCwd && path_[0] != '/') {
    error = prepend_descriptor(path.directory);
  }
  if (error != 0) return error;
  arguments_ = {.array = argv};
  environment_ = {.array = envp};
  reader_.begin(old);
  return measure_arguments();
}

void ProgramLoader::begin(const char* path, const StringList& arguments,
                          const StringList& environment) {
  const u64 bytes = length_of(path) + 1;
  for (u64 i = 0; i < bytes; ++i) path_[i] = path[i];
  fd_ = -1;
  flags_ = 0;
  arguments_ = arguments;
  environment_ = environment;
}

i64 ProgramLoader::open(const Task& task, const char* path, bool* is_script) {
  // An interpreter's path is a plain one.
  const bool is_first = path == path_;
  if (const i64 error =
          program_.open(task, path, is_first ? fd_ : -1, is_first ? flags_ : 0);
      error != 0) {
    return error;
  }
  head_bytes_ =
      program_.bytes() < sizeof(head_) ? program_.bytes() : sizeof(head_);
  i64 error = program_.read(0, head_, head_bytes_);
  *is_script = head_bytes_ >= 2 && head_[0] == '#' && head_[1] == '!';
  if (error == 0 && !*is_script) return 0;
  // By the time that it would be read, its descriptor is closed.
  if (error == 0 && program_.is_inaccessible()) error = -ENOENT;
  program_.close();
  ProgramFile::forget(program_.id());
  return error;
}

i64 ProgramLoader::find(const Task& task) {
  const char* path = path_;
  first_prefix_ = kMostPrefix;
  for (u32 scripts = 0; scripts <= kMostScripts; ++scripts) {
    bool is_script;
    i64 error = open(task, path, &is_script);
    if (error != 0 || !is_script) return error;
    if (scripts == kMostScripts) break;
    error = follow_script(path, scripts, &path);
    if (error != 0) return error;
  }
  return -ELOOP;
}

// The script at `path`, the one after `scripts` others, is in head_.
i64 ProgramLoader::follow_script(const char* path, u32 scripts,
                                 const char** interpreter) {
  char (&line)[kScriptLineBytes] = script_lines_[scripts];
  for (u64 i = 0; i < sizeof(line); ++i) {
    line[i] = i < head_bytes_ ? static_cast<char>(head_[i]) : '\0';
  }
  const char* argument;
  if (!split_script_line(line, interpreter, &argument)) return -ENOEXEC;
  // To Linux the empty path is a directory here.
  if (**interpreter == '\0') return -EACCES;
  // The name that the script was called by gives way to its path.
  if (scripts != 0) {
    ++first_prefix_;
  } else if (arguments_.first < arguments_.count) {
    const i64 error = reader_.drop_first(arguments_);
    if (error != 0) return error;
  }
  prefix_[--first_prefix_] = path;
  if (argument != nullptr) prefix_[--first_prefix_] = argument;
  prefix_[--first_prefix_] = *interpreter;
  arguments_.fixed = &prefix_[first_prefix_];
  arguments_.fixed_count = kMostPrefix - first_prefix_;
  return 0;
}

ProgramIds ProgramLoader::ids(const Task& task) const {
  const Credentials& its = task.credentials();
  ProgramIds ids{its.euid, its.egid, false};
  if (!task.inherited.no_new_privileges) {
    constexpr u32 kGroupExecutes = 010;
    constexpr u32 kSetsGroup = kModeSetGid | kGroupExecutes;
    if ((program_.mode() & kModeSetUid) != 0) ids.user = program_.user();
    if ((program_.mode() & kSetsGroup) == kSetsGroup) {
      ids.group = program_.group();
    }
  }
  ids.is_secure = ids.user != its.uid || ids.group != its.gid;
  return ids;
}

i64 ProgramLoader::load(const Task& task, Mm& mm, const ProgramIds& ids) {
  const sys::Message made =
      sys::call(kCallMemory, sys::make_message(MemoryLabel::kMmNew, mm.space));
  if (sys::result_of(made, -ENOMEM) != 0) return -ENOMEM;
  mm.id = made.words[1];
  i64 error = load_segments(task, mm);
  if (error == 0) {
    error = sys::result_of(
        sys::call(kCallMemory, sys::make_message(MemoryLabel::kMmSetBreak,
                                                 mm.id, image_.end)),
        -ENOMEM);
  }
  if (error == 0) error = build_stack(task, mm, ids);
  if (error != 0) abort_mm(mm);
  return error;
}

}  // namespace tine::process
