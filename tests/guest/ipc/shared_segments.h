// Segments of System V shared memory that go with the test.
#ifndef TINE_TESTS_GUEST_IPC_SHARED_SEGMENTS_H_
#define TINE_TESTS_GUEST_IPC_SHARED_SEGMENTS_H_

#include <gtest/gtest.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tine::guest {

inline constexpr key_t kKey = 0x7469'6e01;
inline constexpr size_t kPage = 4096;

// What shmat() answers when it fails.
inline void* no_address() { return reinterpret_cast<void*>(-1L); }

class SharedSegment : public testing::Test {
 protected:
  void TearDown() override {
    for (const int id : made_) shmctl(id, IPC_RMID, nullptr);
  }
  int make(key_t key, size_t bytes, int flags) {
    const int id = shmget(key, bytes, flags);
    if (id >= 0) made_.push_back(id);
    return id;
  }
  int make(size_t bytes = kPage) {
    return make(IPC_PRIVATE, bytes, IPC_CREAT | 0600);
  }

 private:
  std::vector<int> made_;
};

inline shmid_ds status(int id) {
  shmid_ds status{};
  EXPECT_EQ(shmctl(id, IPC_STAT, &status), 0);
  return status;
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_IPC_SHARED_SEGMENTS_H_
