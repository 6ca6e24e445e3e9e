// Objects that stand for parts of the machine.
#ifndef KERNEL_DEVICE_H_
#define KERNEL_DEVICE_H_

#include "kernel/base/object.h"

namespace tine {

// A range of device registers.
struct Device {
  Object object;
  u64 base;  // as hw::device_read() takes it
  u64 span;  // bytes
};

// The right to end the run.
struct Control {
  Object object;
};

}  // namespace tine

#endif  // KERNEL_DEVICE_H_
