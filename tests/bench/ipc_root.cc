// A root server that measures messages between address spaces, in instructions.
// It starts ipc_echo, calls it; then starts the program ipc_program and answers
// its system calls and faults. Figures go to the run's log, a line each:
//
//   ipc NAME VALUE        VALUE: instructions of one operation, two decimals
//
// `_user` is the part of the two user loops in it, traps included, measured
// with no-operations in the traps' place.
#include "arch/hw/trap_frame.h"
#include "kernel/abi/boot_info.h"
#include "servers/root/start_server.h"
#include "servers/runtime/server_main.h"
#include "servers/runtime/sys.h"
#include "tests/bench/ipc_calls.h"

namespace tine::bench {
namespace {

enum : Handle {
  kFaults = kRootFirstFree,
  kPrograms,  // receives the program's calls and faults
  kEcho,
  kRoute,
  kProgramSpace,
  kProgramThread,
  kPage,
  kNothing,  // no handle is there
};
static_assert(kNothing < kFirstHandedOut);

constexpr u64 kCall = native_tag(NativeOp::kCall);
constexpr u64 kAnswer = native_tag(NativeOp::kReplyRecv);
constexpr u64 kAnswerResume = native_tag(NativeOp::kReplyRecv, kReplyResume);
constexpr u64 kScratchAddress = 0x6000'0000;

void append(char*& to, const char* text) {
  while (*text != '\0') *to++ = *text++;
}

void append(char*& to, u64 value) {
  char digits[20];
  unsigned n = 0;
  do {
    digits[n++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (n > 0) *to++ = digits[--n];
}

void report(const char* name, u64 hundredths) {
  char line[80];
  char* end = line;
  append(end, "ipc ");
  append(end, name);
  append(end, " ");
  append(end, hundredths / 100);
  append(end, hundredths % 100 < 10 ? ".0" : ".");
  append(end, hundredths % 100);
  *end = '\0';
  sys::log(line);
}

// The least of the trials of `body`, which does kTurns operations, in
// hundredths of an instruction of one operation.
template <typename Body>
u64 measure(Body body) {
  u64 least = ~u64{0};
  for (u64 i = 0; i < kTrials; ++i) {
    const u64 begin = ticks();
    body();
    const u64 taken = ticks() - begin;
    if (taken < least) least = taken;
  }
  return least * kInstructionsPerTick * 100 / kTurns;
}

// One user loop without its traps, by the same clock as all else.
u64 measure_loop() {
  return measure([] { trap_loop<false, kCall, kEcho>(kTurns, 0); });
}

void measure_native_calls() {
  constexpr u64 kClock = native_tag(NativeOp::kClock);
  trap_loop<true, kClock, kNothing>(kWarmTurns, 0);
  report("clock",
         measure([] { trap_loop<true, kClock, kNothing>(kTurns, 0); }));
  trap_loop<true, kCall, kNothing>(kWarmTurns, 0);
  report("refused_call",
         measure([] { trap_loop<true, kCall, kNothing>(kTurns, 0); }));
}

void measure_round_trip(const BootInfo& boot) {
  const StartedServer echo = start_server({.name = "echo",
                                           .id = ServerId::kConsole,
                                           .heap_bytes = kPageSize,
                                           .pool_frames = 16},
                                          boot, kFaults);
  must(sys::run({OpCode::kEndpointMint, echo.endpoint, kEcho, 1}));
  publish(echo);
  trap_loop<true, kCall, kEcho>(kWarmTurns, 0);
  report("round_trip",
         measure([] { trap_loop<true, kCall, kEcho>(kTurns, 0); }));
}

// One page, as a server maps it: through the runtime, whose instructions are
// counted with it.
void measure_map() {
  must(sys::run({OpCode::kSpaceNew, kRootPool, kPage, 0,
                 static_cast<u64>(SpaceKind::kObject)}));
  must(sys::run({OpCode::kSpacePopulate, kPage, 0, 0, 0, 1,
                 u64{Rights::kRead | Rights::kWrite}}));
  const auto map_unmap = [] {
    must(sys::run({OpCode::kSpaceMap, kProgramSpace, kScratchAddress, kPage, 0,
                   1,
                   u64{Rights::kRead | Rights::kWrite} |
                       static_cast<u64>(MapMode::kShared) << 8}));
    must(sys::run(
        {OpCode::kSpaceUnmap, kProgramSpace, kScratchAddress, 0, 0, 1}));
  };
  // Its neighbour keeps the table there, as in a space that is in use.
  must(sys::run({OpCode::kSpacePopulate, kProgramSpace,
                 kScratchAddress + kPageSize, 0, 0, 1, u64{Rights::kRead}}));
  map_unmap();
  report("map_unmap_user_too", measure([&] {
           for (u64 i = 0; i < kTurns; ++i) map_unmap();
         }));
}

void load_program(const BootInfo& boot) {
  must(sys::run({OpCode::kEndpointNew, kRootPool, kPrograms}));
  must(sys::run(
      {OpCode::kRouteNew, kRootPool, kRoute, kPrograms, kPrograms, kPrograms}));
  must(sys::run({OpCode::kSpaceNew, kRootPool, kProgramSpace, kFirstUserBadge,
                 static_cast<u64>(SpaceKind::kLoadable)}));
  const u64 entry = load_server(
      find_in_boot_image("program", boot.boot_image_bytes), kProgramSpace);
  must(sys::run({OpCode::kSpacePopulate, kProgramSpace,
                 kServerStackTop - kPageSize, 0, 0, 1,
                 u64{Rights::kRead | Rights::kWrite}}));
  must(sys::run({OpCode::kThreadNew, kRootPool, kProgramThread, kProgramSpace,
                 static_cast<u64>(ThreadKind::kManaged), kRoute,
                 kFirstUserBadge}));
  auto* frame = reinterpret_cast<hw::TrapFrame*>(sys::utcb().registers);
  hw::init_user_frame(*frame, entry, kServerStackTop);
  must(sys::run({OpCode::kThreadRegisters, kProgramThread, 0,
                 static_cast<u64>(RegistersAction::kSet)}));
}

// The program's calls first, as many as it makes; then its faults, which are
// answered without a page, so that it faults again.
void measure_program() {
  must(sys::run({OpCode::kThreadPublish, kProgramThread, 0, kFirstUserBadge}));
  u64 token = trap_loop<true, kAnswer, kPrograms>(kWarmTurns, 0);
  report("system_call", measure([&] {
           token = trap_loop<true, kAnswer, kPrograms>(kTurns, token);
         }));
  token = trap_loop<true, kAnswer, kPrograms>(1, token);
  token = trap_loop<true, kAnswerResume, kPrograms>(kWarmTurns, token);
  report("fault", measure([&] {
           token = trap_loop<true, kAnswerResume, kPrograms>(kTurns, token);
         }));
}

}  // namespace
}  // namespace tine::bench

namespace tine {

void server_main() {
  using namespace bench;
  const BootInfo& boot = *reinterpret_cast<const BootInfo*>(kBootInfoAddress);
  must(sys::run({OpCode::kEndpointNew, kRootPool, kFaults}));
  report("loop_user", measure_loop());
  measure_native_calls();
  measure_round_trip(boot);
  load_program(boot);
  measure_map();
  measure_program();
  (void)sys::run({OpCode::kShutdown, kRootControl, 0});
  sys::fail("ipc: the run did not end");
}

}  // namespace tine
