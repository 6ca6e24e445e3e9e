// Root file systems as archives: cut off, damaged, too large, several, none.
#include <gtest/gtest.h>

#include <cerrno>
#include <random>

#include "kernel/base/fault_site.h"
#include "servers/linux_abi/arch/syscall_numbers.h"
#include "servers/vfs/fake_system.h"
#include "servers/vfs/test_tree.h"

namespace tine::vfs {
namespace {

using namespace linux_abi;

TEST(Initrd, CutOffAnywhere) {
  const std::string whole = make_archive(tree());
  for (u64 size = 1; size < whole.size(); size += size < 600 ? 1 : 397) {
    FakeSystem system(whole.substr(0, size), kHeap);
    EXPECT_FALSE(system.lines.empty()) << size;
    system.record(RingOp::kFilesNew, kTask);
    EXPECT_EQ(system.call(kTask, Nr::kOpenat, kCwd,
                          system.put(kPath, "/dev/console"), 0),
              3);
  }
}

TEST(Initrd, DamagedAnywhere) {
  const std::string whole = make_archive(tree());
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::string damaged = whole;
    for (int i = 0; i < 1 + round % 8; ++i) {
      // Most of the headers lie near each other: aim at those.
      u64 at = damaged.find("070701", random() % damaged.size());
      at = at == std::string::npos ? 0 : at;
      at += random() % 130;
      if (at < damaged.size()) {
        damaged[at] = "0123456789ABCDEF./\0x"[random() % 20];
      }
    }
    FakeSystem system(damaged, kHeap);
    system.record(RingOp::kFilesNew, kTask);
    EXPECT_EQ(system.call(kTask, Nr::kOpenat, kCwd,
                          system.put(kPath, "/dev/console"), 0),
              3);
  }
}

// Files beyond what memory holds are left out, and the log says so.
TEST(Initrd, WithoutMemory) {
  for (u64 objects = 0; objects < 5; ++objects) {
    FakeSystem system(make_archive(tree()), kHeap, objects);
    EXPECT_EQ(system.objects.size(), objects);
    EXPECT_EQ(system.lines.size(), 5 - objects + 1);  // and the odd /dev/null
    system.record(RingOp::kFilesNew, kTask);
    EXPECT_EQ(
        system.call(kTask, Nr::kOpenat, kCwd, system.put(kPath, "/bin/sh"), 0),
        objects == 0 ? -ENOENT : 3);
  }
  std::vector<ArchiveFile> files = tree();
  for (int i = 0; i < 3000; ++i) {
    files.push_back({"d/" + std::to_string(i), 0100644, ""});
  }
  FakeSystem system(make_archive(files), kHeap);
  EXPECT_FALSE(system.lines.empty());
  system.record(RingOp::kFilesNew, kTask);
  EXPECT_EQ(system.call(kTask, Nr::kOpenat, kCwd, system.put(kPath, "/d/0"), 0),
            3);
  EXPECT_EQ(
      system.call(kTask, Nr::kOpenat, kCwd, system.put(kPath, "/d/2999"), 0),
      -ENOENT);
}

// Without memory for a step of a file that file is left out.
TEST(Initrd, FaultSweep) {
  // The names that the server adds itself if an archive has none come first:
  // then nothing is added behind the files whose steps fail here.
  std::vector<ArchiveFile> files = {
      {"proc", 040555, ""},         {"sys", 040555, ""},
      {"tmp", 041777, ""},          {"dev/shm", 041777, ""},
      {"dev/pts", 040755, ""},      {"dev/fd", 0120777, "x"},
      {"dev/stdin", 0120777, "x"},  {"dev/stdout", 0120777, "x"},
      {"dev/stderr", 0120777, "x"},
  };
  fault_injection.arm(0);
  FakeSystem(make_archive(files), kHeap);
  const u64 own = fault_injection.passed;  // without which nothing starts
  for (const ArchiveFile& file : tree()) files.push_back(file);
  const std::string archive = make_archive(files);
  u64 sites = 0;
  for (u64 k = own + 1;; ++k, ++sites) {
    ASSERT_LT(sites, 200u);
    fault_injection.arm(k);
    FakeSystem system(archive, kHeap);
    const bool hit = fault_injection.countdown == 0;
    fault_injection.arm(0);
    if (!hit) break;
    EXPECT_FALSE(system.lines.empty());
    EXPECT_EQ(system.objects.size(), system.server().files().contents().live());
    EXPECT_LE(system.objects.size(), 5u);
  }
  EXPECT_GE(sites, 40u);
}

TEST(Initrd, ArchivesFollowEachOther) {
  std::string first = make_archive({{"a", 0100644, "old"}});
  first.resize(page_round_up(first.size()));
  FakeSystem system(
      first + make_archive({{"a", 0100644, "new!"}, {"b/c", 0100644, "x"}}));
  EXPECT_TRUE(system.lines.empty());
  EXPECT_EQ(system.objects.size(), 2u);  // that of the replaced file is gone
  system.record(RingOp::kFilesNew, kTask);
  system.put(kPath, "/a");
  EXPECT_EQ(system.call(kTask, Nr::kOpenat, kCwd, kPath, 0), 3);
  system.user().populate(kBuffer >> 12);
  EXPECT_EQ(system.call(kTask, Nr::kRead, 3, kBuffer, 10), 4);
  EXPECT_EQ(system.call(kTask, Nr::kOpenat, kCwd, system.put(kPath, "/b/c"), 0),
            4);
}

TEST(Initrd, NoneIsAnEmptyRoot) {
  FakeSystem system("");
  EXPECT_EQ(system.lines.size(), 1u);
  system.record(RingOp::kFilesNew, kTask);
  EXPECT_EQ(system.call(kTask, Nr::kOpenat, kCwd, system.put(kPath, "/"), 0),
            3);
}

}  // namespace
}  // namespace tine::vfs
