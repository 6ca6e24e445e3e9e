// Small ELF files, good and bad, for exec to take or refuse.
#ifndef TINE_TESTS_GUEST_ELF_FIXTURES_H_
#define TINE_TESTS_GUEST_ELF_FIXTURES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace tine::guest {

// Of the machine in the ELF header (EM_X86_64, EM_AARCH64).
enum class ElfMachine : uint16_t { kX86_64 = 62, kAarch64 = 183 };

// What becomes of a process that executes the file.
enum class ExecResult {
  kExits42,     // It runs and ends with status 42.
  kNoExec,      // execve gives ENOEXEC.
  kPermission,  // execve gives EACCES: the file's mode allows no execution.
  kNeverRuns,   // execve gives an errno, or the process dies by a signal.
};

struct ElfFixture {
  std::string name;
  ExecResult result;
  std::string bytes;
  unsigned mode = 0755;
};

// All of them, always the same.
std::vector<ElfFixture> make_elf_fixtures(ElfMachine machine);

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_ELF_FIXTURES_H_
