#include "servers/process/exec/executables.h"

#include "servers/process/exec/program_file.h"

namespace tine::process {

void Executables::close_idle() {
  while (Executable* executable = idle_) {
    idle_ = executable->next_idle;
    ProgramFile::forget(executable->file);
    records_.free(executable);
  }
}

}  // namespace tine::process
