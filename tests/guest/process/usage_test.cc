// Page faults are counted, and a parent gets the counts of those it waited for.
// feature-map: 107
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kPages = 64;

long faults_of(int who) {
  struct rusage usage{};
  EXPECT_EQ(getrusage(who, &usage), 0);
  return usage.ru_minflt;
}

void touch_pages() {
  void* const at = mmap(nullptr, kPages * kPage, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  (void)madvise(at, kPages * kPage, MADV_NOHUGEPAGE);
  for (size_t i = 0; i < kPages; ++i) static_cast<char*>(at)[i * kPage] = 1;
}

TEST(Usage, FaultsAreCounted) {
  const long before = faults_of(RUSAGE_SELF);
  touch_pages();
  EXPECT_GE(faults_of(RUSAGE_SELF) - before, long{kPages});
}

TEST(Usage, OfAChildIsReportedByWaitAndAddedUp) {
  const long before = faults_of(RUSAGE_CHILDREN);
  const pid_t child = start_child([] {
    touch_pages();
    return 0;
  });
  struct rusage usage{};
  int status;
  EXPECT_EQ(faults_of(RUSAGE_CHILDREN), before) << "not waited for yet";
  ASSERT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_GE(usage.ru_minflt, long{kPages});
  EXPECT_GT(usage.ru_maxrss, 0);
  EXPECT_GE(faults_of(RUSAGE_CHILDREN) - before, usage.ru_minflt);
}

}  // namespace
}  // namespace tine::guest
