// /proc/PID/maps.
#include "servers/linux_abi/mman.h"
#include "servers/runtime/sys.h"
#include "servers/vfs/proc/proc_files.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

void put_name(const MmArea& area, TextWindow& out) {
  switch (static_cast<MmAreaName>(area.name)) {
    case MmAreaName::kNone:
      break;
    case MmAreaName::kHeap:
      out.put("[heap]");
      break;
    case MmAreaName::kStack:
      out.put("[stack]");
      break;
    case MmAreaName::kVdso:
      out.put("[vdso]");
      break;
    case MmAreaName::kShared:
      out.put("/dev/zero (deleted)");
      break;
    case MmAreaName::kSegment:
      out.put("/SYSV");
      out.hex(static_cast<u32>(area.key), 8);
      out.put(" (deleted)");
      break;
  }
}

}  // namespace

void ProcFiles::write_maps(const BoardRecord& record, TextWindow& out) {
  constexpr u64 kAtOnce = 16;
  // Where the name begins: show_map_vma().
  constexpr u64 kNameColumn = 73;
  MmArea areas[kAtOnce];
  u64 from = 0;
  while (record.mm != 0 && !out.is_full()) {
    const sys::Message answer = sys::call(
        kCallMemory,
        sys::make_message(MemoryLabel::kMmAreas, record.mm,
                          reinterpret_cast<u64>(areas), kAtOnce, from));
    if (sys::result_of(answer, -1) != 0 || answer.words[1] == 0) return;
    for (u64 i = 0; i < answer.words[1]; ++i) {
      const MmArea& area = areas[i];
      const u64 start = out.length();
      const bool is_own = area.name == static_cast<u8>(MmAreaName::kShared) ||
                          area.name == static_cast<u8>(MmAreaName::kSegment);
      const Entry* file = area.object == 0 || is_own
                              ? nullptr
                              : files_.find_object(area.object);
      out.hex(area.start, 8);
      out.put('-');
      out.hex(area.end, 8);
      out.put(' ');
      out.put((area.prot & PROT_READ) != 0 ? 'r' : '-');
      out.put((area.prot & PROT_WRITE) != 0 ? 'w' : '-');
      out.put((area.prot & PROT_EXEC) != 0 ? 'x' : '-');
      out.put(area.shared != 0 ? 's' : 'p');
      out.put(' ');
      out.hex(area.offset, 8);
      // Devices of files, and of memory that is one without a name.
      out.put(is_own ? " 00:01 " : file != nullptr ? " 00:02 " : " 00:00 ");
      out.number(is_own            ? static_cast<u32>(area.object)
                 : file != nullptr ? file->inode->number
                                   : 0);
      out.put(' ');
      if (file != nullptr) {
        out.pad_to(start, kNameColumn);
        out.put(Text{path_, FileSystem::path_of(*file, files_.root(), path_,
                                                sizeof(path_))});
      } else if (area.name != static_cast<u8>(MmAreaName::kNone)) {
        out.pad_to(start, kNameColumn);
        put_name(area, out);
      }
      out.put('\n');
      from = area.end;
    }
  }
}

}  // namespace tine::vfs
