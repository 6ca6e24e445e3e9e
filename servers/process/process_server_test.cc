// The process server alone, over a fake kernel and fake servers below.
#include <gtest/gtest.h>

#include "servers/linux_abi/arch/clone_arguments.h"
#include "servers/linux_abi/arch/machine.h"
#include "servers/process/fake_system.h"

namespace tine::process {
namespace {

using linux_abi::ElfHeader;
using linux_abi::Nr;
using linux_abi::ProgramHeader;

constexpr i64 kEperm = 1, kEsrch = 3, kE2big = 7, kEnoexec = 8, kEchild = 10,
              kEagain = 11, kEfault = 14, kEinval = 22, kEnosys = 38,
              kEloop = 40;
constexpr u64 kCode = 0x40'0000;
constexpr u64 kData = 0x60'0000;

// One segment of code and one of data, which ends in a page of zeros.
std::vector<u8> make_program(u16 type = linux_abi::kElfExecutable) {
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

TEST_F(ProcessServerTest, StartsInitWithArgumentsOnItsStack) {
  EXPECT_EQ(system_.call(init_, Nr::kGetpid), 1);
  EXPECT_EQ(system_.call(init_, Nr::kGetppid), 0);
  FakeSystem::Space& space = space_of(1);
  EXPECT_TRUE(space.committed);
  const auto& frame = system_.thread_of(1)->frame;
  EXPECT_EQ(frame.pc, kCode + 0x100);
  EXPECT_EQ(frame.sp % 16, 0U);
  EXPECT_EQ(system_.peek<u64>(space, frame.sp), 1U);
  EXPECT_EQ(system_.peek_text(space, system_.peek<u64>(space, frame.sp + 8)),
            "/init");
  EXPECT_EQ(system_.peek<u64>(space, frame.sp + 16), 0U);
  EXPECT_EQ(system_.peek_text(space, system_.peek<u64>(space, frame.sp + 24)),
            "HOME=/");
}

TEST_F(ProcessServerTest, ForkExitWait) {
  const i64 pid = fork(init_);
  ASSERT_EQ(pid, 2);
  const u64 child = system_.cookie_of(pid);
  EXPECT_EQ(system_.call(child, Nr::kGetpid), 2);
  EXPECT_EQ(system_.call(child, Nr::kGetppid), 1);
  system_.poke(space_of(1), kData, i32{0});
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {~u64{0}, kData}), std::nullopt);
  const u64 waiting = system_.last_token;
  EXPECT_EQ(system_.call(child, Nr::kExitGroup, {0x1203}), std::nullopt);
  EXPECT_EQ(result_of(waiting), 2);
  EXPECT_EQ(system_.peek<i32>(space_of(1), kData), 0x300);
  expect_only_init();
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {~u64{0}}), -kEchild);
}

TEST_F(ProcessServerTest, ZombieIsReapedOnceAndItsPidComesNoSooner) {
  const i64 pid = fork(init_);
  system_.call(system_.cookie_of(pid), Nr::kExit, {1});
  EXPECT_EQ(fork(init_), pid + 1);
  EXPECT_EQ(system_.call(init_, Nr::kKill, {u64(pid), 0}), 0);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid)}), pid);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid)}), -kEchild);
  EXPECT_EQ(system_.call(init_, Nr::kKill, {u64(pid), 0}), -kEsrch);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {~u64{0}, 0, 1}), 0);
}

TEST_F(ProcessServerTest, WaitTellsBadArguments) {
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {~u64{0}, 0, 4}), -kEinval);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {0x8000'0000}), -kEsrch);
  const i64 pid = fork(init_);
  system_.call(system_.cookie_of(pid), Nr::kExit, {1});
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid), 0x10}), -kEfault);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid)}), -kEchild);
}

