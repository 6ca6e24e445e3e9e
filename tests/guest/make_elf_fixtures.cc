// Writes the ELF fixtures of one machine: make_elf_fixtures MACHINE FILE...
// writes each FILE the fixture of that base name.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

#include "tests/guest/elf_fixtures.h"

int main(int argc, char** argv) {
  using tine::guest::ElfMachine;
  if (argc < 2) return 2;
  const bool arm = strcmp(argv[1], "aarch64") == 0;
  const auto fixtures = tine::guest::make_elf_fixtures(
      arm ? ElfMachine::kAarch64 : ElfMachine::kX86_64);
  for (int i = 2; i < argc; ++i) {
    const std::string path = argv[i];
    const std::string name = path.substr(path.rfind('/') + 1);
    bool found = false;
    for (const auto& fixture : fixtures) {
      if (fixture.name != name) continue;
      std::ofstream(path, std::ios::binary) << fixture.bytes;
      found = true;
    }
    if (!found) {
      std::fprintf(stderr, "make_elf_fixtures: no fixture %s\n", name.c_str());
      return 1;
    }
  }
  return 0;
}
