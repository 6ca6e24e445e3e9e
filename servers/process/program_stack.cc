// The initial stack of a program, from low to high: argc, argv, envp, auxiliary
// vector, random bytes, platform, strings of argv and envp, path, eight zeros.
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/exec_work.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

constexpr u64 kStackBytes = 8 * 1024 * 1024;  // _STK_LIM
constexpr u64 kMostStackBytes = 256 * 1024 * 1024;
constexpr u64 kLeastStackBytes = 512 * 1024;
constexpr u64 kLeastArgumentBytes = 128 * 1024;  // ARG_MAX
constexpr u64 kRandomBytes = 16;

u64 stack_limit(const Task& task) {
  return task.process->limits[kLimitStack].soft;
}

u64 stack_bytes(const Task& task) {
  const u64 limit = stack_limit(task);
  if (limit == kUnlimited) return kStackBytes;
  if (limit < kLeastStackBytes) return kLeastStackBytes;
  return page_round_down(limit < kMostStackBytes ? limit : kMostStackBytes);
}

// bprm_stack_limits(): a quarter of the stack, within bounds.
u64 most_argument_bytes(const Task& task) {
  u64 most = stack_limit(task) / 4;
  if (most > kStackBytes / 4 * 3) most = kStackBytes / 4 * 3;
  return most < kLeastArgumentBytes ? kLeastArgumentBytes : most;
}

u64 length_of(const char* text) {
  u64 length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

}  // namespace

i64 ProcessServer::build_stack(const Task& task, Mm& mm) {
  ExecWork& work = exec_;
  StringList& arguments = work.arguments;
  StringList& environment = work.environment;
  for (StringList* list : {&arguments, &environment}) {
    for (u64 i = 0; i < list->fixed_count; ++i) {
      list->bytes += length_of(list->fixed[i]) + 1;
    }
  }
  const u64 path_bytes = length_of(work.path) + 1;
  const u64 string_bytes = path_bytes + arguments.bytes + environment.bytes;
  const u64 string_count = arguments.strings() + environment.strings();
  const u64 most = most_argument_bytes(task);
  if (string_bytes > most || string_count > (most - string_bytes) / 8) {
    return -E2BIG;
  }
  i64 error = sys::result_of(
      sys::call(kCallMemory, sys::make_message(MemoryLabel::kMmSetStack, mm.id,
                                               kStackTop - stack_bytes(task),
                                               kStackTop, stack_limit(task))),
      -ENOMEM);
  if (error != 0) return -ENOMEM;

  const u64 path_at = kStackTop - sizeof(u64) - path_bytes;
  const u64 strings_at = path_at - environment.bytes - arguments.bytes;
  work.arguments_at = strings_at;
  work.environment_at = strings_at + arguments.bytes;
  work.environment_end = work.environment_at + environment.bytes;
  const u64 platform_at = strings_at - sizeof(kMachineName);
  const u64 random_at = (platform_at - kRandomBytes) & ~u64{15};
  const Credentials& credentials = task.credentials();
  const bool secure = credentials.uid != credentials.euid ||
                      credentials.gid != credentials.egid;
  const u64 auxiliary[] = {
      kAuxVdso,        kVdsoAddress,
      kAuxMinSigStack, kMinSigStackBytes,
      kAuxHwcap,       config_.hwcap,
      kAuxPageSize,    kPageSize,
      kAuxClockTicks,  u64{kClockTicks},
      kAuxPhdr,        work.program_headers,
      kAuxPhent,       sizeof(ProgramHeader),
      kAuxPhnum,       work.program_header_count,
      kAuxBase,        0,
      kAuxFlags,       0,
      kAuxEntry,       work.entry,
      kAuxUid,         credentials.uid,
      kAuxEuid,        credentials.euid,
      kAuxGid,         credentials.gid,
      kAuxEgid,        credentials.egid,
      kAuxSecure,      secure ? u64{1} : 0,
      kAuxRandom,      random_at,
      kAuxHwcap2,      config_.hwcap2,
      kAuxExecName,    path_at,
      kAuxPlatform,    platform_at,
      kAuxNull,        0,
  };
  // argc, both arrays with their null ends, the vector.
  const u64 word_bytes =
      (1 + string_count + 2) * sizeof(u64) + sizeof(auxiliary);
  work.stack_pointer = (random_at - word_bytes) & ~u64{15};

  SpaceWriter& strings = work.string_writer;
  SpaceWriter& words = work.pointer_writer;
  strings.address = random_at;
  words.address = work.stack_pointer;
  strings.used = words.used = 0;
  u8 random[kRandomBytes + 16] = {};  // and the gap to the platform's name
  random_.fill(random, kRandomBytes);
  constexpr u64 kZero = 0;
  error = emit(mm, strings, random, platform_at - random_at);
  if (error == 0) {
    error = emit(mm, strings, kMachineName, sizeof(kMachineName));
  }
  if (error == 0) error = emit_word(mm, words, arguments.strings());
  if (error == 0) error = emit_strings(mm, arguments, strings, words);
  if (error == 0) error = emit_strings(mm, environment, strings, words);
  if (error == 0) error = emit(mm, strings, work.path, path_bytes);
  if (error == 0) error = emit(mm, strings, &kZero, sizeof(kZero));
  if (error == 0) error = emit(mm, words, auxiliary, sizeof(auxiliary));
  if (error == 0) error = flush(mm, strings);
  if (error == 0) error = flush(mm, words);
  return error;
}

}  // namespace tine::process
