// The first line of a script that names its interpreter (binfmt_script).
#ifndef SERVERS_PROCESS_EXEC_SCRIPT_H_
#define SERVERS_PROCESS_EXEC_SCRIPT_H_

#include "kernel/base/types.h"

namespace tine::process {

// Linux: BINPRM_BUF_SIZE, and how many scripts may run one another.
inline constexpr u64 kScriptLineBytes = 256;
inline constexpr u32 kMostScripts = 5;

// The words of "#! interpreter [one argument]". The line is cut into
// NUL-terminated strings in place; `argument` is null if there is none. False:
// not a line that can be run.
bool split_script_line(char (&line)[kScriptLineBytes], const char** interpreter,
                       const char** argument);

}  // namespace tine::process

#endif  // SERVERS_PROCESS_EXEC_SCRIPT_H_
