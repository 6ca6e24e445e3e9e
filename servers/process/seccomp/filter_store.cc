#include "servers/process/seccomp/filter_store.h"

#include "servers/linux_abi/errno.h"

namespace tine::process {

using namespace linux_abi;

i64 FilterStore::read_instructions(const Task& task,
                                   const FilterProgram& program,
                                   SeccompFilter& filter) {
  constexpr u32 kEach = FilterPiece::kInstructions;
  while (filter.length < program.length) {
    const u32 done = filter.length;
    const u32 left = program.length - done;
    const u32 count = left < kEach ? left : kEach;
    FilterPiece* piece = pieces_.make();
    if (piece == nullptr) return -ENOMEM;
    filter.pieces[done / kEach] = piece;
    filter.length += count;
    if (user_.read(*task.mm,
                   program.instructions + u64{done} * sizeof(FilterInstruction),
                   piece->instructions,
                   u64{count} * sizeof(FilterInstruction)) != 0) {
      return -EFAULT;
    }
  }
  return 0;
}

SeccompFilter* FilterStore::read(const Task& task, u64 from, i64* error) {
  FilterProgram program;
  *error = -EFAULT;
  if (user_.read(*task.mm, from, program) != 0) return nullptr;
  *error = -EINVAL;
  if (program.length == 0 || program.length > kMostFilterInstructions) {
    return nullptr;
  }
  const SeccompFilter* previous = task.inherited.filter;
  const u32 path = program.length + kFilterPenalty +
                   (previous != nullptr ? previous->path : 0);
  *error = -ENOMEM;
  if (path - kFilterPenalty > kMostFilterPath) return nullptr;
  SeccompFilter* filter = filters_.make();
  if (filter == nullptr) return nullptr;
  filter->path = path;
  *error = read_instructions(task, program, *filter);
  if (*error == 0 && !check_filter(*filter)) *error = -EINVAL;
  if (*error == 0) return filter;
  drop(filter);
  return nullptr;
}

void FilterStore::drop(SeccompFilter* filter) {
  while (filter != nullptr && --filter->holders == 0) {
    SeccompFilter* previous = filter->previous;
    for (FilterPiece* piece : filter->pieces) {
      if (piece != nullptr) pieces_.free(piece);
    }
    filters_.free(filter);
    filter = previous;
  }
}

}  // namespace tine::process