TEST_F(ProcessServerTest, CloneChecksItsFlags) {
  for (const u64 flags : {0x10011ull, 0x811ull, 0x2000'0011ull, 0x1011ull}) {
    EXPECT_EQ(system_.call(init_, Nr::kClone, {flags}), -kEinval) << flags;
  }
  EXPECT_EQ(system_.call(init_, Nr::kClone, {0x8011}), -kEinval);  // PARENT
  expect_only_init();
}

TEST_F(ProcessServerTest, AThreadIsOneOfItsProcess) {
  const i64 pid = fork(init_);
  const u64 leader = system_.cookie_of(pid);
  const i64 tid = make_thread(leader);
  ASSERT_GT(tid, pid);
  const u64 thread = system_.cookie_of(tid);
  EXPECT_EQ(system_.call(thread, Nr::kGetpid), pid);
  EXPECT_EQ(system_.call(thread, Nr::kGettid), tid);
  EXPECT_EQ(system_.call(thread, Nr::kGetppid), 1);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(tid)}), -kEchild);
  // The leader's end alone reports nothing; its pid stays.
  system_.call(leader, Nr::kExit, {3});
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid), 0, 1}), 0);
  EXPECT_EQ(system_.call(init_, Nr::kKill, {u64(pid), 0}), 0);
  system_.call(thread, Nr::kExit, {4});
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid), kData}), pid);
  EXPECT_EQ(system_.peek<i32>(space_of(1), kData), 0x400);
  expect_only_init();
}

TEST_F(ProcessServerTest, ExitGroupEndsAllThreads) {
  const i64 pid = fork(init_);
  const u64 leader = system_.cookie_of(pid);
  u64 last = 0;
  for (int i = 0; i < 40; ++i) last = system_.cookie_of(make_thread(leader));
  system_.call(last, Nr::kExitGroup, {9});
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid), kData}), pid);
  EXPECT_EQ(system_.peek<i32>(space_of(1), kData), 0x900);
  expect_only_init();
}

TEST_F(ProcessServerTest, AThreadThatExecsBecomesTheLeader) {
  for (const bool leader_lives : {false, true}) {
    const i64 pid = fork(init_);
    const u64 leader = system_.cookie_of(pid);
    const i64 tid = make_thread(leader);
    (void)make_thread(leader);
    const u64 thread = system_.cookie_of(tid);
    system_.poke_text(space_of(pid), kData, "/init");
    if (!leader_lives) system_.call(leader, Nr::kExit, {3});
    system_.files["/bad"] = {1, 2, 3};
    system_.poke_text(space_of(tid), kData + 0x100, "/bad");
    EXPECT_EQ(system_.call(thread, Nr::kExecve, {kData + 0x100}), -kEnoexec);
    EXPECT_EQ(system_.cookies().size(), leader_lives ? 4U : 3U);
    EXPECT_EQ(system_.call(thread, Nr::kExecve, {kData}), 0);
    EXPECT_EQ(system_.call(thread, Nr::kGettid), pid);
    EXPECT_EQ(system_.cookies().size(), 2U);
    EXPECT_EQ(system_.call(init_, Nr::kTkill, {u64(tid), 0}), -kEsrch);
    system_.call(thread, Nr::kExit, {5});
    EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid), kData}), pid);
    EXPECT_EQ(system_.peek<i32>(space_of(1), kData), 0x500);
    expect_only_init();
  }
}

TEST_F(ProcessServerTest, ChildrenOfAThreadStayWithItsProcess) {
  const i64 pid = fork(init_);
  const u64 leader = system_.cookie_of(pid);
  const u64 thread = system_.cookie_of(make_thread(leader));
  const i64 child = fork(thread);
  constexpr u64 kNoThread = 0x2000'0000;
  EXPECT_EQ(system_.call(leader, Nr::kWait4, {~u64{0}, 0, kNoThread}),
            -kEchild);
  EXPECT_EQ(system_.call(leader, Nr::kWait4, {~u64{0}, 0, 1}), 0);
  system_.call(thread, Nr::kExit, {0});
  EXPECT_EQ(system_.call(leader, Nr::kWait4, {~u64{0}, 0, kNoThread | 1}), 0);
  EXPECT_EQ(system_.call(system_.cookie_of(child), Nr::kGetppid), pid);
  system_.call(system_.cookie_of(child), Nr::kExit, {0});
  EXPECT_EQ(system_.call(leader, Nr::kWait4, {~u64{0}, 0, kNoThread}), child);
  system_.call(leader, Nr::kExit, {0});
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid)}), pid);
  expect_only_init();
}

