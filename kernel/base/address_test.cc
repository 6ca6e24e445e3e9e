// What must not compile: addresses of different kinds, and bare numbers, do not
// pass for one another.
#include "kernel/base/address.h"

#include <gtest/gtest.h>

#include <concepts>
#include <type_traits>

namespace tine {
namespace {

template <typename To, typename From>
concept Converts =
    std::is_convertible_v<From, To> || std::is_assignable_v<To&, From>;
template <typename A, typename B>
concept Compares =
    requires(A a, B b) { a == b; } || requires(A a, B b) { a < b; };
template <typename A, typename B>
concept Adds = requires(A a, B b) { a + b; };
template <typename A, typename B>
concept Subtracts = requires(A a, B b) { a - b; };

template <typename A, typename B>
constexpr bool kApart = !Converts<A, B> && !Converts<B, A> && !Compares<A, B> &&
                        !Adds<A, B> && !Subtracts<A, B>;

static_assert(kApart<PhysAddr, VirtAddr>);
static_assert(kApart<PhysAddr, Frame>);
static_assert(kApart<VirtAddr, Frame>);
static_assert(!std::is_constructible_v<PhysAddr, VirtAddr>);
static_assert(!std::is_constructible_v<VirtAddr, PhysAddr>);
static_assert(!std::is_constructible_v<Frame, PhysAddr>);

// Numbers and pointers become one only by name.
template <typename T>
constexpr bool kNoNumber = !Converts<T, u64> && !Converts<u64, T> &&
                           !Converts<T, void*> && !Compares<T, u64>;
static_assert(kNoNumber<PhysAddr> && kNoNumber<VirtAddr> && kNoNumber<Frame>);

// The sum of two addresses means nothing; nor does a frame's sum with bytes.
static_assert(!Adds<PhysAddr, PhysAddr> && !Adds<VirtAddr, VirtAddr>);
static_assert(!Adds<Frame, u64>);

// What is meant to work does, lest the above hold for want of operators.
static_assert(Adds<PhysAddr, u64> && Adds<VirtAddr, u64>);
static_assert(Subtracts<VirtAddr, VirtAddr>);
static_assert(Compares<PhysAddr, PhysAddr> && Compares<Frame, Frame>);

TEST(Address, FramesAndAddresses) {
  const PhysAddr address{0x1234'5678};
  const Frame frame = Frame::containing(address);
  EXPECT_EQ(frame.number, 0x12345u);
  EXPECT_EQ(frame.address(), PhysAddr{0x1234'5000});
}

TEST(Address, PagesOfVirtualAddresses) {
  const VirtAddr va{0x7fff'1234};
  EXPECT_EQ(va.page(), VirtAddr{0x7fff'1000});
  EXPECT_EQ(va.page_offset(), 0x234u);
  EXPECT_EQ((va + kPageSize) - va, kPageSize);
}

TEST(Address, Rounding) {
  EXPECT_EQ(page_round_up(0), 0u);
  EXPECT_EQ(page_round_up(1), kPageSize);
  EXPECT_EQ(page_round_up(kPageSize), kPageSize);
  EXPECT_EQ(page_round_down(kPageSize + 1), kPageSize);
}

}  // namespace
}  // namespace tine
