#include "servers/process/exec/program_file.h"

#include "servers/linux_abi/errno.h"
#include "servers/process/exec/string_list.h"
#include "servers/protocol/vfs.h"
#include "servers/runtime/sys.h"

namespace tine::process {

using namespace linux_abi;

i64 ProgramFile::open(const Task& task, const char* path, i32 fd, u32 flags) {
  const sys::Message answer = sys::call(
      kCallVfs, sys::make_message(VfsLabel::kExecOpen, task.cookie(),
                                  reinterpret_cast<u64>(path), length_of(path),
                                  handle_, fd + 1, flags));
  const i64 error = sys::result_of(answer, -EIO);
  if (error != 0) return error;
  object_ = answer.words[1];
  bytes_ = answer.words[2];
  mode_ = static_cast<u32>(answer.words[3]);
  file_ = answer.words[4];
  user_ = static_cast<u32>(answer.words[5]);
  group_ = static_cast<u32>(answer.words[6]);
  is_inaccessible_ = answer.words[7] != 0;
  return 0;
}

i64 ProgramFile::read(u64 offset, void* to, u64 bytes) const {
  if (offset > bytes_ || bytes > bytes_ - offset) return -ENOEXEC;
  return sys::copy_in(handle_, offset, to, bytes).status == Status::kOk ? 0
                                                                        : -EIO;
}

void ProgramFile::close() { (void)sys::run({OpCode::kHandleClose, handle_}); }

void ProgramFile::forget(u64 file) {
  (void)sys::call(kCallVfs, sys::make_message(VfsLabel::kExecClose, file));
}

}  // namespace tine::process
