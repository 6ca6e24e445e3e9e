#include "primes.h"

#include <gtest/gtest.h>

#include <csignal>

TEST(CountPrimes, KnowsTheFirstOnes) {
  EXPECT_EQ(count_primes(0, 1, 2), 0);
  EXPECT_EQ(count_primes(0, 1, 30), 10);
}

TEST(CountPrimes, SlicesAddUp) {
  int sum = 0;
  for (int first = 0; first < 7; ++first) sum += count_primes(first, 7, 1000);
  EXPECT_EQ(sum, 168);
}

TEST(CountPrimesDeathTest, AStepOfZeroWouldNeverEnd) {
  EXPECT_EXIT(count_primes(0, 0, 1), testing::KilledBySignal(SIGABRT), "");
}
