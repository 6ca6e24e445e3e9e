// Every Linux system call: which server carries it out and how far.
//
// One list per server; the lists are the only source of the kernel's routes,
// of the process server's dispatch table and of the documentation's table.
// What is in no list, and what is in the missing list, answers ENOSYS.
#ifndef SERVERS_LINUX_ABI_SYSCALL_TABLE_H_
#define SERVERS_LINUX_ABI_SYSCALL_TABLE_H_

#include "kernel/abi/batch.h"
#include "servers/linux_abi/arch/syscall_numbers.h"

namespace tine::linux_abi {

enum class Support : u8 {
  kFull,     // as Linux
  kPartial,  // the note says what differs
  kMissing,  // answers ENOSYS, or the errno that the note names
};

// X(Nr name, support, note)
#define TINE_MEMORY_CALLS(X)                                   \
  X(Brk, Full, "")                                             \
  X(Mmap, Partial, "no huge pages")                            \
  X(Munmap, Full, "")                                          \
  X(Mprotect, Full, "")                                        \
  X(Mremap, Full, "")                                          \
  X(Madvise, Partial, "FREE keeps contents; no guard regions") \
  X(Msync, Full, "")                                           \
  X(Mincore, Full, "")                                         \
  X(Mlock, Full, "")                                           \
  X(Mlock2, Full, "")                                          \
  X(Munlock, Full, "")                                         \
  X(Mlockall, Full, "")                                        \
  X(Munlockall, Full, "")                                      \
  X(RemapFilePages, Full, "")                                  \
  X(PkeyMprotect, Missing, "no protection keys")               \
  X(PkeyAlloc, Missing, "no protection keys")                  \
  X(PkeyFree, Missing, "no protection keys")

// X(Nr name, support, note): calls on files and paths. The vfs server answers
// ENOSYS for those that it does not know.
#define TINE_VFS_CALLS(X)                                               \
  X(Read, Full, "")                                                     \
  X(Write, Full, "")                                                    \
  X(Open, Full, "")                                                     \
  X(Openat, Full, "")                                                   \
  X(Openat2, Full, "")                                                  \
  X(Creat, Full, "")                                                    \
  X(Close, Full, "")                                                    \
  X(CloseRange, Full, "")                                               \
  X(Stat, Full, "")                                                     \
  X(Fstat, Full, "")                                                    \
  X(Lstat, Full, "")                                                    \
  X(Newfstatat, Full, "")                                               \
  X(Statx, Full, "")                                                    \
  X(Statfs, Full, "")                                                   \
  X(Fstatfs, Full, "")                                                  \
  X(Lseek, Full, "")                                                    \
  X(Pread64, Full, "")                                                  \
  X(Pwrite64, Full, "")                                                 \
  X(Readv, Full, "")                                                    \
  X(Writev, Full, "")                                                   \
  X(Preadv, Full, "")                                                   \
  X(Pwritev, Full, "")                                                  \
  X(Preadv2, Full, "")                                                  \
  X(Pwritev2, Full, "")                                                 \
  X(Sendfile, Full, "")                                                 \
  X(CopyFileRange, Full, "")                                            \
  X(Splice, Full, "")                                                   \
  X(Tee, Full, "")                                                      \
  X(Vmsplice, Full, "copies")                                           \
  X(Socket, Partial, "AF_UNIX; EAFNOSUPPORT for others")                \
  X(Socketpair, Full, "")                                               \
  X(Readahead, Partial, "taken and not acted on")                       \
  X(Fadvise64, Partial, "advice is taken and not acted on")             \
  X(Fallocate, Partial, "allocates and punches holes; no ranges moved") \
  X(Access, Full, "")                                                   \
  X(Faccessat, Full, "")                                                \
  X(Faccessat2, Full, "")                                               \
  X(Pipe, Full, "")                                                     \
  X(Pipe2, Full, "")                                                    \
  X(Dup, Full, "")                                                      \
  X(Dup2, Full, "")                                                     \
  X(Dup3, Full, "")                                                     \
  X(Fcntl, Partial, "EINVAL for F_NOTIFY")                              \
  X(Flock, Full, "")                                                    \
  X(Ioctl, Full, "")                                                    \
  X(Fsync, Full, "")                                                    \
  X(Fdatasync, Full, "")                                                \
  X(Sync, Full, "")                                                     \
  X(Syncfs, Full, "")                                                   \
  X(SyncFileRange, Full, "nothing is ever unwritten")                   \
  X(Truncate, Full, "")                                                 \
  X(Ftruncate, Full, "")                                                \
  X(Getdents, Full, "")                                                 \
  X(Getdents64, Full, "")                                               \
  X(Getcwd, Full, "")                                                   \
  X(Chdir, Full, "")                                                    \
  X(Fchdir, Full, "")                                                   \
  X(Chroot, Full, "")                                                   \
  X(Umask, Full, "")                                                    \
  X(Rename, Full, "")                                                   \
  X(Renameat, Full, "")                                                 \
  X(Renameat2, Full, "")                                                \
  X(Mkdir, Full, "")                                                    \
  X(Mkdirat, Full, "")                                                  \
  X(Rmdir, Full, "")                                                    \
  X(Link, Full, "")                                                     \
  X(Linkat, Full, "")                                                   \
  X(Unlink, Full, "")                                                   \
  X(Unlinkat, Full, "")                                                 \
  X(Symlink, Full, "")                                                  \
  X(Symlinkat, Full, "")                                                \
  X(Readlink, Full, "")                                                 \
  X(Readlinkat, Full, "")                                               \
  X(Chmod, Full, "")                                                    \
  X(Fchmod, Full, "")                                                   \
  X(Fchmodat, Full, "")                                                 \
  X(Chown, Full, "")                                                    \
  X(Fchown, Full, "")                                                   \
  X(Lchown, Full, "")                                                   \
  X(Fchownat, Full, "")                                                 \
  X(Mknod, Full, "")                                                    \
  X(Mknodat, Full, "")                                                  \
  X(Utime, Full, "")                                                    \
  X(Utimes, Full, "")                                                   \
  X(Futimesat, Full, "")                                                \
  X(Utimensat, Full, "")                                                \
  X(Mount, Partial, "checks; no file system can be added")              \
  X(Umount2, Partial, "checks; EBUSY for what is mounted")              \
  X(PivotRoot, Partial, "checks; EINVAL")                               \
  X(NameToHandleAt, Full, "")                                           \
  X(OpenByHandleAt, Full, "")                                           \
  X(MemfdCreate, Partial, "EINVAL for huge pages")                      \
  X(EpollCreate, Full, "")                                              \
  X(EpollCreate1, Full, "")                                             \
  X(EpollCtl, Full, "")                                                 \
  X(EpollWait, Full, "")                                                \
  X(Eventfd, Full, "")                                                  \
  X(Eventfd2, Full, "")                                                 \
  X(Poll, Full, "")                                                     \
  X(Select, Full, "")                                                   \
  X(TimerfdCreate, Full, "")                                            \
  X(TimerfdSettime, Full, "")                                           \
  X(TimerfdGettime, Full, "")                                           \
  X(InotifyInit, Full, "")                                              \
  X(InotifyInit1, Full, "")                                             \
  X(InotifyAddWatch, Full, "")                                          \
  X(InotifyRmWatch, Full, "")                                           \
  X(MqOpen, Full, "")                                                   \
  X(MqUnlink, Full, "")                                                 \
  X(MqTimedsend, Full, "")                                              \
  X(MqTimedreceive, Full, "")                                           \
  X(MqNotify, Partial, "EINVAL for SIGEV_THREAD: no netlink sockets")   \
  X(MqGetsetattr, Full, "")                                             \
  X(Getxattr, Full, "")                                                 \
  X(Lgetxattr, Full, "")                                                \
  X(Fgetxattr, Full, "")                                                \
  X(Setxattr, Partial, "trusted.*, security.*; ENOSPC beyond 4095 B")   \
  X(Lsetxattr, Partial, "as setxattr")                                  \
  X(Fsetxattr, Partial, "as setxattr")                                  \
  X(Listxattr, Full, "")                                                \
  X(Llistxattr, Full, "")                                               \
  X(Flistxattr, Full, "")                                               \
  X(Removexattr, Full, "")                                              \
  X(Lremovexattr, Full, "")                                             \
  X(Fremovexattr, Full, "")                                             \
  X(Connect, Full, "")                                                  \
  X(Bind, Full, "")                                                     \
  X(Listen, Full, "")                                                   \
  X(Accept, Full, "")                                                   \
  X(Accept4, Full, "")                                                  \
  X(Getsockname, Full, "")                                              \
  X(Getpeername, Full, "")                                              \
  X(Getsockopt, Partial, "those of SOL_SOCKET")                         \
  X(Setsockopt, Partial, "those of SOL_SOCKET")                         \
  X(Sendto, Full, "")                                                   \
  X(Recvfrom, Full, "")                                                 \
  X(Sendmsg, Full, "")                                                  \
  X(Recvmsg, Full, "")                                                  \
  X(Sendmmsg, Full, "")                                                 \
  X(Recvmmsg, Full, "")                                                 \
  X(Shutdown, Full, "")

// X(Nr name, handler, support, note): the process server has a function
// sys_<handler> for each.
#define TINE_PROCESS_CALLS(X)                                                  \
  X(Fork, fork, Full, "")                                                      \
  X(Vfork, vfork, Full, "")                                                    \
  X(Clone, clone, Partial, "EINVAL for namespaces but of host names and pids") \
  X(Clone3, clone3, Partial, "as clone; EBADF for CLONE_INTO_CGROUP")          \
  X(Execve, execve, Partial, "static programs and #! scripts")                 \
  X(Execveat, execveat, Partial, "as execve")                                  \
  X(Exit, exit, Full, "")                                                      \
  X(ExitGroup, exit_group, Full, "")                                           \
  X(Wait4, wait4, Full, "")                                                    \
  X(Waitid, waitid, Full, "")                                                  \
  X(Kill, kill, Full, "")                                                      \
  X(Signalfd, signalfd, Full, "")                                              \
  X(Signalfd4, signalfd4, Full, "")                                            \
  X(Tkill, tkill, Full, "")                                                    \
  X(Tgkill, tgkill, Full, "")                                                  \
  X(RtSigaction, rt_sigaction, Full, "")                                       \
  X(RtSigprocmask, rt_sigprocmask, Full, "")                                   \
  X(RtSigpending, rt_sigpending, Full, "")                                     \
  X(RtSigtimedwait, rt_sigtimedwait, Full, "")                                 \
  X(Sigaltstack, sigaltstack, Full, "")                                        \
  X(Ppoll, ppoll, Full, "")                                                    \
  X(Pselect6, pselect6, Full, "")                                              \
  X(EpollPwait, epoll_pwait, Full, "")                                         \
  X(EpollPwait2, epoll_pwait2, Full, "")                                       \
  X(Pause, pause, Full, "")                                                    \
  X(RtSigreturn, rt_sigreturn, Full, "")                                       \
  X(RtSigsuspend, rt_sigsuspend, Full, "")                                     \
  X(RtSigqueueinfo, rt_sigqueueinfo, Full, "")                                 \
  X(RtTgsigqueueinfo, rt_tgsigqueueinfo, Full, "")                             \
  X(RestartSyscall, restart_syscall, Full, "")                                 \
  X(Getpid, getpid, Full, "")                                                  \
  X(Getppid, getppid, Full, "")                                                \
  X(Gettid, gettid, Full, "")                                                  \
  X(Getuid, getuid, Full, "")                                                  \
  X(Geteuid, geteuid, Full, "")                                                \
  X(Getgid, getgid, Full, "")                                                  \
  X(Getegid, getegid, Full, "")                                                \
  X(Getresuid, getresuid, Full, "")                                            \
  X(Getresgid, getresgid, Full, "")                                            \
  X(Setuid, setuid, Full, "")                                                  \
  X(Setgid, setgid, Full, "")                                                  \
  X(Setreuid, setreuid, Full, "")                                              \
  X(Setregid, setregid, Full, "")                                              \
  X(Setresuid, setresuid, Full, "")                                            \
  X(Setresgid, setresgid, Full, "")                                            \
  X(Setfsuid, setfsuid, Full, "")                                              \
  X(Setfsgid, setfsgid, Full, "")                                              \
  X(Getgroups, getgroups, Full, "")                                            \
  X(Setgroups, setgroups, Partial, "at most 32 groups")                        \
  X(Getpgrp, getpgrp, Full, "")                                                \
  X(Getpgid, getpgid, Full, "")                                                \
  X(Setpgid, setpgid, Full, "")                                                \
  X(Getsid, getsid, Full, "")                                                  \
  X(Setsid, setsid, Full, "")                                                  \
  X(Uname, uname, Full, "")                                                    \
  X(Sethostname, sethostname, Full, "")                                        \
  X(Setdomainname, setdomainname, Full, "")                                    \
  X(Personality, personality, Partial, "kept; uname acts on it")               \
  X(Prctl, prctl, Partial, "names, death signal, dumpable, subreaper, ...")    \
  X(ArchPrctl, arch_prctl, Full, "segment bases; EINVAL for the rest")         \
  X(SetTidAddress, set_tid_address, Full, "")                                  \
  X(SetRobustList, set_robust_list, Full, "")                                  \
  X(GetRobustList, get_robust_list, Full, "")                                  \
  X(Prlimit64, prlimit64, Partial,                                             \
    "kept; AS, CPU, DATA, NOFILE, NPROC and STACK act")                        \
  X(Getrlimit, getrlimit, Partial, "as prlimit64")                             \
  X(Setrlimit, setrlimit, Partial, "as prlimit64")                             \
  X(Getrusage, getrusage, Partial, "CPU time, faults and memory; the rest 0")  \
  X(Times, times, Full, "")                                                    \
  X(Unshare, unshare, Partial,                                                 \
    "files, namespaces of host names and pids; EINVAL for others")             \
  X(Setns, setns, Partial, "by pidfds; no file names a namespace: EINVAL")     \
  X(PidfdOpen, pidfd_open, Full, "")                                           \
  X(PidfdSendSignal, pidfd_send_signal, Full, "")                              \
  X(PidfdGetfd, pidfd_getfd, Full, "")                                         \
  X(Ptrace, ptrace, Partial, "filters are not read")                           \
  X(Seccomp, seccomp, Partial, "no listeners")                                 \
  X(Capget, capget, Full, "")                                                  \
  X(Capset, capset, Full, "")                                                  \
  X(ProcessVmReadv, process_vm_readv, Full, "")                                \
  X(ProcessVmWritev, process_vm_writev, Full, "")                              \
  X(ProcessMadvise, process_madvise, Full, "nothing here goes by it")          \
  X(Kcmp, kcmp, Full, "")                                                      \
  X(SchedSetattr, sched_setattr, Partial, "no deadlines, no clamps")           \
  X(SchedGetattr, sched_getattr, Full, "")                                     \
  X(Sysinfo, sysinfo, Full, "")                                                \
  X(Getpriority, getpriority, Full, "")                                        \
  X(Setpriority, setpriority, Full, "")                                        \
  X(IoprioGet, ioprio_get, Full, "")                                           \
  X(IoprioSet, ioprio_set, Full, "kept: nothing waits for a disk")             \
  X(SchedYield, sched_yield, Full, "")                                         \
  X(SchedGetaffinity, sched_getaffinity, Full, "one CPU runs programs")        \
  X(SchedSetaffinity, sched_setaffinity, Full, "")                             \
  X(SchedGetscheduler, sched_getscheduler, Full, "")                           \
  X(SchedSetscheduler, sched_setscheduler, Full,                               \
    "real-time threads are not throttled")                                     \
  X(SchedGetparam, sched_getparam, Full, "")                                   \
  X(SchedSetparam, sched_setparam, Full, "")                                   \
  X(SchedRrGetInterval, sched_rr_get_interval, Full, "")                       \
  X(SchedGetPriorityMax, sched_get_priority_max, Full, "")                     \
  X(SchedGetPriorityMin, sched_get_priority_min, Full, "")                     \
  X(Getcpu, getcpu, Full, "")                                                  \
  X(ClockGettime, clock_gettime, Full, "")                                     \
  X(ClockSettime, clock_settime, Full, "")                                     \
  X(ClockGetres, clock_getres, Full, "")                                       \
  X(Adjtimex, adjtimex, Partial, "kept, steps are made; the rate is fixed")    \
  X(ClockAdjtime, clock_adjtime, Partial, "as adjtimex")                       \
  X(Gettimeofday, gettimeofday, Full, "")                                      \
  X(Settimeofday, settimeofday, Full, "")                                      \
  X(Time, time, Full, "")                                                      \
  X(Nanosleep, nanosleep, Full, "")                                            \
  X(Alarm, alarm, Full, "")                                                    \
  X(Getitimer, getitimer, Full, "")                                            \
  X(Setitimer, setitimer, Full, "")                                            \
  X(TimerCreate, timer_create, Full, "")                                       \
  X(TimerSettime, timer_settime, Full, "")                                     \
  X(TimerGettime, timer_gettime, Full, "")                                     \
  X(TimerGetoverrun, timer_getoverrun, Full, "")                               \
  X(TimerDelete, timer_delete, Full, "")                                       \
  X(ClockNanosleep, clock_nanosleep, Full, "")                                 \
  X(Getrandom, getrandom, Full, "at most 64 KiB a call")                       \
  X(Membarrier, membarrier, Full, "one CPU runs programs")                     \
  X(Shmget, shmget, Full, "")                                                  \
  X(Shmat, shmat, Full, "")                                                    \
  X(Shmdt, shmdt, Full, "")                                                    \
  X(Shmctl, shmctl, Full, "")                                                  \
  X(Semget, semget, Full, "")                                                  \
  X(Semop, semop, Full, "")                                                    \
  X(Semtimedop, semtimedop, Full, "")                                          \
  X(Semctl, semctl, Full, "")                                                  \
  X(Msgget, msgget, Full, "")                                                  \
  X(Msgsnd, msgsnd, Full, "")                                                  \
  X(Msgrcv, msgrcv, Full, "")                                                  \
  X(Msgctl, msgctl, Full, "")                                                  \
  X(Futex, futex, Full, "")                                                    \
  X(FutexWaitv, futex_waitv, Full, "")

// X(Nr name, note): known, and not there: ENOSYS.
#define TINE_MISSING_CALLS(X)                   \
  X(Rseq, "programs do without")                \
  X(Syslog, "")                                 \
  X(Reboot, "the run ends when process 1 does") \
  X(IoUringSetup, "")                           \
  X(IoUringEnter, "")                           \
  X(IoUringRegister, "")                        \
  X(Bpf, "")                                    \
  X(PerfEventOpen, "")                          \
  X(Userfaultfd, "")

struct SyscallInfo {
  Nr number;
  const char* name;  // as in the lists above
  Route route;
  Support support;
  const char* note;
};

inline constexpr SyscallInfo kSyscallTable[] = {
#define X(name, support, note) \
  {Nr::k##name, #name, Route::kMemory, Support::k##support, note},
    TINE_MEMORY_CALLS(X)
#undef X
#define X(name, support, note) \
  {Nr::k##name, #name, Route::kVfs, Support::k##support, note},
        TINE_VFS_CALLS(X)
#undef X
#define X(name, handler, support, note) \
  {Nr::k##name, #name, Route::kProcess, Support::k##support, note},
            TINE_PROCESS_CALLS(X)
#undef X
#define X(name, note) \
  {Nr::k##name, #name, Route::kProcess, Support::kMissing, note},
                TINE_MISSING_CALLS(X)
#undef X
};

// Numbers from here on cannot be routed and are unknown.
inline constexpr u32 kSyscallNumbers = 512;

namespace internal {
consteval bool each_call_once() {
  bool seen[kSyscallNumbers] = {};
  for (const SyscallInfo& call : kSyscallTable) {
    const u32 number = static_cast<u32>(call.number);
    if (number >= kAbsent) continue;
    if (seen[number]) return false;
    seen[number] = true;
  }
  return true;
}
}  // namespace internal
static_assert(internal::each_call_once());

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_SYSCALL_TABLE_H_
