// The machine as programs see it: uname, sysinfo, getrandom, and no network.
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

void set_text(char (&to)[65], const char* from) {
  for (unsigned i = 0; i + 1 < sizeof(to) && from[i] != '\0'; ++i) {
    to[i] = from[i];
  }
}

}  // namespace

Outcome ProcessServer::sys_uname(const Call& call) {
  UtsName name{};
  set_text(name.system, "Linux");
  set_text(name.node, call.task.inherited.uts->node);
  const u32 persona = call.task.inherited.persona;
  // override_release(): 60 more than the minor number.
  set_text(name.release,
           (persona & kPersonaUname26) != 0 ? "2.6.61-tine" : "6.1.0-tine");
  set_text(name.version, "#1 Tine");
  const bool is_32 = (persona & kPersonaDomain) == kPersonaLinux32;
  set_text(name.machine, is_32 ? kMachineName32 : kMachineName);
  set_text(name.domain, call.task.inherited.uts->domain);
  return call.result(user_.write(*call.task.mm, call.argument(0), name));
}

Outcome ProcessServer::set_name(const Call& call, char* to) {
  const i32 bytes = call.int_argument(1);
  if (!is_capable(call.task, Capability::kSysAdmin)) return call.result(-EPERM);
  if (bytes < 0 || bytes > 64) return call.result(-EINVAL);
  char name[65] = {};
  if (user_.read(*call.task.mm, call.argument(0), name,
                 static_cast<u64>(bytes)) != 0) {
    return call.result(-EFAULT);
  }
  for (unsigned i = 0; i < sizeof(name); ++i) to[i] = name[i];
  return call.result(0);
}
Outcome ProcessServer::sys_sethostname(const Call& call) {
  return set_name(call, call.task.inherited.uts->node);
}
Outcome ProcessServer::sys_setdomainname(const Call& call) {
  return set_name(call, call.task.inherited.uts->domain);
}

Outcome ProcessServer::sys_sysinfo(const Call& call) {
  const sys::Message memory =
      sys::call(kCallMemory, sys::make_message(MemoryLabel::kMemoryInfo));
  SysInfo info{};
  info.uptime = to_timespec(sys::clock_ns()).seconds;
  info.total_ram = config_.memory_bytes;
  if (sys::result_of(memory, -EIO) == 0) {
    info.free_ram = memory.words[1] * kPageSize;
  }
  info.processes = static_cast<u16>(tasks_.live());
  info.unit = 1;
  return call.result(user_.write(*call.task.mm, call.argument(0), info));
}

Outcome ProcessServer::sys_getrandom(const Call& call) {
  // What one call gives; callers must take less than they asked for.
  constexpr u64 kMost = 64 * 1024;
  const u32 flags = call.uint_argument(2);
  if ((flags & ~(kGrndNonblock | kGrndRandom | kGrndInsecure)) != 0 ||
      (flags & (kGrndRandom | kGrndInsecure)) ==
          (kGrndRandom | kGrndInsecure)) {
    return call.result(-EINVAL);
  }
  const u64 wanted = call.argument(1) < kMost ? call.argument(1) : kMost;
  u64 done = 0;
  while (done < wanted) {
    u8 bytes[256];
    const u64 count =
        wanted - done < sizeof(bytes) ? wanted - done : sizeof(bytes);
    random_.fill(bytes, count);
    if (user_.write(*call.task.mm, call.argument(0) + done, bytes, count) !=
        0) {
      break;
    }
    done += count;
  }
  return call.result(done == 0 && wanted != 0 ? -EFAULT
                                              : static_cast<i64>(done));
}

}  // namespace tine::process