TEST_F(ProcessServerTest, EveryFallibleSiteOfThreadsIsUndone) {
  for (const u64 flags : {kThreadFlags, u64{0x911}, u64{0x911}}) {
    bool succeeded = false;
    const i64 pid = fork(init_);
    const u64 leader = system_.cookie_of(pid);
    for (u64 k = 1; !succeeded && k < 50; ++k) {
      fault_injection.arm(k);
      const i64 tid = system_.call(leader, Nr::kClone, {flags}).value();
      fault_injection.arm(0);
      succeeded = tid > 0;
      EXPECT_TRUE(succeeded || tid == -kEagain || tid == -12) << tid;
      EXPECT_EQ(system_.cookies().size(), succeeded ? 3U : 2U);
    }
    EXPECT_TRUE(succeeded);
    while (system_.cookies().size() > 1) {
      const std::set<u64> cookies = system_.cookies();
      system_.call(
          *cookies.begin() == init_ ? *cookies.rbegin() : *cookies.begin(),
          Nr::kExitGroup, {0});
    }
    EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid)}), pid);
    while (system_.call(init_, Nr::kWait4, {~u64{0}, 0, 0x4000'0001}) > 0) {
    }
    expect_only_init();
  }
}

// Two words of two processes: only the waiters of one are woken, in order.
TEST_F(ProcessServerTest, FutexWaitersAreKnownByMmAndAddress) {
  const i64 pid = fork(init_);
  const u64 leader = system_.cookie_of(pid);
  const u64 second = system_.cookie_of(make_thread(leader));
  const u64 third = system_.cookie_of(make_thread(leader));
  system_.poke(space_of(pid), kData, std::array<u32, 2>{5, 6});
  EXPECT_EQ(system_.call(leader, Nr::kFutex, {kData, 128, 4}), -kEagain);
  EXPECT_EQ(system_.call(second, Nr::kFutex, {kData, 128, 5}), std::nullopt);
  const u64 token2 = system_.last_token;
  EXPECT_EQ(system_.call(third, Nr::kFutex, {kData, 128, 5}), std::nullopt);
  const u64 token3 = system_.last_token;
  EXPECT_EQ(system_.call(init_, Nr::kFutex, {kData, 129, 9}), 0);
  EXPECT_EQ(system_.call(leader, Nr::kFutex, {kData + 4, 129, 9}), 0);
  EXPECT_EQ(system_.call(leader, Nr::kFutex, {kData, 129, 1}), 1);
  EXPECT_EQ(result_of(token2), 0);
  EXPECT_FALSE(system_.answers.contains(token3));
  // The last one is moved to the second word, and woken there.
  EXPECT_EQ(system_.call(leader, Nr::kFutex, {kData, 131, 0, 9, kData + 4}), 1);
  EXPECT_EQ(system_.call(leader, Nr::kFutex, {kData, 129, 9}), 0);
  EXPECT_EQ(system_.call(leader, Nr::kFutex, {kData + 4, 129, 9}), 1);
  EXPECT_EQ(result_of(token3), 0);
}

TEST_F(ProcessServerTest, FailedCommitUndoesTheClone) {
  system_.poke(space_of(1), kData, i32{-1});
  system_.fail_clones = 1;
  EXPECT_EQ(fork(init_), -kEagain);
  expect_only_init();
  system_.fail_clones = 1;
  EXPECT_EQ(system_.call(init_, Nr::kClone, {0x4111}), -kEagain);  // vfork
  expect_only_init();
  EXPECT_GT(fork(init_), 0);
}

TEST_F(ProcessServerTest, EveryFallibleSiteOfForkIsUndone) {
  bool succeeded = false;
  for (u64 k = 1; !succeeded && k < 50; ++k) {
    fault_injection.arm(k);
    const i64 pid = fork(init_);
    fault_injection.arm(0);
    if (pid > 0) {
      succeeded = true;
      EXPECT_GT(k, 3U);
      system_.call(system_.cookie_of(pid), Nr::kExit, {0});
      EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid)}), pid);
    } else {
      EXPECT_EQ(pid, -kEagain);
    }
    expect_only_init();
  }
  EXPECT_TRUE(succeeded);
}

