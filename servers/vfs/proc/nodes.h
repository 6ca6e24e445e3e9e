// The names in /proc and /sys that are always there.
#ifndef SERVERS_VFS_PROC_NODES_H_
#define SERVERS_VFS_PROC_NODES_H_

#include "servers/linux_abi/file.h"

namespace tine::vfs {

enum class ProcNode : u32 {
  // Directories.
  kProc,
  kSysctl,
  kSysctlKernel,
  kSysctlRandom,
  kSysctlVm,
  kSysctlFs,
  kProcess,  // of a process or of one of its threads
  kTasks,
  kDescriptors,
  kDescriptorInfos,
  kSys,
  kSysDevices,
  kSysSystem,
  kSysCpu,
  // Links.
  kSelf,
  kThreadSelf,
  kMountsLink,
  kProgram,
  kDirectory,
  kRoot,
  kDescriptor,
  // Texts about the machine.
  kMemory,
  kUptime,
  kLoad,
  kSystemStat,
  kCpus,
  kVersion,
  kFileSystems,
  kCommandLine,
  kOnlineCpus,
  kPidMax,
  kThreadsMax,
  kSystemType,
  kRelease,
  kHostName,
  kDomainName,
  kBootId,
  kUuid,
  kOvercommit,
  kFileMax,
  kFilesOpen,
  kMostDescriptors,
  kMostPipe,
  kMostGroups,
  kLastCapability,
  kTainted,
  // Texts about a process.
  kStat,
  kStatus,
  kArguments,
  kEnvironment,
  kName,
  kMaps,
  kMemorySizes,
  kOomAdjust,
  kOomScore,
  kLimits,
  kMounts,
  kMountInfo,
  kWaitChannel,
  kCgroup,
  kDescriptorInfo,
};

struct ProcName {
  ProcNode parent;
  const char* name;
  ProcNode node;
  u32 mode;
};

inline constexpr u32 kProcDirectory = linux_abi::kModeDirectory | 0555;
inline constexpr u32 kProcLink = linux_abi::kModeSymlink | 0777;
inline constexpr u32 kProcText = linux_abi::kModeRegular | 0444;

inline constexpr ProcName kProcNames[] = {
    {ProcNode::kProc, "self", ProcNode::kSelf, kProcLink},
    {ProcNode::kProc, "thread-self", ProcNode::kThreadSelf, kProcLink},
    {ProcNode::kProc, "mounts", ProcNode::kMountsLink, kProcLink},
    {ProcNode::kProc, "meminfo", ProcNode::kMemory, kProcText},
    {ProcNode::kProc, "uptime", ProcNode::kUptime, kProcText},
    {ProcNode::kProc, "loadavg", ProcNode::kLoad, kProcText},
    {ProcNode::kProc, "stat", ProcNode::kSystemStat, kProcText},
    {ProcNode::kProc, "cpuinfo", ProcNode::kCpus, kProcText},
    {ProcNode::kProc, "version", ProcNode::kVersion, kProcText},
    {ProcNode::kProc, "filesystems", ProcNode::kFileSystems, kProcText},
    {ProcNode::kProc, "cmdline", ProcNode::kCommandLine, kProcText},
    {ProcNode::kProc, "sys", ProcNode::kSysctl, kProcDirectory},
    {ProcNode::kSysctl, "kernel", ProcNode::kSysctlKernel, kProcDirectory},
    {ProcNode::kSysctl, "vm", ProcNode::kSysctlVm, kProcDirectory},
    {ProcNode::kSysctl, "fs", ProcNode::kSysctlFs, kProcDirectory},
    {ProcNode::kSysctlFs, "file-max", ProcNode::kFileMax, kProcText},
    {ProcNode::kSysctlFs, "file-nr", ProcNode::kFilesOpen, kProcText},
    {ProcNode::kSysctlFs, "nr_open", ProcNode::kMostDescriptors, kProcText},
    {ProcNode::kSysctlFs, "pipe-max-size", ProcNode::kMostPipe, kProcText},
    {ProcNode::kSysctlKernel, "ngroups_max", ProcNode::kMostGroups, kProcText},
    {ProcNode::kSysctlKernel, "cap_last_cap", ProcNode::kLastCapability,
     kProcText},
    {ProcNode::kSysctlKernel, "tainted", ProcNode::kTainted, kProcText},
    {ProcNode::kSysctlKernel, "pid_max", ProcNode::kPidMax, kProcText},
    {ProcNode::kSysctlKernel, "threads-max", ProcNode::kThreadsMax, kProcText},
    {ProcNode::kSysctlKernel, "ostype", ProcNode::kSystemType, kProcText},
    {ProcNode::kSysctlKernel, "osrelease", ProcNode::kRelease, kProcText},
    {ProcNode::kSysctlKernel, "hostname", ProcNode::kHostName,
     linux_abi::kModeRegular | 0644},
    {ProcNode::kSysctlKernel, "domainname", ProcNode::kDomainName,
     linux_abi::kModeRegular | 0644},
    {ProcNode::kSysctlKernel, "random", ProcNode::kSysctlRandom,
     kProcDirectory},
    {ProcNode::kSysctlRandom, "boot_id", ProcNode::kBootId, kProcText},
    {ProcNode::kSysctlRandom, "uuid", ProcNode::kUuid, kProcText},
    {ProcNode::kSysctlVm, "overcommit_memory", ProcNode::kOvercommit,
     kProcText},
    {ProcNode::kProcess, "stat", ProcNode::kStat, kProcText},
    {ProcNode::kProcess, "status", ProcNode::kStatus, kProcText},
    {ProcNode::kProcess, "cmdline", ProcNode::kArguments, kProcText},
    {ProcNode::kProcess, "environ", ProcNode::kEnvironment,
     linux_abi::kModeRegular | 0400},
    {ProcNode::kProcess, "comm", ProcNode::kName,
     linux_abi::kModeRegular | 0644},
    {ProcNode::kProcess, "maps", ProcNode::kMaps, kProcText},
    {ProcNode::kProcess, "statm", ProcNode::kMemorySizes, kProcText},
    {ProcNode::kProcess, "exe", ProcNode::kProgram, kProcLink},
    {ProcNode::kProcess, "cwd", ProcNode::kDirectory, kProcLink},
    {ProcNode::kProcess, "root", ProcNode::kRoot, kProcLink},
    {ProcNode::kProcess, "fd", ProcNode::kDescriptors,
     linux_abi::kModeDirectory | 0500},
    {ProcNode::kProcess, "fdinfo", ProcNode::kDescriptorInfos, kProcDirectory},
    {ProcNode::kProcess, "task", ProcNode::kTasks, kProcDirectory},
    {ProcNode::kProcess, "oom_score_adj", ProcNode::kOomAdjust,
     linux_abi::kModeRegular | 0644},
    {ProcNode::kProcess, "oom_score", ProcNode::kOomScore, kProcText},
    {ProcNode::kProcess, "limits", ProcNode::kLimits, kProcText},
    {ProcNode::kProcess, "mounts", ProcNode::kMounts, kProcText},
    {ProcNode::kProcess, "mountinfo", ProcNode::kMountInfo, kProcText},
    {ProcNode::kProcess, "wchan", ProcNode::kWaitChannel, kProcText},
    {ProcNode::kProcess, "cgroup", ProcNode::kCgroup, kProcText},
    {ProcNode::kSys, "devices", ProcNode::kSysDevices, kProcDirectory},
    {ProcNode::kSysDevices, "system", ProcNode::kSysSystem, kProcDirectory},
    {ProcNode::kSysSystem, "cpu", ProcNode::kSysCpu, kProcDirectory},
    {ProcNode::kSysCpu, "online", ProcNode::kOnlineCpus, kProcText},
    {ProcNode::kSysCpu, "possible", ProcNode::kOnlineCpus, kProcText},
    {ProcNode::kSysCpu, "present", ProcNode::kOnlineCpus, kProcText},
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_PROC_NODES_H_
