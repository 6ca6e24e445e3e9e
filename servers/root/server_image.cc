#include "servers/root/server_image.h"

#include "kernel/abi/boot_info.h"
#include "kernel/base/newc.h"

namespace tine {
namespace {

void read_image(u64 offset, void* to, u64 bytes) {
  if (sys::copy_in(kRootBootImage, offset, to, bytes).status != Status::kOk) {
    sys::fail("root: cannot read the boot image");
  }
}

bool same_text(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) {
    ++a;
    ++b;
  }
  return *a == *b;
}

void load_segment(const ImageFile& file, const elf::ProgramHeader& segment,
                  Handle space) {
  u64 start = page_round_down(segment.address);
  u64 pages = (page_round_up(segment.address + segment.memory_bytes) - start) >>
              kPageShift;
  // Writable while it is filled, then with the rights that the file asks for.
  bool filled =
      sys::run({OpCode::kSpacePopulate, space, start, 0, 0, pages,
                u64{Rights::kRead | Rights::kWrite}})
              .status == Status::kOk &&
      sys::copy_between(space, segment.address, kRootBootImage,
                        file.offset + segment.offset, segment.file_bytes)
              .status == Status::kOk &&
      sys::run({OpCode::kSpaceProtect, space, start, 0, 0, pages,
                u64{elf::rights_of(segment.flags)}})
              .status == Status::kOk;
  if (!filled) sys::fail("root: not enough memory to load the servers");
}

}  // namespace

ImageFile find_in_boot_image(const char* name, u64 archive_bytes) {
  u64 offset = 0;
  for (;;) {
    char header[newc::kHeaderBytes];
    newc::Entry entry{};
    char entry_name[32] = {};
    if (archive_bytes - offset < sizeof(header)) break;
    read_image(offset, header, sizeof(header));
    if (!newc::parse_header(header, offset, archive_bytes, entry)) break;
    u64 bytes = entry.name_bytes < sizeof(entry_name) - 1
                    ? entry.name_bytes
                    : sizeof(entry_name) - 1;
    read_image(offset + entry.name_offset, entry_name, bytes);
    if (same_text(entry_name, name)) {
      return {offset + entry.data_offset, entry.data_bytes};
    }
    offset += entry.next_offset;
    if (offset >= archive_bytes) break;
  }
  sys::log(name);
  sys::fail("root: the boot image lacks this server");
}

u64 load_server(const ImageFile& file, Handle space) {
  elf::FileHeader header;
  if (file.bytes < sizeof(header))
    sys::fail("root: a server is not an ELF file");
  read_image(file.offset, &header, sizeof(header));
  if (!elf::is_static_executable(header, file.bytes)) {
    sys::fail("root: a server is not a static ELF file");
  }
  for (u16 i = 0; i < header.program_count; ++i) {
    elf::ProgramHeader segment;
    read_image(file.offset + header.program_offset + i * sizeof(segment),
               &segment, sizeof(segment));
    if (segment.type != elf::kLoad || segment.memory_bytes == 0) continue;
    if (!elf::is_loadable(segment, file.bytes, kUtcbAddress)) {
      sys::fail("root: a server's segment lies where it must not");
    }
    load_segment(file, segment, space);
  }
  return header.entry;
}

}  // namespace tine