TEST_F(ProcessServerTest, StoresTidsInChildAndParent) {
  system_.poke(space_of(1), kData, std::array<i32, 2>{-1, -1});
  const u64 parent_tid = kData;
  const u64 child_tid = kData + 4;
  std::array<u64, 6> arguments{0x0130'0011, 0, parent_tid};
  arguments[linux_abi::kCloneChildTidArgument] = child_tid;
  const i64 pid = system_.call(init_, Nr::kClone, arguments).value();
  using Words = std::array<i32, 2>;
  EXPECT_EQ(system_.peek<Words>(space_of(1), kData), (Words{i32(pid), -1}));
  EXPECT_EQ(system_.peek<Words>(space_of(pid), kData), (Words{-1, i32(pid)}));
}

TEST_F(ProcessServerTest, VforkParentWaitsForExecOrExit) {
  for (const bool execs : {false, true}) {
    const std::set<u64> before = system_.cookies();
    EXPECT_EQ(system_.call(init_, Nr::kClone, {0x4111}), std::nullopt);
    const u64 waiting = system_.last_token;
    const u64 child = system_.only_new_cookie(before);
    const i64 pid = system_.call(child, Nr::kGetpid).value();
    EXPECT_EQ(&space_of(1), &space_of(pid));
    EXPECT_FALSE(system_.answers.contains(waiting));
    if (execs) {
      system_.poke_text(space_of(1), kData, "/init");
      EXPECT_EQ(system_.call(child, Nr::kExecve, {kData}), 0);
      EXPECT_NE(&space_of(1), &space_of(pid));
      EXPECT_EQ(result_of(waiting), pid);
    }
    system_.call(child, Nr::kExit, {0});
    EXPECT_EQ(result_of(waiting), pid);
    EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid)}), pid);
    expect_only_init();
  }
}

TEST_F(ProcessServerTest, OrphansGoToInit) {
  const i64 middle = fork(init_);
  const i64 leaf = fork(system_.cookie_of(middle));
  const i64 zombie = fork(system_.cookie_of(middle));
  system_.call(system_.cookie_of(zombie), Nr::kExit, {9});
  system_.call(system_.cookie_of(middle), Nr::kExit, {0});
  EXPECT_EQ(system_.call(system_.cookie_of(leaf), Nr::kGetppid), 1);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(zombie)}), zombie);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(middle)}), middle);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {~u64{0}, 0, 1}), 0);
}

TEST_F(ProcessServerTest, ExceptionKillsWithItsSignal) {
  const i64 pid = fork(init_);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid), kData}), std::nullopt);
  const u64 waiting = system_.last_token;
  system_.exception(system_.cookie_of(pid), ExceptionKind::kIllegalInstruction);
  EXPECT_EQ(result_of(waiting), pid);
  EXPECT_EQ(system_.peek<i32>(space_of(1), kData), 4);
  expect_only_init();
}

TEST_F(ProcessServerTest, InitEndsTheRun) {
  system_.call(init_, Nr::kExitGroup, {7});
  EXPECT_EQ(system_.shutdown_status, 7U);
}

TEST_F(ProcessServerTest, InitKilledByAFaultEndsTheRun) {
  system_.exception(init_, ExceptionKind::kDivide);
  EXPECT_EQ(system_.shutdown_status, 128U + 8);
}

TEST_F(ProcessServerTest, SignalsKillOrWaitOrAreIgnored) {
  const i64 pid = fork(init_);
  const u64 child = system_.cookie_of(pid);
  const u64 target = u64(pid);
  EXPECT_EQ(system_.call(init_, Nr::kKill, {target, 65}), -kEinval);
  EXPECT_EQ(system_.call(init_, Nr::kKill, {target, 17}), 0);  // SIGCHLD
  EXPECT_NE(system_.thread_of(pid), nullptr);
  // Blocked, it waits; unblocked, it kills in the call that unblocks.
  system_.poke(space_of(pid), kData, u64{1} << 14);
  EXPECT_EQ(system_.call(child, Nr::kRtSigprocmask, {0, kData, 0, 8}), 0);
  EXPECT_EQ(system_.call(init_, Nr::kKill, {target, 15}), 0);
  EXPECT_EQ(system_.call(child, Nr::kRtSigpending, {kData + 8, 8}), 0);
  EXPECT_EQ(system_.peek<u64>(space_of(pid), kData + 8), u64{1} << 14);
  EXPECT_EQ(system_.call(child, Nr::kRtSigprocmask, {1, kData, 0, 8}),
            std::nullopt);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {target, kData}), pid);
  EXPECT_EQ(system_.peek<i32>(space_of(1), kData), 15);
  EXPECT_EQ(system_.call(init_, Nr::kKill, {1, 9}), 0);  // not from inside
  expect_only_init();
}

