// The debug registers of AArch64 as two register sets: what they say, and what
// they refuse.
#include "tests/guest/arch/breakpoints.h"
#include "tests/guest/tracer.h"

namespace tine::guest {
namespace {

alignas(8) volatile uint64_t words[2];
const uint64_t kWord = reinterpret_cast<uint64_t>(&words[0]);
constexpr int kSets[] = {NT_ARM_HW_BREAK, NT_ARM_HW_WATCH};
constexpr uint32_t kUser = 2 << 1;
constexpr uint32_t kLoads = 1 << 3;
constexpr uint32_t kStores = 2 << 3;

constexpr uint32_t of_bytes(uint32_t mask) { return mask << 5; }

class DebugRegisters : public testing::Test {
 protected:
  void SetUp() override {
    child_ = start_traced([] {
      words[0] = 1;
      words[1] = 2;
      return 2;
    });
  }
  void TearDown() override {
    EXPECT_EQ(kill(child_, SIGKILL), 0);
    EXPECT_EQ(wait_for(child_), -SIGKILL);
  }

  DebugState get(int set) { return debug_state(child_, set); }
  // One slot as it is given; `bytes` of the set, or all of it.
  int set(int type, unsigned index, uint64_t address, uint32_t control,
          size_t bytes = 0) {
    DebugState state = get(type);
    state.slots[index] = {address, control, 0};
    return set_debug_state(child_, type, state, bytes);
  }

