#include "arch/sim/devices.h"

#include "arch/hw/device.h"
#include "arch/hw/interrupts.h"
#include "arch/hw/machine_model.h"
#include "arch/hw/timer.h"
#include "arch/hw/uart.h"
#include "kernel/trap.h"

namespace tine::sim {

std::optional<u32> Devices::take_interrupt() {
  if (uart_raises()) {
    uart_unmasked = false;
    return kUartLine;
  }
  if (deadline_ns.has_value() && now_ns >= *deadline_ns) {
    deadline_ns.reset();
    return kTimerLine;
  }
  return std::nullopt;
}

std::optional<u32> Devices::await_interrupt() {
  if (!uart_raises() && deadline_ns.has_value() && now_ns < *deadline_ns) {
    now_ns = *deadline_ns;
  }
  return take_interrupt();
}

UartRecords parse_uart(const std::string& raw) {
  constexpr char kEscape = 0x10;
  UartRecords records;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != kEscape) {
      records.bytes += raw[i];
      continue;
    }
    if (++i == raw.size()) break;
    if (raw[i] == kEscape) {
      records.bytes += kEscape;
    } else if (raw[i] == 'L' || raw[i] == 'X') {
      const std::size_t end = raw.find('\n', i);
      const std::string line = raw.substr(i + 1, end - i - 1);
      if (raw[i] == 'L') {
        records.log.push_back(line);
      } else {
        records.exit_status = static_cast<u32>(std::stoul(line));
      }
      if (end == std::string::npos) break;
      i = end;
    }
  }
  return records;
}

}  // namespace tine::sim

namespace tine::hw {

using sim::devices;

void timer_init() { devices.deadline_ns.reset(); }
u64 now_ns() { return devices.now_ns; }
ClockParameters clock_parameters() { return {0, 1}; }
void timer_set(u64 deadline_ns) { devices.deadline_ns = deadline_ns; }
void timer_cancel() { devices.deadline_ns.reset(); }

void interrupts_init() { devices.uart_unmasked = false; }
void interrupt_unmask(u32 line) {
  if (line == sim::kUartLine) devices.uart_unmasked = true;
}
void interrupt_mask(u32 line) {
  if (line == sim::kUartLine) devices.uart_unmasked = false;
}
u32 uart_interrupt_line() { return sim::kUartLine; }

void uart_init() {}
void uart_put(u8 byte) { devices.uart_output += static_cast<char>(byte); }

u64 uart_device_base() { return 0; }
u64 uart_device_span() { return sim::kUartSpan; }

u64 device_read(u64, u32 reg) {
  if (reg == sim::kUartStatus) {
    return sim::uart_status(!devices.uart_input.empty());
  }
  if (reg != sim::kUartData || devices.uart_input.empty()) return 0;
  const u8 byte = devices.uart_input.front();
  devices.uart_input.pop_front();
  return byte;
}

void device_write(u64, u32 reg, u32 value) {
  if (reg == sim::kUartData) uart_put(static_cast<u8>(value));
}

}  // namespace tine::hw
