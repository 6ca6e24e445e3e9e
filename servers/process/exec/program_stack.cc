// The initial stack of a program, from low to high: argc, argv, envp, auxiliary
// vector, random bytes, platform, strings of argv and envp, path, eight zeros.
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/exec/program_loader.h"
#include "servers/runtime/sys.h"

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

}  // namespace

i64 ProgramLoader::build_stack(const Task& task, const Mm& mm,
                               const ProgramIds& ids) {
  for (StringList* list : {&arguments_, &environment_}) {
    for (u64 i = 0; i < list->fixed_count; ++i) {
      list->bytes += length_of(list->fixed[i]) + 1;
    }
  }
  const u64 path_bytes = length_of(path_) + 1;
  const u64 string_bytes = path_bytes + arguments_.bytes + environment_.bytes;
  const u64 string_count = arguments_.strings() + environment_.strings();
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
  const u64 strings_at = path_at - environment_.bytes - arguments_.bytes;
  image_.arguments_at = strings_at;
  image_.environment_at = strings_at + arguments_.bytes;
  image_.environment_end = image_.environment_at + environment_.bytes;
  const u64 platform_at = strings_at - sizeof(kMachineName);
  const u64 random_at = (platform_at - kRandomBytes) & ~u64{15};
  const Credentials& credentials = task.credentials();
  const u64 auxiliary[] = {
      kAuxVdso,        kVdsoAddress,
      kAuxMinSigStack, kMinSigStackBytes,
      kAuxHwcap,       config_.hwcap,
      kAuxPageSize,    kPageSize,
      kAuxClockTicks,  u64{kClockTicks},
      kAuxPhdr,        image_.program_headers,
      kAuxPhent,       sizeof(ProgramHeader),
      kAuxPhnum,       image_.program_header_count,
      kAuxBase,        0,
      kAuxFlags,       0,
      kAuxEntry,       image_.entry,
      kAuxUid,         credentials.uid,
      kAuxEuid,        ids.user,
      kAuxGid,         credentials.gid,
      kAuxEgid,        ids.group,
      kAuxSecure,      u64{ids.is_secure},
      kAuxRandom,      random_at,
      kAuxHwcap2,      config_.hwcap2,
      kAuxExecName,    path_at,
      kAuxPlatform,    platform_at,
      kAuxNull,        0,
  };
  // argc, both arrays with their null ends, the vector.
  const u64 word_bytes =
      (1 + string_count + 2) * sizeof(u64) + sizeof(auxiliary);
  image_.stack_pointer = (random_at - word_bytes) & ~u64{15};

  strings_.begin(mm, random_at);
  words_.begin(mm, image_.stack_pointer);
  u8 random[kRandomBytes + 16] = {};  // and the gap to the platform's name
  random_.fill(random, kRandomBytes);
  constexpr u64 kZero = 0;
  error = strings_.write(random, platform_at - random_at);
  if (error == 0) error = strings_.write(kMachineName, sizeof(kMachineName));
  if (error == 0) error = words_.write_word(arguments_.strings());
  if (error == 0) error = reader_.copy(arguments_, strings_, words_);
  if (error == 0) error = reader_.copy(environment_, strings_, words_);
  if (error == 0) error = strings_.write(path_, path_bytes);
  if (error == 0) error = strings_.write(&kZero, sizeof(kZero));
  if (error == 0) error = words_.write(auxiliary, sizeof(auxiliary));
  if (error == 0) error = strings_.flush();
  if (error == 0) error = words_.flush();
  return error;
}

}  // namespace tine::process
