// /proc/self/maps: areas as they are cut, joined and given names.
// feature-map: 124, 127
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;
constexpr int kReadWrite = PROT_READ | PROT_WRITE;
constexpr int kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;

struct Area {
  int first;  // pages from where the test looks
  int end;
  std::string rights;
  uint64_t offset;  // in pages
  std::string name;
};

std::vector<Area> areas_of(const void* at, int pages) {
  const auto base = reinterpret_cast<uintptr_t>(at);
  std::vector<Area> areas;
  std::istringstream maps(get_file("/proc/self/maps"));
  for (std::string line; std::getline(maps, line);) {
    uintptr_t start = 0;
    uintptr_t end = 0;
    char rights[8] = {};
    uint64_t offset = 0;
    int name_at = 0;
    if (sscanf(line.c_str(), "%lx-%lx %7s %lx %*s %*s %n", &start, &end, rights,
               &offset, &name_at) < 4) {
      ADD_FAILURE() << line;
      continue;
    }
    if (end <= base || start >= base + static_cast<size_t>(pages) * kPage) {
      continue;
    }
    const auto page_of = [base](uintptr_t address) {
      return static_cast<int>((address - base) / kPage);
    };
    areas.push_back({page_of(start), page_of(end), rights, offset / kPage,
                     line.substr(static_cast<size_t>(name_at))});
  }
  return areas;
}

// The areas as `0-2 rw-p, 3-4 r--p`.
std::string shape_of(const void* at, int pages) {
  std::string shape;
  for (const Area& area : areas_of(at, pages)) {
    if (!shape.empty()) shape += ", ";
    shape += std::to_string(area.first) + "-" + std::to_string(area.end) + " " +
             area.rights;
    if (area.offset != 0) shape += "+" + std::to_string(area.offset);
  }
  return shape;
}

char* map(size_t pages, int prot, int flags, int fd = -1, off_t offset = 0) {
  return static_cast<char*>(
      mmap(nullptr, pages * kPage, prot, flags, fd, offset));
}

// Something else below and above, so that no neighbour joins in.
char* map_alone(int pages) {
  const auto count = static_cast<size_t>(pages);
  char* const room = map(count + 2, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS);
  EXPECT_EQ(mmap(room + kPage, count * kPage, kReadWrite,
                 kAnonymous | MAP_FIXED, -1, 0),
            room + kPage);
  return room + kPage;
}

TEST(Maps, AreasAreCutAndJoined) {
  char* const at = map_alone(10);
  EXPECT_EQ(shape_of(at, 10), "0-10 rw-p");
  ASSERT_EQ(mprotect(at + 2 * kPage, 2 * kPage, PROT_READ), 0);
  EXPECT_EQ(shape_of(at, 10), "0-2 rw-p, 2-4 r--p, 4-10 rw-p");
  ASSERT_EQ(mprotect(at + 2 * kPage, 2 * kPage, kReadWrite), 0);
  EXPECT_EQ(shape_of(at, 10), "0-10 rw-p");
  ASSERT_EQ(munmap(at + 4 * kPage, kPage), 0);
  EXPECT_EQ(shape_of(at, 10), "0-4 rw-p, 5-10 rw-p");
  ASSERT_NE(
      mmap(at + 4 * kPage, kPage, kReadWrite, kAnonymous | MAP_FIXED, -1, 0),
      MAP_FAILED);
  EXPECT_EQ(shape_of(at, 10), "0-10 rw-p");
  ASSERT_EQ(madvise(at, 3 * kPage, MADV_DONTFORK), 0);
  EXPECT_EQ(shape_of(at, 10), "0-3 rw-p, 3-10 rw-p");
  ASSERT_EQ(madvise(at, 3 * kPage, MADV_DOFORK), 0);
  EXPECT_EQ(shape_of(at, 10), "0-10 rw-p");
  ASSERT_NE(mmap(at + 3 * kPage, kPage, PROT_NONE,
                 MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
            MAP_FAILED);
  EXPECT_EQ(shape_of(at, 10), "0-3 rw-p, 3-4 ---s, 4-10 rw-p");
  munmap(at - kPage, 12 * kPage);
}

TEST(Maps, OfFilesJoinWhereTheirOffsetsDo) {
  const TemporaryDirectory directory;
  const std::string path = directory / "mapped";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT, 0600);
  ASSERT_EQ(ftruncate(fd, 12 * kPage), 0);
  char* const at = map(10, kReadWrite, MAP_SHARED, fd, kPage);
  EXPECT_EQ(shape_of(at, 10), "0-10 rw-s+1");
  EXPECT_EQ(areas_of(at, 1).front().name, path);
  ASSERT_EQ(munmap(at + 2 * kPage, 2 * kPage), 0);
  EXPECT_EQ(shape_of(at, 10), "0-2 rw-s+1, 4-10 rw-s+5");
  const auto put = [&](off_t page) {
    EXPECT_NE(mmap(at + 2 * kPage, 2 * kPage, kReadWrite,
                   MAP_SHARED | MAP_FIXED, fd, page * off_t{kPage}),
              MAP_FAILED);
  };
  put(4);
  EXPECT_EQ(shape_of(at, 10), "0-2 rw-s+1, 2-4 rw-s+4, 4-10 rw-s+5");
  put(3);
  EXPECT_EQ(shape_of(at, 10), "0-10 rw-s+1");
  // It is known where in the file they are when that has no name any more.
  ASSERT_EQ(unlink(path.c_str()), 0);
  EXPECT_EQ(shape_of(at, 10), "0-10 rw-s+1");
  munmap(at, 10 * kPage);
  close(fd);
}

TEST(Maps, SharedMemoryHasNames) {
  char* const at = map(2, kReadWrite, MAP_SHARED | MAP_ANONYMOUS);
  EXPECT_EQ(areas_of(at, 1).front().name, "/dev/zero (deleted)");
  munmap(at, 2 * kPage);
  const int id = shmget(0x1a2b, kPage, IPC_CREAT | 0600);
  ASSERT_GE(id, 0);
  void* const segment = shmat(id, nullptr, SHM_RDONLY);
  EXPECT_EQ(shape_of(segment, 1), "0-1 r--s");
  EXPECT_EQ(areas_of(segment, 1).front().name, "/SYSV00001a2b (deleted)");
  EXPECT_EQ(shmdt(segment), 0);
  EXPECT_EQ(shmctl(id, IPC_RMID, nullptr), 0);
}

}  // namespace
}  // namespace tine::guest
