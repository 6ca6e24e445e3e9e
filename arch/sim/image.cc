#include "arch/sim/image.h"

#include <cstdio>
#include <cstring>

#include "arch/hw/machine_model.h"
#include "kernel/base/elf.h"
#include "kernel/base/newc.h"

namespace tine::sim {
namespace {

constexpr u64 kDataOffset = kPageSize;

void append_entry(std::string& archive, const ArchiveEntry& entry, u32 inode,
                  bool align) {
  // NULs behind the name move the data up to a page boundary.
  std::string name = entry.name + '\0';
  if (align) {
    const u64 data = archive.size() + newc::kHeaderBytes + name.size();
    name.append(page_round_up(data) - data, '\0');
  }
  char header[newc::kHeaderBytes + 1];
  std::snprintf(header, sizeof(header),
                "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
                inode, entry.mode, 0u, 0u, 1u, 0u,
                static_cast<u32>(entry.data.size()), 0u, 0u, 0u, 0u,
                static_cast<u32>(name.size()), 0u);
  archive.append(header, newc::kHeaderBytes);
  archive += name;
  archive.append((4 - archive.size() % 4) % 4, '\0');
  archive += entry.data;
  archive.append((4 - archive.size() % 4) % 4, '\0');
}

}  // namespace

std::string make_elf(u64 entry, u64 data) {
  elf::FileHeader header{};
  const u8 ident[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
  std::memcpy(header.identification, ident, sizeof(ident));
  header.type = elf::kTypeExecutable;
  header.machine = kElfMachine;
  header.version = 1;
  header.entry = entry;
  header.program_offset = sizeof(header);
  header.header_bytes = sizeof(header);
  header.program_entry_bytes = sizeof(elf::ProgramHeader);
  header.program_count = 2;
  const elf::ProgramHeader segments[] = {
      {elf::kLoad, elf::kFlagRead | elf::kFlagExecute, 0, kTextAddress,
       kTextAddress, 1024, 1024, kPageSize},
      {elf::kLoad, elf::kFlagRead | elf::kFlagWrite, kDataOffset, kDataAddress,
       kDataAddress, sizeof(data), kDataPages * kPageSize, kPageSize}};
  std::string file(kDataOffset + sizeof(data), '\0');
  std::memcpy(file.data(), &header, sizeof(header));
  std::memcpy(file.data() + sizeof(header), segments, sizeof(segments));
  std::memcpy(file.data() + kDataOffset, &data, sizeof(data));
  return file;
}

std::string make_archive(const std::vector<ArchiveEntry>& entries) {
  std::string archive;
  u32 inode = 1;
  for (const ArchiveEntry& entry : entries) {
    append_entry(archive, entry, inode++, !entry.data.empty());
  }
  append_entry(archive, {"TRAILER!!!", 0, ""}, 0, false);
  return archive;
}

}  // namespace tine::sim
