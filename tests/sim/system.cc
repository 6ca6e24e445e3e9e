#include "tests/sim/system.h"

#include <gtest/gtest.h>

#include <ostream>
#include <utility>

#include "kernel/base/command_line.h"
#include "kernel/memory/frame_table.h"
#include "kernel/memory/teardown.h"
#include "kernel/object/objects.h"
#include "kernel/thread/thread_table.h"
#include "tests/sim/server_bodies.h"
#include "tests/sim/system_invariants.h"

namespace tine {
namespace {

// Behind those of the servers (servers_run.cc).
constexpr u64 kFirstEntry = sim::kTextAddress + 768;

}  // namespace

System::System(SystemConfig config) : config_(std::move(config)) {
  files_.push_back({"dev", 0040755, ""});
  files_.push_back({"dev/console", 0020600, ""});
}

void System::add_program(const std::string& path, Script script, u64 data) {
  const u64 entry = kFirstEntry + 16 * programs_.size();
  files_.push_back({path, 0100755, sim::make_elf(entry, data)});
  programs_.push_back({path, entry, std::move(script)});
}

void System::add_file(const std::string& path, const std::string& data,
                      u32 mode) {
  files_.push_back({path, mode, data});
}

sim::RunState System::run(Script init) {
  add_program("init", std::move(init));
  servers_ = std::make_unique<ServersRun>(
      system_servers(),
      sim::MachineConfig{.memory_bytes = config_.memory_bytes,
                         .seed = config_.seed,
                         .command_line = config_.command_line,
                         .initrd = sim::make_archive(files_)});
  sim::Machine& machine = servers_->machine();
  for (Program& program : programs_) {
    machine.add_code(program.entry,
                     User::code(machine, std::move(program.script), true));
  }
  machine.before_kernel = [this](Thread& thread) {
    calls_.before_kernel(thread);
  };
  machine.after_kernel = [this](Thread& thread) {
    record_kernel_steps();
    calls_.after_kernel(thread);
  };
  if (command_line_has(config_.command_line.c_str(), "tine.trace=fork")) {
    calls_.on_delivery = [this](const Thread& caller, const Thread& server) {
      record(TraceStep::kCallDelivered, caller, server);
    };
    calls_.on_answer = [this](const Thread& caller, const Thread& server) {
      record(TraceStep::kCallAnswered, caller, server);
    };
  }
  machine.before_user = [this](Thread&) {
    if (config_.check_every == 0 || ++returns_ % config_.check_every != 0) {
      return;
    }
    const std::string error = check_system(calls_);
    if (error.empty()) return;
    ADD_FAILURE() << error;
    config_.check_every = 0;  // the first violation says most
  };
  return machine.run();
}

void System::record(TraceStep step, const Thread& caller,
                    const Thread& server) {
  trace_.push_back({step, server.index, caller.cookie});
}

void System::record_kernel_steps() {
  if (!calls_.on_delivery) return;
  for (; traced_ != trace_ring.next; ++traced_) {
    trace_.push_back(trace_ring.records[traced_ % kTraceRecords]);
  }
}

std::string System::output() const {
  return servers_->machine().records().bytes;
}

std::string System::log() const {
  std::string text;
  for (const std::string& line : servers_->machine().records().log) {
    text += line + '\n';
  }
  return text;
}

System::Counts System::counts() {
  // The memory server reads what has ended when it is called next.
  (void)User(*sim::machine).syscall(static_cast<u64>(Nr::kBrk), {0});
  while (teardown_run(1)) {
  }
  u64 slabs = 0;
  for (u32 n = 0; n < frame_table.count; ++n) {
    slabs += frame_table.entries[n].type == FrameType::kSlab;
  }
  const ServersView view = view_servers();
  return {frames_free() + slabs, space_slab.live(),    thread_table.live(),
          view.memory_objects,   view.committed_pages, view.tasks.size(),
          view.open_files};
}

std::ostream& operator<<(std::ostream& out, const System::Counts& counts) {
  return out << "{frames " << counts.free_frames << ", spaces " << counts.spaces
             << ", threads " << counts.threads << ", objects " << counts.objects
             << ", committed " << counts.committed_pages << ", tasks "
             << counts.tasks << ", files " << counts.open_files << "}";
}

i64 wait4(User& user, i64 pid, u64 status_address, u32 options) {
  return call(user, Nr::kWait4, pid, status_address, options, 0);
}

}  // namespace tine