TEST_F(ProcessServerTest, KillAllEndsChainsWithoutRecursion) {
  u64 last = init_;
  for (int i = 0; i < 200; ++i) {
    last = system_.cookie_of(fork(last));
  }
  EXPECT_EQ(system_.call(init_, Nr::kKill, {~u64{0}, 9}), 0);
  EXPECT_EQ(system_.cookies().size(), 1U);
  for (int i = 0; i < 200; ++i) {
    EXPECT_GT(system_.call(init_, Nr::kWait4, {~u64{0}}).value(), 0);
  }
  expect_only_init();
}

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

TEST_F(ProcessServerTest, ImmediateReapingOfIgnoredChildren) {
  system_.poke(space_of(1), kData, linux_abi::SigAction{.handler = 1});
  EXPECT_EQ(system_.call(init_, Nr::kRtSigaction, {17, kData, 0, 8}), 0);
  const i64 pid = fork(init_);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {~u64{0}}), std::nullopt);
  const u64 waiting = system_.last_token;
  system_.call(system_.cookie_of(pid), Nr::kExit, {3});
  EXPECT_EQ(result_of(waiting), -kEchild);
  expect_only_init();
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

TEST_F(ProcessServerTest, SleepersWakeInOrderOfTime) {
  const i64 pid = fork(init_);
  const u64 child = system_.cookie_of(pid);
  system_.poke(space_of(1), kData, linux_abi::Timespec{2, 0});
  system_.poke(space_of(pid), kData, linux_abi::Timespec{1, 0});
  EXPECT_EQ(system_.call(init_, Nr::kClockNanosleep, {1, 0, kData}),
            std::nullopt);
  const u64 slow = system_.last_token;
  EXPECT_EQ(system_.call(child, Nr::kClockNanosleep, {0, 0, kData}),
            std::nullopt);
  const u64 fast = system_.last_token;
  system_.now_ns += 1'000'000'000;
  system_.timer();
  EXPECT_EQ(result_of(fast), 0);
  EXPECT_FALSE(system_.answers.contains(slow));
  system_.now_ns += 1'000'000'000;
  system_.timer();
  EXPECT_EQ(result_of(slow), 0);
}

TEST_F(ProcessServerTest, NprocLimitHoldsForUsers) {
  const i64 pid = fork(init_);
  const u64 user = system_.cookie_of(pid);
  system_.poke(space_of(pid), kData, linux_abi::Rlimit{3, 3});
  EXPECT_EQ(system_.call(user, Nr::kPrlimit64, {0, 6, kData}), 0);
  EXPECT_EQ(system_.call(user, Nr::kSetresuid, {1000, 1000, 1000}), 0);
  EXPECT_EQ(system_.call(user, Nr::kSetuid, {0}), -kEperm);
  EXPECT_GT(fork(user), 0);
  const i64 last = fork(user);
  EXPECT_GT(last, 0);
  EXPECT_EQ(fork(user), -kEagain);
  system_.call(system_.cookie_of(last), Nr::kExit, {0});
  EXPECT_EQ(fork(user), -kEagain);  // a zombie counts
  EXPECT_EQ(system_.call(user, Nr::kWait4, {u64(last)}), last);
  EXPECT_GT(fork(user), 0);
  EXPECT_EQ(system_.call(user, Nr::kKill, {1, 0}), -kEperm);
}

TEST_F(ProcessServerTest, FortyThousandForksLeaveNothingBehind) {
  std::set<i64> pids;
  for (int i = 0; i < 40'000; ++i) {
    const i64 pid = fork(init_);
    ASSERT_GT(pid, 1);
    ASSERT_LT(pid, kPidMax);
    system_.call(system_.cookie_of(pid), Nr::kExitGroup, {0});
    ASSERT_EQ(system_.call(init_, Nr::kWait4, {~u64{0}}), pid);
  }
  expect_only_init();
  EXPECT_EQ(system_.call(init_, Nr(9999)), -kEnosys);
}

}  // namespace
}  // namespace tine::process
