// The server's own beginning: its tables, the route of all programs, pid 1.
#include "arch/hw/trap_frame.h"
#include "arch/hw/user_state.h"
#include "kernel/base/command_line.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mqueue.h"
#include "servers/process/handles.h"
#include "servers/process/process_server.h"
#include "servers/protocol/vfs.h"
#include "servers/runtime/trace.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// As many as there are records on the task board, as far as this server's
// memory goes.
u32 most_tasks(const Heap& heap, const ServerConfig& config) {
  constexpr u64 kFixed = 256 * 1024;  // pids, queues of futexes
  const u64 taken = kFixed + sysv::BlockPool::heap_bytes(config.memory_bytes);
  constexpr u64 kEach = sizeof(Task) + sizeof(Process) + sizeof(u32) +
                        sizeof(Mm) + sizeof(Handlers) + sizeof(Executable) +
                        sizeof(QueuedSignal) + sizeof(PosixTimer) +
                        sizeof(OwnCapabilities) + sizeof(sysv::UndoList) + 64;
  u64 count = config.board_records;
  const u64 room = heap.left() > taken ? (heap.left() - taken) / kEach : 0;
  if (count > room) count = room;
  return static_cast<u32>(count < 8 ? 8 : count);
}

void set_limits(Process& init, u32 tasks) {
  Rlimit* limits = init.limits;
  for (u32 i = 0; i < kLimits; ++i) limits[i] = {kUnlimited, kUnlimited};
  limits[kLimitStack] = {8 * 1024 * 1024, kUnlimited};
  limits[kLimitCore] = {0, kUnlimited};
  limits[kLimitProcesses] = {tasks / 2, tasks / 2};
  limits[kLimitFiles] = {1024, 4096};
  limits[kLimitLocked] = {8 * 1024 * 1024, 8 * 1024 * 1024};
  limits[kLimitPending] = {tasks / 2, tasks / 2};
  limits[kLimitQueue] = {kMqUsualLimit, kMqUsualLimit};
  limits[kLimitNice] = {0, 0};
  limits[kLimitRtPriority] = {0, 0};
}

}  // namespace

ProcessServer::ProcessServer(Heap& heap, const ServerConfig& config)
    : config_(config),
      pid_spaces_(heap, config.board, config.board_records),
      tasks_(heap, most_tasks(heap, config), pid_spaces_),
      mms_(heap, tasks_.capacity() + 1),  // exec has two for a while
      processes_(heap, tasks_.capacity() + 1),
      actions_(heap, tasks_.capacity()),
      executables_(heap, tasks_.capacity() + 1),
      filters_(heap, user_),
      uts_(heap, kMostUtsNamespaces),
      own_capabilities_(heap, tasks_.capacity() + 1),
      io_contexts_(
          heap, tasks_.capacity() < kPidMax ? tasks_.capacity() : u32{kPidMax}),
      traces_(heap, tasks_.capacity()),
      futex_table_(heap),
      board_(config),
      signal_store_(heap, tasks_.capacity()),
      ipc_blocks_(heap, config.memory_bytes),
      segments_(ipc_blocks_, config.memory_bytes),
      semaphores_(heap, ipc_blocks_, *this, tasks_.capacity()),
      messages_(ipc_blocks_, *this),
      journal_(config.ring),
      deferred_(journal_),
      scheduler_(board_, deferred_),
      timers_(deferred_),
      clock_(config.boot_realtime_ns),
      waiting_(timers_, futex_table_, scheduler_, ipc_blocks_, semaphores_,
               messages_, board_),
      fork_mode_(command_line_has(config.command_line, "tine.fork=eager")
                     ? ForkMode::kEager
                     : ForkMode::kShareTables),
      pids_(pid_spaces_, tasks_),
      clocks_(clock_, tasks_, pids_, board_),
      signals_(*this, signal_store_, tasks_, pids_, board_, waiting_, user_,
               deferred_),
      interval_timers_(timers_, clocks_, signals_),
      posix_timers_(heap, tasks_.capacity(), timers_, clock_, clocks_, tasks_,
                    signals_, signal_store_),
      traced_(user_),
      loader_(user_, random_, config),
      futexes_(futex_table_, tasks_, user_, waiting_, scheduler_, ipc_blocks_,
               clock_, pids_) {
  sys::start_trace(config);
}

