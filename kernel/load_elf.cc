#include "kernel/load_elf.h"

#include "arch/hw/copy_page.h"
#include "arch/hw/mmu.h"
#include "arch/hw/page_table_format.h"
#include "kernel/base/elf.h"

namespace tine {
namespace {

// Headers may lie at any alignment in an archive.
template <typename T>
T read_header(const u8* from) {
  T header;
  hw::copy_bytes(reinterpret_cast<u8*>(&header), from, sizeof(T));
  return header;
}

// Repeats a progressive operation, `run(va, pages)`, until it is done or fails.
template <typename Run>
Status run_to_end(VirtAddr va, u64 pages, Run run) {
  for (;;) {
    const Progress progress = run(va, pages);
    if (progress.status != Status::kMore) return progress.status;
    va = va + progress.pages * kPageSize;
    pages -= progress.pages;
  }
}

Status protect(Space& space, VirtAddr va, u64 pages, u8 rights) {
  return run_to_end(va, pages, [&](VirtAddr at, u64 left) {
    return space_protect(space, at, left, rights);
  });
}

Status load_segment(Space& space, const u8* file, u64 file_bytes,
                    const elf::ProgramHeader& segment) {
  if (!elf::is_loadable(segment, file_bytes, hw::PageTableFormat::kUserTop)) {
    return Status::kInvalid;
  }
  if (segment.memory_bytes == 0) return Status::kOk;
  const VirtAddr address{segment.address};
  const u64 bytes = page_round_up(address.page_offset() + segment.memory_bytes);
  // Written first, then made what it is to be: no page is ever both.
  Status status = populate(space, address.page(), bytes, kRead | kWrite);
  if (status != Status::kOk) return status;
  status =
      write_space(space, address, file + segment.offset, segment.file_bytes);
  if (status != Status::kOk) return status;
  return protect(space, address.page(), bytes / kPageSize,
                 elf::rights_of(segment.flags));
}

}  // namespace

Status populate(Space& space, VirtAddr va, u64 bytes, u8 rights) {
  return run_to_end(va, page_round_up(bytes) / kPageSize,
                    [&](VirtAddr at, u64 left) {
                      return space_populate(space, at, left, rights);
                    });
}

Status write_space(Space& space, VirtAddr va, const u8* from, u64 bytes) {
  while (bytes > 0) {
    Status status = Status::kOk;
    u8* window = space_window(space, va, Access::kRead, status);
    if (window == nullptr) return status;
    u64 chunk = kPageSize - va.page_offset();
    if (chunk > bytes) chunk = bytes;
    hw::copy_bytes(window, from, chunk);
    hw::sync_icache(window, chunk);
    va = va + chunk;
    from += chunk;
    bytes -= chunk;
  }
  return Status::kOk;
}

Status load_elf(Space& space, const u8* file, u64 bytes, u64& entry) {
  if (bytes < sizeof(elf::FileHeader)) return Status::kInvalid;
  const auto header = read_header<elf::FileHeader>(file);
  if (!elf::is_static_executable(header, bytes)) return Status::kInvalid;
  for (u16 i = 0; i < header.program_count; ++i) {
    const auto segment = read_header<elf::ProgramHeader>(
        file + header.program_offset + u64{i} * sizeof(elf::ProgramHeader));
    if (segment.type != elf::kLoad) continue;
    if (Status status = load_segment(space, file, bytes, segment);
        status != Status::kOk) {
      return status;
    }
  }
  entry = header.entry;
  return Status::kOk;
}

}  // namespace tine
