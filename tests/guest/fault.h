// What a program can do to be killed for it; each architecture has its list.
#ifndef TINE_TESTS_GUEST_FAULT_H_
#define TINE_TESTS_GUEST_FAULT_H_

#include <cstdint>

namespace tine::guest {

struct Fault {
  const char* name;
  int signal;
  void (*cause)();
};

inline volatile uint8_t* at(uintptr_t address) {
  return reinterpret_cast<volatile uint8_t*>(address);
}
inline void jump_to(uintptr_t address) {
  reinterpret_cast<void (*)()>(address)();
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_FAULT_H_
