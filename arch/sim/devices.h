// Devices of the simulated machine: time, one interrupt line, a serial line.
#ifndef ARCH_SIM_DEVICES_H_
#define ARCH_SIM_DEVICES_H_

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "kernel/base/types.h"

namespace tine::sim {

inline constexpr u32 kUartLine = 4;

struct Devices {
  u64 now_ns = 0;
  std::optional<u64> deadline_ns;  // of the timer

  bool uart_unmasked = false;
  std::deque<u8> uart_input;
  std::string uart_output;  // raw, with framing

  bool uart_raises() const { return uart_unmasked && !uart_input.empty(); }

  // Acknowledges what is pending: a line as trap_interrupt() takes it.
  std::optional<u32> take_interrupt();
  // The same when the CPU idles, for which it may skip time. None: nothing will
  // ever happen by itself.
  std::optional<u32> await_interrupt();
};

inline Devices devices;

// The serial line's records (kernel/log.h), taken apart.
struct UartRecords {
  std::string bytes;             // what programs wrote
  std::vector<std::string> log;  // lines
  std::optional<u32> exit_status;
};
UartRecords parse_uart(const std::string& raw);

}  // namespace tine::sim

#endif  // ARCH_SIM_DEVICES_H_
