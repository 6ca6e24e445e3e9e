// The vDSO: an ELF shared object that every program has in its memory, with
// clocks that can be read without a system call.
// feature-map: 111
#include <elf.h>
#include <gtest/gtest.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

#include "tests/guest/arch/vdso_names.h"
#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

// Its dynamic symbols, by the hash table as old dynamic linkers read it.
class Vdso {
 public:
  Vdso() : base_(getauxval(AT_SYSINFO_EHDR)) {
    if (base_ == 0) return;
    const auto* const header = at<Elf64_Ehdr>(0);
    for (unsigned i = 0; i < header->e_phnum; ++i) {
      const auto* const segment = at<Elf64_Phdr>(header->e_phoff) + i;
      if (segment->p_type == PT_LOAD) load_ = segment;
      if (segment->p_type == PT_DYNAMIC) {
        dynamic_ = at<Elf64_Dyn>(segment->p_vaddr);
      }
    }
  }

  uintptr_t base() const { return base_; }
  const Elf64_Phdr* load() const { return load_; }

  void* find(const char* name) const {
    const auto* const symbols = table<Elf64_Sym>(DT_SYMTAB);
    const auto* const strings = table<char>(DT_STRTAB);
    const auto* const hash = table<uint32_t>(DT_HASH);
    const auto* const versions = table<uint16_t>(DT_VERSYM);
    if (!symbols || !strings || !hash || !versions) return nullptr;
    const std::string wanted = kVdsoPrefix + std::string(name);
    for (uint32_t i = 1; i < hash[1]; ++i) {
      if (wanted == strings + symbols[i].st_name &&
          version_name(versions[i] & 0x7fff) == kVdsoVersion) {
        return reinterpret_cast<void*>(base_ + symbols[i].st_value);
      }
    }
    return nullptr;
  }

 private:
  template <typename T>
  const T* at(uint64_t offset) const {
    return reinterpret_cast<const T*>(base_ + offset);
  }
  template <typename T>
  const T* table(int64_t tag) const {
    for (const Elf64_Dyn* d = dynamic_; d && d->d_tag != DT_NULL; ++d) {
      if (d->d_tag == tag) return at<T>(d->d_un.d_ptr);
    }
    return nullptr;
  }
  std::string version_name(uint16_t index) const {
    const auto* definition = table<Elf64_Verdef>(DT_VERDEF);
    for (;;) {
      const auto* const bytes = reinterpret_cast<const char*>(definition);
      if (definition->vd_ndx == index) {
        const auto* const name =
            reinterpret_cast<const Elf64_Verdaux*>(bytes + definition->vd_aux);
        return table<char>(DT_STRTAB) + name->vda_name;
      }
      if (definition->vd_next == 0) return {};
      definition =
          reinterpret_cast<const Elf64_Verdef*>(bytes + definition->vd_next);
    }
  }

  uintptr_t base_;
  const Elf64_Phdr* load_ = nullptr;
  const Elf64_Dyn* dynamic_ = nullptr;
};

using ClockFunction = int (*)(clockid_t, timespec*);

int64_t by_call(clockid_t clock) {
  timespec time;
  if (syscall(SYS_clock_gettime, clock, &time) != 0) return -1;
  return time.tv_sec * kSecond + time.tv_nsec;
}

int64_t by(ClockFunction function, clockid_t clock) {
  timespec time{-1, -1};
  if (function(clock, &time) != 0) return -1;
  EXPECT_GE(time.tv_nsec, 0);
  EXPECT_LT(time.tv_nsec, kSecond);
  return time.tv_sec * kSecond + time.tv_nsec;
}

TEST(Vdso, IsAnElfSharedObject) {
  const Vdso vdso;
  ASSERT_NE(vdso.base(), 0U);
  EXPECT_EQ(vdso.base() % 4096, 0U);
  const auto* const header = reinterpret_cast<const Elf64_Ehdr*>(vdso.base());
  EXPECT_EQ(memcmp(header->e_ident, ELFMAG, SELFMAG), 0);
  EXPECT_EQ(header->e_type, ET_DYN);
  ASSERT_NE(vdso.load(), nullptr);
  EXPECT_EQ(vdso.load()->p_flags, static_cast<unsigned>(PF_R | PF_X));
  EXPECT_EQ(vdso.load()->p_vaddr, 0U);
}

