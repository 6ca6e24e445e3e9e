#include "servers/process/exec/script.h"

namespace tine::process {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

bool split_script_line(char (&line)[kScriptLineBytes], const char** interpreter,
                       const char** argument) {
  constexpr u64 kLast = kScriptLineBytes - 1;
  u64 end = 0;
  while (end < kScriptLineBytes && line[end] != '\n') ++end;
  if (end == kScriptLineBytes) {
    // No end of line: the name must at least end within what was read.
    u64 at = 2;
    while (at <= kLast && is_blank(line[at])) ++at;
    if (at > kLast) return false;
    while (at <= kLast && !is_blank(line[at]) && line[at] != '\0') ++at;
    if (at > kLast) return false;
    end = kLast;
  }
  while (end > 2 && is_blank(line[end - 1])) --end;
  line[end] = '\0';
  u64 name = 2;
  while (name < end && is_blank(line[name])) ++name;
  if (name == end) return false;
  *interpreter = &line[name];
  *argument = nullptr;
  u64 at = name;
  while (at < end && !is_blank(line[at]) && line[at] != '\0') ++at;
  if (at == end || line[at] == '\0') return true;
  line[at++] = '\0';
  while (at < end && is_blank(line[at])) ++at;
  if (at < end && line[at] != '\0') *argument = &line[at];
  return true;
}

}  // namespace tine::process
