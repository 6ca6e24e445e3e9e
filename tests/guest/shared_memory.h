// A value that a test and its children share.
#ifndef TINE_TESTS_GUEST_SHARED_MEMORY_H_
#define TINE_TESTS_GUEST_SHARED_MEMORY_H_

#include <sys/mman.h>

#include <cstdlib>
#include <new>

namespace tine::guest {

// Lives in a shared anonymous mapping until the end of this scope; forked
// children see the same memory. T must need no destructor.
template <typename T>
class Shared {
 public:
  Shared() {
    void* const memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    value_ = new (memory) T();
  }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  ~Shared() { munmap(value_, sizeof(T)); }

  T& operator*() const { return *value_; }
  T* operator->() const { return value_; }

 private:
  T* value_;
};

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_SHARED_MEMORY_H_
