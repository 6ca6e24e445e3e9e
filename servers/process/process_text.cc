// Texts of /proc that are about this server's own: names, limits and scores.
// A program's read or write of one was handed on by the vfs server.
#include "servers/protocol/process_text.h"

#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"
#include "servers/process/text_builder.h"
#include "servers/protocol/vfs.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// fs/proc/base.c, by number.
struct LimitName {
  const char* name;
  const char* unit;
};
constexpr LimitName kLimitNames[] = {
    {"Max cpu time", "seconds"},     {"Max file size", "bytes"},
    {"Max data size", "bytes"},      {"Max stack size", "bytes"},
    {"Max core file size", "bytes"}, {"Max resident set", "bytes"},
    {"Max processes", "processes"},  {"Max open files", "files"},
    {"Max locked memory", "bytes"},  {"Max address space", "bytes"},
    {"Max file locks", "locks"},     {"Max pending signals", "signals"},
    {"Max msgqueue size", "bytes"},  {"Max nice priority", ""},
    {"Max realtime priority", ""},   {"Max realtime timeout", "us"},
};
static_assert(sizeof(kLimitNames) / sizeof(LimitName) == kLimits);

void write_limits(const Process& process, TextBuilder& out) {
  constexpr u64 kNameWidth = 26;
  constexpr u64 kValueWidth = 21;
  constexpr u64 kUnitWidth = 10;
  out.put("Limit", kNameWidth);
  out.put("Soft Limit", kValueWidth);
  out.put("Hard Limit", kValueWidth);
  out.put("Units", kUnitWidth);
  out.put("\n");
  for (u32 i = 0; i < kLimits; ++i) {
    out.put(kLimitNames[i].name, kNameWidth);
    for (const u64 value : {process.limits[i].soft, process.limits[i].hard}) {
      if (value == kUnlimited) {
        out.put("unlimited", kValueWidth);
      } else {
        out.number(value, kValueWidth);
      }
    }
    out.put(kLimitNames[i].unit,
            kLimitNames[i].unit[0] != '\0' ? kUnitWidth : 0);
    out.put("\n");
  }
}

// A whole number, with blanks around it. False: it is none.
bool parse_number(const char* text, i64* value) {
  const auto skip_blanks = [&] {
    while (*text == ' ' || *text == '\t' || *text == '\n') ++text;
  };
  skip_blanks();
  const bool is_negative = *text == '-';
  if (*text == '-' || *text == '+') ++text;
  if (*text < '0' || *text > '9') return false;
  *value = 0;
  for (; *text >= '0' && *text <= '9'; ++text) {
    *value = 10 * *value + (*text - '0');
    if (*value > INT32_MAX) return false;
  }
  skip_blanks();
  if (is_negative) *value = -*value;
  return *text == '\0';
}

}  // namespace

i64 ProcessServer::set_oom_adjust(Task& caller, Task& task, const char* text) {
  constexpr i64 kMost = 1000;
  i64 value;
  if (!parse_number(text, &value) || value < -kMost || value > kMost) {
    return -EINVAL;
  }
  const BoardRecord& record = board_.record_of(task);
  const bool may_lower = is_capable(caller, Capability::kSysResource);
  if (value < record.least_oom_adjust && !may_lower) return -EACCES;
  const i16 adjust = static_cast<i16>(value);
  const i16 least = may_lower ? adjust : record.least_oom_adjust;
  // Who dies for a space's pages is one question for all that use it.
  for (Task& other : tasks_) {
    if (other.state == TaskState::kLive && other.mm == task.mm) {
      board_.show_oom_adjust(other, adjust, least);
    }
  }
  return 0;
}

// `text` ends with a NUL within its kTextBytes.
i64 ProcessServer::store_text(Task& caller, Task* task, ProcessText kind,
                              const char* text) {
  switch (kind) {
    case ProcessText::kName:
      if (task == nullptr) return -ESRCH;
      if (task->process != caller.process) return -EINVAL;
      for (u32 i = 0, end = 0; i < kNameBytes; ++i) {
        if (end == 0 && (text[i] == '\0' || i + 1 == kNameBytes)) end = 1;
        task->inherited.name[i] = end != 0 ? '\0' : text[i];
      }
      board_.show_name(*task);
      return 0;
    case ProcessText::kOomAdjust:
      return task == nullptr ? -ESRCH : set_oom_adjust(caller, *task, text);
    case ProcessText::kHostName:
    case ProcessText::kDomainName: {
      UtsNamespace& uts = *caller.inherited.uts;
      char* const to = kind == ProcessText::kHostName ? uts.node : uts.domain;
      u32 i = 0;
      for (; i + 1 < UtsNamespace::kBytes && text[i] != '\0' && text[i] != '\n';
           ++i) {
        to[i] = text[i];
      }
      for (; i < UtsNamespace::kBytes; ++i) to[i] = '\0';
      return 0;
    }
    default:
      return -EINVAL;
  }
}

i64 ProcessServer::write_text(Task& caller, Task* task,
                              const TextRequest& request) {
  char text[kTextBytes] = {};
  const u64 bytes =
      request.bytes < kTextBytes - 1 ? request.bytes : kTextBytes - 1;
  if (user_.read(*caller.mm, request.address, text, bytes) != 0) {
    return -EFAULT;
  }
  const i64 error = store_text(caller, task, request.text, text);
  return error != 0 ? error : static_cast<i64>(request.bytes);
}

i64 ProcessServer::read_text(Task& caller, const Task* task,
                             const TextRequest& request) {
  TextBuilder out(request.position);
  switch (request.text) {
    case ProcessText::kLimits:
      if (task == nullptr) return -ESRCH;
      write_limits(*task->process, out);
      break;
    case ProcessText::kTimerSlack:
      if (task == nullptr) return -ESRCH;
      out.number(task->inherited.timer_slack_ns);
      out.put("\n");
      break;
    case ProcessText::kSegments:
      list_segments(caller, out);
      break;
    case ProcessText::kQueues:
      list_queues(caller, out);
      break;
    case ProcessText::kSemaphores:
      list_semaphores(out);
      break;
    case ProcessText::kHostName:
      out.put(caller.inherited.uts->node);
      out.put("\n");
      break;
    case ProcessText::kDomainName:
      out.put(caller.inherited.uts->domain);
      out.put("\n");
      break;
    default:
      return -EINVAL;
  }
  if (out.count() == 0) return 0;
  const u64 bytes =
      out.count() < request.bytes ? out.count() : u64{request.bytes};
  const i64 error = user_.write(*caller.mm, request.address, out.text(), bytes);
  if (error != 0) return error;
  if (request.fd != kNoTextFd) {
    (void)sys::call(kCallVfs,
                    sys::make_message(VfsLabel::kTextRead, caller.cookie(),
                                      request.fd, bytes));
  }
  return static_cast<i64>(bytes);
}

// kRaiseText.
Outcome ProcessServer::text_request(Task& caller, const sys::Message& in) {
  const TextRequest request =
      TextRequest::of(in.words[1], in.words[2], in.words[3]);
  Task* const task = request.tid == 0 ? nullptr : tasks_.find(Pid{request.tid});
  user_.begin_call();
  const i64 result = request.is_write ? write_text(caller, task, request)
                                      : read_text(caller, task, request);
  if (user_.is_short() && (result == -EFAULT || result == -ENOMEM)) {
    return out_of_memory(caller, in.token);
  }
  return deliver(caller, in.token, Ending::result(result));
}

}  // namespace tine::process
