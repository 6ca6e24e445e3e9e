// Loads a static ELF file into a new mm: ET_EXEC where it says, ET_DYN
// (position-independent, without interpreter) at kDynamicBase.
//
// Everything in the file is untrusted. What Linux would only find out after the
// old program is gone (and then kill) is refused with ENOEXEC here.
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/elf.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/process/exec/program_loader.h"
#include "servers/runtime/sys.h"

namespace tine::process {

using namespace linux_abi;

namespace {

bool is_loadable(const ElfHeader& header) {
  constexpr u8 kMagic[] = {0x7f, 'E', 'L', 'F', kElfClass64, kElfLittleEndian};
  for (unsigned i = 0; i < sizeof(kMagic); ++i) {
    if (header.identification[i] != kMagic[i]) return false;
  }
  return (header.type == kElfExecutable || header.type == kElfDynamic) &&
         header.machine == kElfMachine &&
         header.program_entry_bytes == sizeof(ProgramHeader) &&
         header.program_count != 0 &&
         // Linux reads no more than this.
         u64{header.program_count} * sizeof(ProgramHeader) <= 65536;
}

// A segment's place in the file and in memory, checked: no sum overflows.
bool is_valid_segment(const ProgramHeader& segment, u64 file_bytes, u64 bias) {
  return segment.file_bytes <= segment.memory_bytes &&
         segment.offset <= file_bytes &&
         segment.file_bytes <= file_bytes - segment.offset &&
         segment.address <= kUserAddressEnd - bias &&
         segment.memory_bytes <= kUserAddressEnd - bias - segment.address &&
         (segment.file_bytes == 0 ||
          ((segment.address ^ segment.offset) & kPageMask) == 0);
}

u64 protection_of(const ProgramHeader& segment) {
  return ((segment.flags & kSegmentRead) != 0 ? PROT_READ : 0) |
         ((segment.flags & kSegmentWrite) != 0 ? PROT_WRITE : 0) |
         ((segment.flags & kSegmentExecute) != 0 ? PROT_EXEC : 0);
}

}  // namespace

i64 ProgramLoader::read_program_header(u32 index, ProgramHeader* header) const {
  const u64 within = u64{index} * sizeof(ProgramHeader);
  const u64 offset = elf().program_offset + within;
  if (offset < elf().program_offset) return -ENOEXEC;
  if (offset <= head_bytes_ && sizeof(ProgramHeader) <= head_bytes_ - offset) {
    __builtin_memcpy(header, head_ + offset, sizeof(ProgramHeader));
    return 0;
  }
  return program_.read(offset, header, sizeof(ProgramHeader));
}

// A dynamic program. Its interpreter must exist, as for Linux; but then it
// would map files, which programs cannot do yet. The exec fails in any case:
// its path gives its place to the interpreter's.
i64 ProgramLoader::refuse_interpreter(const Task& task,
                                      const ProgramHeader& segment) {
  if (segment.file_bytes < 2 || segment.file_bytes > kPathMax) return -ENOEXEC;
  const i64 error = program_.read(segment.offset, path_, segment.file_bytes);
  if (error != 0) return error;
  if (path_[segment.file_bytes - 1] != '\0') return -ENOEXEC;
  ProgramFile interpreter(kInterpreterHandle);
  const i64 missing = interpreter.open(task, path_);
  if (missing != 0) return missing;
  interpreter.close();
  ProgramFile::forget(interpreter.id());
  return -ENOEXEC;
}

// From what the addresses in the file are to what they will be. Looks at the
// whole file first.
i64 ProgramLoader::choose_bias(const Task& task, u64* bias) {
  bool has_segment = false;
  u64 lowest = 0;
  u64 align = kPageSize;
  for (u32 i = 0; i < elf().program_count; ++i) {
    ProgramHeader segment;
    if (read_program_header(i, &segment) != 0) return -ENOEXEC;
    if (segment.type == kSegmentInterpreter) {
      return refuse_interpreter(task, segment);
    }
    if (segment.type != kSegmentLoad) continue;
    if (!has_segment) lowest = page_round_down(segment.address);
    has_segment = true;
    if ((segment.align & (segment.align - 1)) == 0 && segment.align > align &&
        segment.align <= kDynamicBase) {
      align = segment.align;
    }
  }
  if (!has_segment) return -ENOEXEC;
  *bias = 0;
  if (elf().type == kElfDynamic) {
    const u64 base = kDynamicBase & ~(align - 1);
    if (lowest > base) return -ENOEXEC;
    *bias = base - lowest;
  }
  return 0;
}

// Behind `end`, that of the segments before it, which becomes its own.
i64 ProgramLoader::map_segment(const Mm& mm, const ProgramHeader& segment,
                               u64 bias, u64* end) {
  const u64 start = page_round_down(segment.address + bias);
  if (start < *end) return -ENOEXEC;  // out of order, or shares a page
  const u64 shift = segment.address + bias - start;
  *end = page_round_up(start + shift + segment.memory_bytes);
  const bool has_file = segment.file_bytes != 0;
  const u64 map_flags =
      MAP_PRIVATE | MAP_FIXED | (has_file ? 0 : MAP_ANONYMOUS);
  const i64 error = sys::result_of(
      sys::call(kCallMemory,
                sys::make_message(MemoryLabel::kMmMap, mm.id, start,
                                  shift + segment.memory_bytes,
                                  protection_of(segment) | map_flags << 32,
                                  has_file ? program_.object() : 0,
                                  has_file ? segment.offset - shift : 0,
                                  has_file ? shift + segment.file_bytes : 0)),
      -ENOMEM);
  if (error != 0) return error == -ENOMEM ? error : -ENOEXEC;
  image_.end = start + shift + segment.memory_bytes;
  if ((protection_of(segment) & PROT_EXEC) != 0) {
    image_.code_start = start + shift;
    image_.code_end = start + shift + segment.file_bytes;
  }
  return 0;
}

i64 ProgramLoader::load_segments(const Task& task, const Mm& mm) {
  if (head_bytes_ < sizeof(ElfHeader) || !is_loadable(elf())) return -ENOEXEC;
  u64 bias;
  if (const i64 error = choose_bias(task, &bias); error != 0) return error;
  image_ = {};
  u64 end = 0;  // of the segments so far, in pages
  for (u32 i = 0; i < elf().program_count; ++i) {
    ProgramHeader segment;
    if (read_program_header(i, &segment) != 0) return -ENOEXEC;
    if (segment.type != kSegmentLoad) continue;
    if (!is_valid_segment(segment, program_.bytes(), bias)) return -ENOEXEC;
    if (segment.offset <= elf().program_offset &&
        elf().program_offset - segment.offset < segment.file_bytes) {
      image_.program_headers =
          segment.address + bias + (elf().program_offset - segment.offset);
    }
    if (segment.memory_bytes == 0) continue;
    const i64 error = map_segment(mm, segment, bias, &end);
    if (error != 0) return error;
  }
  if (image_.end == 0) return -ENOEXEC;
  image_.entry = elf().entry + bias;
  if (elf().entry > kUserAddressEnd - bias) return -ENOEXEC;
  image_.program_header_count = elf().program_count;
  return 0;
}

}  // namespace tine::process
