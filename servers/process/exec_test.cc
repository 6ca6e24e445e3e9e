// Programs and scripts that are run, and those that are refused.
#include <array>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "kernel/base/fault_site.h"
#include "servers/process/process_server_fixture.h"

namespace tine::process {
namespace {

TEST_F(ProcessServerTest, ExecPassesArgumentsAndEnvironment) {
  const i64 pid = fork(init_);
  FakeSystem::Space& old = space_of(pid);
  system_.files["/bin/tool"] = make_program(linux_abi::kElfDynamic);
  system_.poke_text(old, kData, "/bin/tool");
  system_.poke_text(old, kData + 0x100, "tool");
  system_.poke_text(old, kData + 0x1ffc, "crosses a page");
  system_.poke_text(old, kData + 0x200, "A=b");
  using Pointers = std::array<u64, 3>;
  system_.poke(old, kData + 0x300, Pointers{kData + 0x100, kData + 0x1ffc, 0});
  system_.poke(old, kData + 0x400, Pointers{kData + 0x200, 0, 0});
  const u64 child = system_.cookie_of(pid);
  EXPECT_EQ(
      system_.call(child, Nr::kExecve, {kData, kData + 0x300, kData + 0x400}),
      0);
  FakeSystem::Space& space = space_of(pid);
  const auto& frame = system_.thread_of(pid)->frame;
  EXPECT_EQ(frame.pc, linux_abi::kDynamicBase + 0x100);
  const auto word = [&](u64 n) {
    return system_.peek<u64>(space, frame.sp + 8 * n);
  };
  EXPECT_EQ(word(0), 2U);
  EXPECT_EQ(system_.peek_text(space, word(1)), "tool");
  EXPECT_EQ(system_.peek_text(space, word(2)), "crosses a page");
  EXPECT_EQ(word(3), 0U);
  EXPECT_EQ(system_.peek_text(space, word(4)), "A=b");
  EXPECT_EQ(word(5), 0U);
  std::map<u64, u64> auxiliary;
  for (u64 n = 6; word(n) != 0; n += 2) auxiliary[word(n)] = word(n + 1);
  EXPECT_EQ(auxiliary[linux_abi::kAuxPhdr], linux_abi::kDynamicBase + 64);
  EXPECT_EQ(auxiliary[linux_abi::kAuxPhnum], 2U);
  EXPECT_EQ(system_.peek_text(space, auxiliary[linux_abi::kAuxExecName]),
            "/bin/tool");
  EXPECT_EQ(system_.peek_text(space, auxiliary[linux_abi::kAuxPlatform]),
            linux_abi::kMachineName);
  const u64 data = linux_abi::kDynamicBase + (kData - kCode);
  EXPECT_EQ(system_.call(child, Nr::kPrctl, {16, data}), 0);
  EXPECT_EQ(system_.peek_text(space, data), "tool");
  EXPECT_EQ(system_.mms.size(), 2U);
}

TEST_F(ProcessServerTest, ScriptsRunTheirInterpreter) {
  const std::string script = "#! /init  -x y \necho";
  system_.files["/script"] = {script.begin(), script.end()};
  const std::string loop = "#!/loop\n";
  system_.files["/loop"] = {loop.begin(), loop.end()};
  const i64 pid = fork(init_);
  const u64 child = system_.cookie_of(pid);
  FakeSystem::Space& old = space_of(pid);
  system_.poke_text(old, kData, "/script");
  system_.poke_text(old, kData + 0x100, "last");
  system_.poke_text(old, kData + 0x200, "/loop");
  system_.poke(old, kData + 0x300, std::array<u64, 3>{kData, kData + 0x100, 0});
  EXPECT_EQ(system_.call(child, Nr::kExecve, {kData + 0x200, kData + 0x300}),
            -kEloop);
  EXPECT_EQ(system_.call(child, Nr::kExecve, {kData, kData + 0x300}), 0);
  FakeSystem::Space& space = space_of(pid);
  const auto& frame = system_.thread_of(pid)->frame;
  ASSERT_EQ(system_.peek<u64>(space, frame.sp), 4U);
  std::string line;
  for (u64 n = 1; n <= 4; ++n) {
    line +=
        system_.peek_text(space, system_.peek<u64>(space, frame.sp + 8 * n)) +
        "|";
  }
  EXPECT_EQ(line, "/init|-x y|/script|last|");
}

TEST_F(ProcessServerTest, BadProgramsLeaveTheOldOneAlone) {
  const i64 pid = fork(init_);
  const u64 child = system_.cookie_of(pid);
  FakeSystem::Space* old = &space_of(pid);
  system_.poke_text(*old, kData, "/bad");
  const u64 open_before = system_.open_files;
  const auto expect_refused = [&](const std::vector<u8>& file,
                                  const char* what) {
    system_.files["/bad"] = file;
    EXPECT_EQ(system_.call(child, Nr::kExecve, {kData}), -kEnoexec) << what;
    EXPECT_EQ(&space_of(pid), old) << what;
    EXPECT_EQ(system_.mms.size(), 2U) << what;
    EXPECT_EQ(system_.open_files, open_before) << what;
  };
  expect_refused({}, "empty");
  expect_refused({'#', '!', '\n'}, "no interpreter");
  std::vector<u8> good = make_program();
  for (u64 n : {1u, 63u, 64u, 100u, 0x1000u, 0x1fffu}) {
    expect_refused({good.begin(), good.begin() + i64(n)}, "truncated");
  }
  const auto with = [&](u64 offset, u64 value) {
    std::vector<u8> file = good;
    memcpy(file.data() + offset, &value, sizeof(value));
    return file;
  };
  const u64 segment = sizeof(ElfHeader);
  expect_refused(with(0, 0), "magic");
  expect_refused(with(32, ~u64{0} - 8), "header table offset");
  expect_refused(with(segment + 8, ~u64{0xfff}), "offset");
  expect_refused(with(segment + 16, ~u64{0xfff}), "address");
  expect_refused(with(segment + 32, ~u64{0}), "file bytes");
  expect_refused(with(segment + 40, ~u64{0}), "memory bytes");
  expect_refused(with(segment + 56 + 16, kCode + 0x800), "overlap");
  expect_refused(with(segment + 16, kCode + 8), "alignment");
  EXPECT_EQ(system_.call(child, Nr::kGetpid), pid);
}

TEST_F(ProcessServerTest, EveryFallibleSiteOfExecIsUndone) {
  const i64 pid = fork(init_);
  const u64 child = system_.cookie_of(pid);
  FakeSystem::Space* old = &space_of(pid);
  system_.poke_text(*old, kData, "/init");
  // A handler, so that exec needs a table of its own.
  system_.poke(*old, kData + 0x100, linux_abi::SigAction{.handler = kCode});
  EXPECT_EQ(system_.call(child, Nr::kRtSigaction, {10, kData + 0x100, 0, 8}),
            0);
  const u64 open_before = system_.open_files;
  u64 failures = 0;
  for (u64 k = 1; k < 50; ++k) {
    fault_injection.arm(k);
    const i64 result = system_.call(child, Nr::kExecve, {kData}).value();
    fault_injection.arm(0);
    if (result == 0) break;
    ++failures;
    EXPECT_EQ(result, -12);
    EXPECT_EQ(&space_of(pid), old);
    EXPECT_EQ(system_.mms.size(), 2U);
    EXPECT_EQ(system_.open_files, open_before);
  }
  EXPECT_GE(failures, 4U);
  EXPECT_NE(&space_of(pid), old);
  EXPECT_EQ(system_.mms.size(), 2U);
  EXPECT_EQ(system_.call(child, Nr::kRtSigaction, {10, 0, kData, 8}), 0);
  EXPECT_EQ(system_.peek<u64>(space_of(pid), kData), 0U);
}

TEST_F(ProcessServerTest, TooLongArgumentsAreRefused) {
  FakeSystem::Space& space = space_of(1);
  system_.poke_text(space, kData, "/init");
  const u64 big = 0x100'0000;
  system_.poke_text(space, big, std::string(32 * kPageSize - 1, 'x'));
  std::vector<u64> many(17, big);
  many.push_back(0);
  for (u64 i = 0; i < many.size(); ++i) {
    system_.poke(space, kData + 0x100 + 8 * i, many[i]);
  }
  EXPECT_EQ(system_.call(init_, Nr::kExecve, {kData, kData + 0x100}), -kE2big);
  system_.poke(space, kData + 0x100 + 8 * 15, u64{0});
  EXPECT_EQ(system_.call(init_, Nr::kExecve, {kData, kData + 0x100}), 0);
  system_.poke_text(space_of(1), kData, "/init");
  EXPECT_EQ(system_.call(init_, Nr::kExecve, {0x10}), -kEfault);
  EXPECT_EQ(system_.call(init_, Nr::kExecve, {kData, 0x10}), -kEfault);
}

}  // namespace
}  // namespace tine::process
