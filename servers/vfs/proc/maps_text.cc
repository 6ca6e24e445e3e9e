// /proc/PID/maps.
#include "servers/linux_abi/mman.h"
#include "servers/runtime/sys.h"
#include "servers/vfs/proc/proc_files.h"

namespace tine::vfs {

using namespace linux_abi;

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
      const Entry* file =
          area.object == 0 ? nullptr : files_.find_object(area.object);
      out.hex(area.start, 8);
      out.put('-');
      out.hex(area.end, 8);
      out.put(' ');
      out.put((area.prot & PROT_READ) != 0 ? 'r' : '-');
      out.put((area.prot & PROT_WRITE) != 0 ? 'w' : '-');
      out.put((area.prot & PROT_EXEC) != 0 ? 'x' : '-');
      out.put(area.shared != 0 ? 's' : 'p');
      out.put(' ');
      out.hex(file == nullptr ? 0 : area.offset, 8);
      out.put(file == nullptr ? " 00:00 " : " 00:02 ");
      out.number(file == nullptr ? 0 : file->inode->number);
      out.put(' ');
      const char* name = nullptr;
      switch (area.name) {
        case static_cast<u8>(MmAreaName::kHeap):
          name = "[heap]";
          break;
        case static_cast<u8>(MmAreaName::kStack):
          name = "[stack]";
          break;
        case static_cast<u8>(MmAreaName::kVdso):
          name = "[vdso]";
          break;
        default:
          break;
      }
      if (file != nullptr) {
        out.pad_to(start, kNameColumn);
        out.put(Text{path_, FileSystem::path_of(*file, files_.root(), path_,
                                                sizeof(path_))});
      } else if (name != nullptr) {
        out.pad_to(start, kNameColumn);
        out.put(name);
      }
      out.put('\n');
      from = area.end;
    }
  }
}

}  // namespace tine::vfs
