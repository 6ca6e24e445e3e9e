// A process server over the fake system, with a first process and what its
// tests ask of processes.
#ifndef SERVERS_PROCESS_PROCESS_SERVER_FIXTURE_H_
#define SERVERS_PROCESS_PROCESS_SERVER_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <set>
#include <vector>

#include "servers/linux_abi/arch/machine.h"
#include "servers/process/fake_system.h"

namespace tine::process {

using linux_abi::ElfHeader;
using linux_abi::Nr;
using linux_abi::ProgramHeader;

inline constexpr i64 kEperm = 1, kEsrch = 3, kE2big = 7, kEnoexec = 8,
                     kEchild = 10, kEagain = 11, kEfault = 14, kEinval = 22,
                     kEnosys = 38, kEloop = 40;
inline constexpr u64 kCode = 0x40'0000;
inline constexpr u64 kData = 0x60'0000;

// One segment of code and one of data, which ends in a page of zeros.
inline std::vector<u8> make_program(u16 type = linux_abi::kElfExecutable) {
  std::vector<u8> file(0x2000);
  ElfHeader elf{};
  const u8 identification[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
  memcpy(elf.identification, identification, sizeof(identification));
  elf.type = type;
  elf.machine = linux_abi::kElfMachine;
  elf.entry = kCode + 0x100;
  elf.program_offset = sizeof(ElfHeader);
  elf.program_entry_bytes = sizeof(ProgramHeader);
  elf.program_count = 2;
  const ProgramHeader segments[] = {
      {1, 5, 0, kCode, 0, 0x1000, 0x1000, 0x1000},
      {1, 6, 0x1000, kData, 0, 0x1000, 0x3000, 0x1000}};
  memcpy(file.data(), &elf, sizeof(elf));
  memcpy(file.data() + sizeof(elf), segments, sizeof(segments));
  return file;
}

class ProcessServerTest : public testing::Test {
 protected:
  ProcessServerTest() {
    system_.files["/init"] = make_program();
    system_.start();
    init_ = system_.cookie_of(1);
  }
  FakeSystem::Space& space_of(i64 pid) {
    return *system_.thread_of(pid)->space;
  }
  i64 fork(u64 cookie) {
    return system_.call(cookie, Nr::kClone, {17}).value_or(-1000);
  }
  // CLONE_VM | FS | FILES | SIGHAND | THREAD | SYSVSEM | PARENT_SETTID.
  static constexpr u64 kThreadFlags = 0x15'0f00;
  i64 make_thread(u64 cookie) {
    return system_.call(cookie, Nr::kClone, {kThreadFlags}).value_or(-1000);
  }
  i64 result_of(u64 token) { return system_.answers.at(token); }
  // Everything comes back when only process 1 is left.
  void expect_only_init() {
    EXPECT_EQ(system_.cookies().size(), 1U);
    EXPECT_EQ(system_.mms.size(), 1U);
    EXPECT_EQ(system_.server().live_mms(), 1U);
    EXPECT_EQ(system_.server().tasks().live(), 1U);
    EXPECT_EQ(system_.server().live_processes(), 1U);
  }

  FakeSystem system_;
  u64 init_;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_PROCESS_SERVER_FIXTURE_H_