TEST(Vdso, ClocksAgreeWithTheSystemCalls) {
  const auto read =
      reinterpret_cast<ClockFunction>(Vdso().find("clock_gettime"));
  ASSERT_NE(read, nullptr);
  for (const clockid_t clock :
       {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME,
        CLOCK_TAI}) {
    for (int i = 0; i < 1000; ++i) {
      const int64_t first = by_call(clock);
      const int64_t second = by(read, clock);
      const int64_t third = by(read, clock);
      const int64_t fourth = by_call(clock);
      ASSERT_LE(first, second) << clock;
      ASSERT_LE(second, third) << clock;
      ASSERT_LE(third, fourth) << clock;
    }
  }
  for (const clockid_t clock :
       {CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE}) {
    EXPECT_LT(by_call(clock) - by(read, clock), kSecond / 10);
    EXPECT_LT(by(read, clock) - by_call(clock), kSecond / 10);
  }
}

TEST(Vdso, TimePasses) {
  const auto read =
      reinterpret_cast<ClockFunction>(Vdso().find("clock_gettime"));
  const int64_t start = by(read, CLOCK_MONOTONIC);
  const timespec nap{0, 20'000'000};
  ASSERT_EQ(nanosleep(&nap, nullptr), 0);
  EXPECT_GE(by(read, CLOCK_MONOTONIC) - start, 20'000'000);
  EXPECT_LT(by(read, CLOCK_MONOTONIC) - start, 30 * kSecond);
}

TEST(Vdso, OtherClocksMakeTheCall) {
  const auto read =
      reinterpret_cast<ClockFunction>(Vdso().find("clock_gettime"));
  timespec time{-1, -1};
  EXPECT_EQ(read(CLOCK_PROCESS_CPUTIME_ID, &time), 0);
  EXPECT_GE(time.tv_nsec, 0);
  EXPECT_EQ(read(77, &time), -EINVAL);
}

TEST(Vdso, CoarserForms) {
  const Vdso vdso;
  using Gettimeofday = int (*)(timeval*, struct timezone*);
  const auto of_day = reinterpret_cast<Gettimeofday>(vdso.find("gettimeofday"));
  ASSERT_NE(of_day, nullptr);
  timeval time{-1, -1};
  const int64_t before = by_call(CLOCK_REALTIME);
  ASSERT_EQ(of_day(&time, nullptr), 0);
  const int64_t after = by_call(CLOCK_REALTIME);
  const int64_t ns = time.tv_sec * kSecond + time.tv_usec * 1000;
  EXPECT_LE(before / 1000 * 1000, ns);
  EXPECT_LE(ns, after);
  struct timezone zone;
  EXPECT_EQ(of_day(nullptr, &zone), 0);
  const auto resolution =
      reinterpret_cast<ClockFunction>(vdso.find("clock_getres"));
  ASSERT_NE(resolution, nullptr);
  EXPECT_EQ(by(resolution, CLOCK_MONOTONIC), 1);
  EXPECT_EQ(resolution(CLOCK_MONOTONIC, nullptr), 0);
  if (!kVdsoHasTimeAndGetcpu) return;
  const auto seconds = reinterpret_cast<time_t (*)(time_t*)>(vdso.find("time"));
  ASSERT_NE(seconds, nullptr);
  time_t stored = 0;
  EXPECT_EQ(seconds(&stored), stored);
  EXPECT_LE(ns / kSecond - 1, stored);
  const auto cpu_of = reinterpret_cast<int (*)(unsigned*, unsigned*, void*)>(
      vdso.find("getcpu"));
  ASSERT_NE(cpu_of, nullptr);
  unsigned cpu = ~0U;
  unsigned node = ~0U;
  EXPECT_EQ(cpu_of(&cpu, &node, nullptr), 0);
  EXPECT_LT(cpu, 4096U);
  EXPECT_LT(node, 1024U);
}

TEST(Vdso, ChildrenHaveItAndNobodyWritesIt) {
  const auto read =
      reinterpret_cast<ClockFunction>(Vdso().find("clock_gettime"));
  const int64_t before = by_call(CLOCK_MONOTONIC);
  EXPECT_EQ(
      run_child([&] { return by(read, CLOCK_MONOTONIC) >= before ? 0 : 1; }),
      0);
  EXPECT_EQ(run_child([] {
              *reinterpret_cast<volatile char*>(Vdso().base()) = 1;
              return 0;
            }),
            -SIGSEGV);
}

}  // namespace
}  // namespace tine::guest