  pid_t child_ = -1;
};

TEST_F(DebugRegisters, BeginEmpty) {
  for (const int type : kSets) {
    DebugState state;
    EXPECT_EQ(get_set(child_, type, state), 264);
    const unsigned count = state.resources & 0xff;
    EXPECT_GE(count, 2u);
    EXPECT_LE(count, 16u);
    EXPECT_GE(state.resources >> 8, 6u);
    EXPECT_EQ(state.padding, 0u);
    for (const auto& slot : state.slots) {
      EXPECT_EQ(slot.address, 0u);
      EXPECT_EQ(slot.control, 0u);
      EXPECT_EQ(slot.padding, 0u);
    }
  }
}

TEST_F(DebugRegisters, KeepWhatTheyAreGiven) {
  EXPECT_EQ(
      set(NT_ARM_HW_BREAK, 1, kWord, of_bytes(15) | kUser | kBreakpointOn), 0);
  DebugState state = get(NT_ARM_HW_BREAK);
  EXPECT_EQ(state.slots[1].address, kWord);
  EXPECT_EQ(state.slots[1].control, of_bytes(15) | kUser | kBreakpointOn);
  // The first, which was written as zeros, is one that is off.
  EXPECT_EQ(state.slots[0].control, of_bytes(15) | kUser);
  EXPECT_EQ(get(NT_ARM_HW_WATCH).slots[1].control, 0u);

  // The user's level is what there is, whatever is asked for.
  EXPECT_EQ(set(NT_ARM_HW_WATCH, 0, kWord,
                of_bytes(1) | kStores | 3 << 1 | kBreakpointOn),
            0);
  state = get(NT_ARM_HW_WATCH);
  EXPECT_EQ(state.slots[0].address, kWord);
  EXPECT_EQ(state.slots[0].control,
            of_bytes(1) | kStores | kUser | kBreakpointOn);
  // Turning off leaves the rest.
  EXPECT_EQ(set(NT_ARM_HW_WATCH, 0, kWord, 0), 0);
  EXPECT_EQ(get(NT_ARM_HW_WATCH).slots[0].control,
            of_bytes(1) | kStores | kUser);
}

TEST_F(DebugRegisters, BytesAreARun) {
  for (const uint32_t mask : {0x05u, 0x1bu, 0x81u, 0x00u}) {
    EXPECT_EQ(set(NT_ARM_HW_WATCH, 0, kWord,
                  of_bytes(mask) | kStores | kBreakpointOn),
              EINVAL)
        << mask;
  }
  for (const uint32_t mask : {0x01u, 0x03u, 0x07u, 0x0fu, 0x7fu, 0xffu}) {
    EXPECT_EQ(
        set(NT_ARM_HW_WATCH, 0, kWord, of_bytes(mask) | kLoads | kBreakpointOn),
        0)
        << mask;
  }
  // It may begin behind the address, and the address may say so itself.
  EXPECT_EQ(
      set(NT_ARM_HW_WATCH, 0, kWord, of_bytes(0x0c) | kStores | kBreakpointOn),
      0);
  EXPECT_EQ(get(NT_ARM_HW_WATCH).slots[0].control,
            of_bytes(0x0c) | kStores | kUser | kBreakpointOn);
  EXPECT_EQ(set(NT_ARM_HW_WATCH, 0, kWord + 2,
                of_bytes(0x03) | kStores | kBreakpointOn),
            0);
  const DebugState state = get(NT_ARM_HW_WATCH);
  EXPECT_EQ(state.slots[0].address, kWord);
  EXPECT_EQ(state.slots[0].control,
            of_bytes(0x0c) | kStores | kUser | kBreakpointOn);
}

TEST_F(DebugRegisters, EachKindInItsSet) {
  EXPECT_EQ(set(NT_ARM_HW_WATCH, 0, kWord, of_bytes(15) | kBreakpointOn),
            EINVAL);
  for (const uint32_t access : {kLoads, kStores, kLoads | kStores}) {
    EXPECT_EQ(
        set(NT_ARM_HW_BREAK, 0, kWord, of_bytes(15) | access | kBreakpointOn),
        EINVAL);
  }
}

TEST_F(DebugRegisters, OnlySoMany) {
  for (const int type : kSets) {
    DebugState state = get(type);
    const unsigned count = state.resources & 0xff;
    if (count == 16) continue;
    for (auto& slot : state.slots) slot.address = kWord;
    EXPECT_EQ(set_debug_state(child_, type, state, sizeof(state)), ENOSPC);
    // What comes before that is done.
    EXPECT_EQ(get(type).slots[count - 1].address, kWord);
    EXPECT_EQ(get(type).slots[count].address, 0u);
  }
}

TEST_F(DebugRegisters, PartsOfASet) {
  const uint32_t control = of_bytes(0xff) | kStores | kBreakpointOn;
  EXPECT_EQ(set(NT_ARM_HW_WATCH, 0, kWord, control, 8), 0);
  EXPECT_EQ(get(NT_ARM_HW_WATCH).slots[0].address, 0u);
  EXPECT_EQ(set(NT_ARM_HW_WATCH, 0, kWord, control, 12), EINVAL);
  EXPECT_EQ(set(NT_ARM_HW_WATCH, 0, kWord, control, 15), EINVAL);
  EXPECT_EQ(set(NT_ARM_HW_WATCH, 0, kWord, control, 16), 0);
  EXPECT_EQ(get(NT_ARM_HW_WATCH).slots[0].address, kWord);
  EXPECT_EQ(get(NT_ARM_HW_WATCH).slots[0].control & kBreakpointOn, 0u);
  EXPECT_EQ(set(NT_ARM_HW_WATCH, 0, kWord, control, 20), 0);
  EXPECT_EQ(get(NT_ARM_HW_WATCH).slots[0].control, control | kUser);
  // Reading less than there is.
  DebugState state{};
  iovec vector{&state, 12};
  EXPECT_EQ(ptrace(PTRACE_GETREGSET, child_, NT_ARM_HW_WATCH, &vector), 0);
  EXPECT_EQ(vector.iov_len, 12u);
}

TEST_F(DebugRegisters, SignalsTellWhatWasAccessed) {
  ASSERT_EQ(set(NT_ARM_HW_WATCH, 1, kWord + 8,
                of_bytes(0xff) | kStores | kBreakpointOn),
            0);
  ASSERT_EQ(go_on(child_), 0);
  ASSERT_EQ(stop_of(next_status(child_)), SIGTRAP);
  siginfo_t info{};
  ASSERT_EQ(ptrace(PTRACE_GETSIGINFO, child_, nullptr, &info), 0);
  EXPECT_EQ(info.si_code, TRAP_HWBKPT);
  EXPECT_EQ(reinterpret_cast<uint64_t>(info.si_addr), kWord + 8);
  // Nobody has stepped over it: it is the same once more.
  ASSERT_EQ(go_on(child_), 0);
  ASSERT_EQ(stop_of(next_status(child_)), SIGTRAP);
  ASSERT_EQ(ptrace(PTRACE_GETSIGINFO, child_, nullptr, &info), 0);
  EXPECT_EQ(info.si_code, TRAP_HWBKPT);
  EXPECT_EQ(ptrace(PTRACE_PEEKDATA, child_, kWord + 8, nullptr), 0);
}

}  // namespace
}  // namespace tine::guest
