// Every fallible step of fork, vfork, exec and threads, and of clones that a
// tracer hears of.
#include <cerrno>
#include <functional>
#include <utility>

#include "tests/sim/fault_sweep.h"

namespace tine {
namespace {

i64 fork_and_wait(User& user) {
  user.store(kScratch, 7);
  const i64 pid = user.fork([](User& child) {
    child.store(kScratch, 8);
    return child.load(kScratch) == 8 ? 0 : 99;
  });
  return pid < 0 ? -pid : reap(user, pid);
}

i64 exec(User& user) {
  user.store_text(kPath, "/bin/other");
  user.store(kArgv, kPath);
  user.store(kArgv + 8, 0);
  return -call(user, Nr::kExecve, kPath, kArgv, kArgv + 8);
}

i64 exec_and_wait(User& user) {
  const i64 pid =
      user.fork([](User& child) { return static_cast<i32>(exec(child)); });
  return pid < 0 ? -pid : reap(user, pid);
}

i64 vfork_exec_and_wait(User& user) {
  constexpr u64 kVforkFlags = 0x4000 | 0x100 | 17;
  const i64 pid =
      user.spawn([](User& child) { return static_cast<i32>(exec(child)); },
                 static_cast<u64>(Nr::kClone), {kVforkFlags});
  return pid < 0 ? -pid : reap(user, pid);
}

// ---- threads

constexpr u64 kTid = kScratch + 64;
constexpr u64 kMade = kScratch + 72;
constexpr u64 kVector = kPath + 512;  // of a register set, which follows it
constexpr u64 kThreadFlags = 0x100 | 0x200 | 0x400 | 0x800 | 0x1'0000 |
                             0x10'0000 | 0x20'0000;  // as pthread_create

// `body` runs in a thread of the same process, whose tid is at kTid until it
// ends. The tid, or a negated errno.
i64 make_thread(User& user, std::function<void(User&)> body) {
  // Places of the arguments differ; both candidates say the same.
  return user.spawn(
      [body = std::move(body)](User& thread) {
        body(thread);
        (void)call(thread, Nr::kExit, 0);
        return 0;
      },
      static_cast<u64>(Nr::kClone), {kThreadFlags, 0, kTid, kTid, kTid});
}

void wait_while(User& user, u64 address, u32 value) {
  constexpr u64 kWait = 0;
  while (static_cast<u32>(user.load(address)) == value) {
    (void)call(user, Nr::kFutex, address, kWait, value, 0);
  }
}

i64 thread_and_join(User& user) {
  user.store(kMade, 1);
  user.store(kTid, 0);
  const i64 tid =
      make_thread(user, [](User& thread) { thread.store(kMade, 2); });
  if (tid < 0) {
    // A clone that failed has written nothing.
    EXPECT_EQ(user.load(kTid), 0u);
    return -tid;
  }
  wait_while(user, kTid, static_cast<u32>(tid));
  EXPECT_EQ(user.load(kMade), 2u);
  return 0;
}

// The second of three threads becomes another program.
i64 exec_with_threads(User& user) {
  const i64 pid = user.fork([](User& child) {
    child.store(kMade, 0);
    i64 tid = make_thread(child, [](User& thread) {
      for (;;) wait_while(thread, kMade, 0);
    });
    if (tid < 0) return static_cast<i32>(-tid);
    tid = make_thread(child, [](User& thread) {
      const i64 error = exec(thread);
      (void)call(thread, Nr::kExitGroup, error);
    });
    if (tid < 0) return static_cast<i32>(-tid);
    for (;;) wait_while(child, kMade, 0);
  });
  return pid < 0 ? -pid : reap(user, pid);
}

// ---- a process that is traced, and all that it makes

i64 fork_and_make_thread(User& user) {
  const i64 error = fork_and_wait(user);
  return error != 0 ? error : thread_and_join(user);
}

// The tracer lets everything go on at once, and tells how the first one ended.
i64 trace_clones(User& user) {
  constexpr u64 kTraceMe = 0, kContinue = 7, kSetOptions = 0x4200;
  constexpr u64 kForksVforksClones = 2 | 4 | 8;
  constexpr u64 kSigStop = 19;
  constexpr u32 kWall = 0x4000'0000;
  const i64 pid = user.fork([](User& child) {
    const i64 error = call(child, Nr::kPtrace, kTraceMe, 0, 0, 0);
    if (error != 0) return static_cast<i32>(-error);
    const i64 self = call(child, Nr::kGetpid);
    EXPECT_EQ(call(child, Nr::kKill, self, kSigStop), 0);
    return static_cast<i32>(fork_and_make_thread(child));
  });
  if (pid < 0) return -pid;
  for (bool is_new = true;;) {
    const i64 who = wait4(user, -1, kScratch, kWall);
    if (who == -ENOMEM) continue;
    if (who < 0) return -who;
    const u64 status = user.load(kScratch) & 0xffff'ffff;
    if ((status & 0xff) == 0x7f) {
      if (is_new) {
        EXPECT_EQ(
            call(user, Nr::kPtrace, kSetOptions, who, 0, kForksVforksClones),
            0);
      }
      is_new = false;
      EXPECT_EQ(call(user, Nr::kPtrace, kContinue, who, 0, 0), 0);
    } else if (who == pid) {
      return (status & 0x7f) != 0 ? static_cast<i64>(kSignal + (status & 0x7f))
                                  : static_cast<i64>(status >> 8 & 0xff);
    }
  }
}

// ---- a watchpoint

// Watches the word at kMade of the thread, by this architecture's request.
i64 set_watchpoint(User& user, i64 pid) {
  constexpr u64 kPokeUser = 6;
  constexpr u64 kDebugRegisters = 848;  // in x86-64's user area
  const auto poke = [&](u64 number, u64 value) {
    return call(user, Nr::kPtrace, kPokeUser, pid,
                kDebugRegisters + number * sizeof(u64), value);
  };
  i64 result = poke(0, kMade);
  if (result == 0) {
    constexpr u64 kEightBytesWritten = 0x9'0001;
    result = poke(7, kEightBytesWritten);
  } else if (result == -EIO) {
    // AArch64 has no user area, but a register set.
    constexpr u64 kSetRegSet = 0x4205;
    constexpr u64 kWatchpoints = 0x403;
    constexpr u64 kBytes = 24;  // a slot behind the header
    constexpr u64 kEightBytesWritten = 0xff << 5 | 2 << 3 | 1;
    user.store(kVector, kVector + 16);
    user.store(kVector + 8, kBytes);
    user.store(kVector + 24, kMade);
    user.store(kVector + 32, kEightBytesWritten);
    result = call(user, Nr::kPtrace, kSetRegSet, pid, kWatchpoints, kVector);
  }
  return result;
}

i64 watch_a_word(User& user) {
  constexpr u64 kTraceMe = 0, kContinue = 7;
  constexpr u64 kSigStop = 19;
  constexpr u32 kWall = 0x4000'0000;
  const i64 pid = user.fork([](User& child) {
    const i64 error = call(child, Nr::kPtrace, kTraceMe, 0, 0, 0);
    if (error != 0) return static_cast<i32>(-error);
    const i64 self = call(child, Nr::kGetpid);
    EXPECT_EQ(call(child, Nr::kKill, self, kSigStop), 0);
    return 0;
  });
  if (pid < 0) return -pid;
  i64 who;
  do {
    who = wait4(user, pid, kScratch, kWall);
  } while (who == -ENOMEM);
  EXPECT_EQ(who, pid);
  const u64 status = user.load(kScratch) & 0xffff'ffff;
  if ((status & 0xff) != 0x7f) return static_cast<i64>(status >> 8 & 0xff);
  i64 error = set_watchpoint(user, pid);
  if (error == -ENOMEM) error = set_watchpoint(user, pid);
  const i64 resumed = call(user, Nr::kPtrace, kContinue, pid, 0, 0);
  const i64 reaped = reap(user, pid);
  // It was ended for want of memory, while its tracer asked.
  if (resumed == -ESRCH) return reaped;
  EXPECT_EQ(resumed, 0);
  return error != 0 ? -error : reaped;
}

// ---- capabilities

// Keeps what setuid would take, by which there are records of capabilities.
i64 keep_capabilities(User& user) {
  constexpr u64 kSetKeepcaps = 8;
  const i64 pid = user.fork([](User& child) {
    i64 error = call(child, Nr::kPrctl, kSetKeepcaps, 1, 0, 0, 0);
    if (error != 0) return static_cast<i32>(-error);
    const i64 grandchild = child.fork([](User& grandchild) {
      i64 failed = call(grandchild, Nr::kSetuid, 1000);
      if (failed == -ENOMEM) failed = call(grandchild, Nr::kSetuid, 1000);
      if (failed != 0) return static_cast<i32>(-failed);
      // It may still change its groups' list only with the right to.
      return call(grandchild, Nr::kSetgroups, 0, 0) == -EPERM
                 ? static_cast<i32>(exec(grandchild))
                 : 96;
    });
    return static_cast<i32>(grandchild < 0 ? -grandchild
                                           : reap(child, grandchild));
  });
  return pid < 0 ? -pid : reap(user, pid);
}

// ---- pidfds

i64 clone_pidfd(User& user) {
  constexpr u64 kPidFd = 0x1000;
  constexpr u64 kNone = 77;
  user.store(kTid, kNone);
  const i64 pid =
      user.spawn([](User&) { return 0; }, static_cast<u64>(Nr::kClone),
                 {kPidFd | 17, 0, kTid, 0, 0});
  if (pid < 0) {
    EXPECT_EQ(user.load(kTid), kNone);
    return -pid;
  }
  const i64 reaped = reap(user, pid);
  const u64 fd = user.load(kTid) & 0xffff'ffff;
  if (reaped == 0) {
    EXPECT_EQ(call(user, Nr::kPidfdSendSignal, fd, 0, 0, 0), -ESRCH);
  }
  EXPECT_EQ(call(user, Nr::kClose, fd), 0);
  return reaped;
}

i64 open_pidfd(User& user) {
  i64 fd = call(user, Nr::kPidfdOpen, call(user, Nr::kGetpid), 0);
  if (fd < 0) fd = call(user, Nr::kPidfdOpen, call(user, Nr::kGetpid), 0);
  if (fd < 0) return -fd;
  const i64 taken = call(user, Nr::kPidfdGetfd, fd, 1, 0);
  EXPECT_EQ(call(user, Nr::kClose, fd), 0);
  if (taken < 0) return -taken;
  EXPECT_EQ(call(user, Nr::kClose, taken), 0);
  return 0;
}

// ---- pid namespaces

constexpr u64 kNewUts = 0x400'0000;
constexpr u64 kNewPid = 0x2000'0000;

// Process 1 of a namespace with a child, both of which it ends.
i32 be_process_one(User& user) {
  if (call(user, Nr::kGetpid) != 1) return 99;
  const i64 pid = user.fork([](User& child) {
    for (;;) (void)call(child, Nr::kPause);
    return 0;
  });
  if (pid < 0) return static_cast<i32>(-pid);
  return pid == 2 ? 0 : 98;
}

i64 clone_namespaces(User& user) {
  const i64 pid = user.spawn(be_process_one, static_cast<u64>(Nr::kClone),
                             {kNewUts | kNewPid | 17, 0, 0, 0, 0});
  return pid < 0 ? -pid : reap(user, pid);
}

// A clone that fails takes nothing away: the next child is process 1.
i64 unshare_namespace(User& user) {
  const i64 pid = user.fork([](User& child) {
    i64 error = call(child, Nr::kUnshare, kNewPid);
    if (error != 0) return static_cast<i32>(-error);
    i64 one = child.fork(be_process_one);
    if (one < 0) one = child.fork(be_process_one);
    return static_cast<i32>(one < 0 ? -one : reap(child, one));
  });
  return pid < 0 ? -pid : reap(user, pid);
}

INSTANTIATE_TEST_SUITE_P(
    All, FaultSweep,
    testing::Values(Sweep{"fork", fork_and_wait, ""},
                    Sweep{"fork", fork_and_wait, "tine.fork=eager"},
                    Sweep{"exec", exec_and_wait, ""},
                    Sweep{"vfork", vfork_exec_and_wait, ""},
                    Sweep{"threads", thread_and_join, ""},
                    Sweep{"exec with threads", exec_with_threads, ""},
                    Sweep{"traced clones", trace_clones, ""},
                    Sweep{"watchpoint", watch_a_word, ""},
                    Sweep{"capabilities", keep_capabilities, ""},
                    Sweep{"clone with a pidfd", clone_pidfd, ""},
                    Sweep{"pidfd", open_pidfd, ""},
                    Sweep{"namespaces", clone_namespaces, ""},
                    Sweep{"unshare", unshare_namespace, ""}));

}  // namespace
}  // namespace tine
