#include "tests/guest/elf_fixtures.h"

#include <elf.h>

#include <cstring>
#include <functional>
#include <iterator>
#include <utility>

namespace tine::guest {
namespace {

constexpr uint64_t kBase = 0x40'0000;

// exit_group(42). No code here depends on its address.
constexpr unsigned char kX86Code[] = {
    0xbf, 42,   0, 0, 0,  // mov $42, %edi
    0xb8, 231,  0, 0, 0,  // mov $231, %eax
    0x0f, 0x05,           // syscall
};
constexpr unsigned char kArmCode[] = {
    0x40, 0x05, 0x80, 0xd2,  // mov x0, #42
    0xc8, 0x0b, 0x80, 0xd2,  // mov x8, #94
    0x01, 0x00, 0x00, 0xd4,  // svc #0
};

// One segment that holds header, program header and code.
struct Image {
  Elf64_Ehdr header = {};
  Elf64_Phdr segment = {};
  std::string code;

  std::string bytes() const {
    std::string result(sizeof header + sizeof segment, '\0');
    memcpy(result.data(), &header, sizeof header);
    memcpy(result.data() + sizeof header, &segment, sizeof segment);
    return result + code;
  }
};

Image good_image(ElfMachine machine) {
  Image image;
  if (machine == ElfMachine::kX86_64) {
    image.code.assign(std::begin(kX86Code), std::end(kX86Code));
  } else {
    image.code.assign(std::begin(kArmCode), std::end(kArmCode));
  }
  constexpr uint64_t kCodeAt = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);
  Elf64_Ehdr& header = image.header;
  memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_EXEC;
  header.e_machine = static_cast<Elf64_Half>(machine);
  header.e_version = EV_CURRENT;
  header.e_entry = kBase + kCodeAt;
  header.e_phoff = sizeof(Elf64_Ehdr);
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr& segment = image.segment;
  segment.p_type = PT_LOAD;
  segment.p_flags = PF_R | PF_X;
  segment.p_vaddr = kBase;
  segment.p_paddr = kBase;
  segment.p_filesz = kCodeAt + image.code.size();
  segment.p_memsz = segment.p_filesz;
  segment.p_align = 0x1000;
  return image;
}

}  // namespace

std::vector<ElfFixture> make_elf_fixtures(ElfMachine machine) {
  const Image good = good_image(machine);
  std::vector<ElfFixture> all;

  const auto add_bytes = [&](const char* name, ExecResult result,
                             std::string bytes) {
    all.push_back({name, result, std::move(bytes)});
  };
  // A good image with one thing changed.
  const auto add = [&](const char* name, ExecResult result,
                       const std::function<void(Image&)>& change) {
    Image image = good;
    change(image);
    add_bytes(name, result, image.bytes());
  };

  using enum ExecResult;
  add("good", kExits42, [](Image&) {});
  add("position_independent", kExits42, [](Image& i) {
    i.header.e_type = ET_DYN;
    i.header.e_entry -= kBase;
    i.segment.p_vaddr = i.segment.p_paddr = 0;
  });
  add("with_zeroed_memory", kExits42, [](Image& i) {
    i.segment.p_flags |= PF_W;
    i.segment.p_memsz += 0x20'0000;
  });
  all.push_back({"not_executable", kPermission, good.bytes(), 0644});

  add_bytes("empty", kNoExec, "");
  add_bytes("one_byte", kNoExec, "\x7f");
  add_bytes("text", kNoExec, "This is no program.\n");
  add_bytes("zeros", kNoExec, std::string(4096, '\0'));
  add_bytes("magic_only", kNoExec, good.bytes().substr(0, SELFMAG));
  add_bytes("half_header", kNoExec,
            good.bytes().substr(0, sizeof(Elf64_Ehdr) / 2));
  add_bytes("no_program_header", kNoExec,
            good.bytes().substr(0, sizeof(Elf64_Ehdr)));
  add_bytes(
      "half_program_header", kNoExec,
      good.bytes().substr(0, sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) / 2));
  add("wrong_magic", kNoExec, [](Image& i) { i.header.e_ident[0] = 'E'; });
  add("wrong_machine", kNoExec, [machine](Image& i) {
    i.header.e_machine =
        machine == ElfMachine::kX86_64 ? EM_AARCH64 : EM_X86_64;
  });
  add("object_file", kNoExec, [](Image& i) { i.header.e_type = ET_REL; });
  add("core_file", kNoExec, [](Image& i) { i.header.e_type = ET_CORE; });
  add("no_segments", kNoExec, [](Image& i) { i.header.e_phnum = 0; });
  add("too_many_segments", kNoExec,
      [](Image& i) { i.header.e_phnum = 0xffff; });
  add("odd_program_header_size", kNoExec,
      [](Image& i) { i.header.e_phentsize = 32; });
  add("program_headers_beyond_file", kNoExec,
      [](Image& i) { i.header.e_phoff = 1 << 20; });
  add("program_headers_nowhere", kNoExec,
      [](Image& i) { i.header.e_phoff = UINT64_MAX - 8; });

  add("entry_in_kernel", kNeverRuns,
      [](Image& i) { i.header.e_entry = 0xffff'8000'0000'0000; });
  add("entry_nowhere", kNeverRuns, [](Image& i) { i.header.e_entry = 8; });
  add("segment_in_kernel", kNeverRuns,
      [](Image& i) { i.segment.p_vaddr = 0xffff'8000'0000'0000; });
  add("segment_wraps", kNeverRuns,
      [](Image& i) { i.segment.p_memsz = UINT64_MAX - i.segment.p_vaddr + 2; });
  add("segment_too_large", kNeverRuns,
      [](Image& i) { i.segment.p_memsz = uint64_t{1} << 62; });
  add("memory_smaller_than_file", kNeverRuns,
      [](Image& i) { i.segment.p_memsz = i.segment.p_filesz - 1; });
  add("segment_misaligned", kNeverRuns, [](Image& i) {
    i.segment.p_vaddr += 0x123;
    i.header.e_entry += 0x123;
  });
  add("segment_beyond_file", kNeverRuns,
      [](Image& i) { i.segment.p_offset = 1 << 20; });
  add("segment_not_executable", kNeverRuns,
      [](Image& i) { i.segment.p_flags = PF_R; });
  add("no_loadable_segment", kNeverRuns,
      [](Image& i) { i.segment.p_type = PT_NULL; });
  add("interpreter_missing", kNeverRuns, [](Image& i) {
    i.segment.p_type = PT_INTERP;
    i.segment.p_offset = 0;
    i.segment.p_filesz = 4;
  });
  return all;
}

}  // namespace tine::guest