void ProcessServer::make_route() {
  const auto check = [](const sys::BatchResult& result) {
    if (result.status != Status::kOk) sys::fail("process: cannot make a route");
  };
  check(sys::run({OpCode::kRouteNew, kSelfPool, kRouteHandle, kSelfEndpoint,
                  kCallMemory, kCallVfs}));
  for (const SyscallInfo& call : kSyscallTable) {
    const u32 number = static_cast<u32>(call.number);
    if (number >= kSyscallNumbers || call.route == Route::kProcess) continue;
    check(sys::run({OpCode::kRouteSet, kRouteHandle, number,
                    static_cast<u64>(call.route)}));
  }
}

// No call is chosen for another server than this: that of watched threads.
void ProcessServer::make_watched_route() {
  if (sys::run({OpCode::kRouteNew, kSelfPool, kWatchedRouteHandle,
                kSelfEndpoint, kCallMemory, kCallVfs})
          .status != Status::kOk) {
    sys::fail("process: cannot make a route");
  }
}

void ProcessServer::start() {
  static constexpr char kInitPath[] = "/init";
  static constexpr const char* kArguments[] = {kInitPath};
  static constexpr const char* kEnvironment[] = {
      "HOME=/", "PATH=/bin:/usr/bin:/sbin:/usr/sbin", "TERM=dumb"};

  make_route();
  make_watched_route();
  random_.seed(sys::clock_ns());
  for (u64 i = 0; i < sizeof(config_.command_line) / 8; ++i) {
    u64 word;
    __builtin_memcpy(&word, config_.command_line + 8 * i, sizeof(word));
    if (word != 0) random_.seed(word);
  }

  Task* init = nullptr;
  (void)tasks_.take({}, &init);
  Mm* mm = mms_.take();
  Handlers* handlers = actions_.make();
  Process* process = processes_.make();
  UtsNamespace* uts = uts_.make();
  if (init == nullptr || mm == nullptr || handlers == nullptr ||
      process == nullptr || uts == nullptr) {
    sys::fail("process: no memory for process 1");
  }
  init->mm = mm;
  init->inherited.uts = uts;
  init->inherited.is_watched = sys::traces_calls;
  begin_process(*process, *init);
  process->own_handlers = handlers;
  process->shared_actions = nullptr;
  process->parent_execs = 0;
  process->parent = nullptr;
  process->parent_task = nullptr;
  process->exit_signal = kSigChld;
  process->dumpable = 1;
  process->pids = nullptr;
  process->is_unkillable = true;
  set_limits(*process, tasks_.capacity());
  // Group and session of process 1 are its own, unlike Linux's 0: there is no
  // process 0 here.
  tasks_.join(*process, kInitPid, kInitPid);

  // The vfs server must know the task before it can open a path for it.
  init->files_record = journal_.write(RingOp::kFilesNew, init->cookie());
  journal_.publish_alone();

  loader_.begin(kInitPath, {.fixed = kArguments, .fixed_count = 1},
                {.fixed = kEnvironment,
                 .fixed_count = sizeof(kEnvironment) / sizeof(char*)});
  if (loader_.find(*init) != 0) sys::fail("process: there is no /init");
  if (loader_.load(*init, *mm, loader_.ids(*init)) != 0)
    sys::fail("process: cannot load /init");
  loader_.close();
  name_after_program(*init);

  Utcb& block = sys::utcb();
  hw::init_user_frame(*reinterpret_cast<hw::TrapFrame*>(block.registers),
                      loader_.image().entry, loader_.image().stack_pointer);
  hw::init_user_state(*reinterpret_cast<hw::UserState*>(block.user_state));
  journal_.write(RingOp::kMmCommit, mm->id);
  sys::Batch make;
  make.add(OpCode::kThreadNew, kSelfPool, thread_handle(*init), mm->space,
           static_cast<u64>(ThreadKind::kManaged),
           sys::traces_calls ? kWatchedRouteHandle : kRouteHandle,
           init->cookie());
  make.add(OpCode::kThreadRegisters, thread_handle(*init), 0,
           static_cast<u64>(RegistersAction::kSet));
  make.add(OpCode::kThreadPublish, thread_handle(*init), 0, init->cookie());
  journal_.publish(make);
  if (make.run().status != Status::kOk) {
    sys::fail("process: cannot start process 1");
  }
  init->state = TaskState::kLive;
  board_.start(*init, sys::clock_ns());
  board_.exec(*init, loader_.image());
}

}  // namespace tine::process
