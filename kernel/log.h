// Lines of the run's log: `log("frames ", count, " at ", hex(address))`.
#ifndef KERNEL_LOG_H_
#define KERNEL_LOG_H_

#include <concepts>

#include "kernel/base/types.h"

namespace tine {

// Shown in hexadecimal.
struct hex {
  u64 value;
  constexpr explicit hex(u64 shown) : value(shown) {}
};

// Text whose bytes come from elsewhere: what is not printable shows as '?'.
struct Untrusted {
  const char* text;
  u64 bytes;
};

// The run driver's framing on the serial line: a DLE byte says that what
// follows is not a program's output.
inline constexpr u8 kDle = 0x10;

namespace log_detail {

void begin();
void end();
void put(const char* text);
void put(Untrusted text);
void put(hex number);
void put_decimal(u64 number);
template <std::integral T>
void put(T number) {
  if (number < 0) put("-");
  put_decimal(number < 0 ? u64{0} - static_cast<u64>(number)
                         : static_cast<u64>(number));
}

}  // namespace log_detail

template <typename... Parts>
void log(Parts... parts) {
  log_detail::begin();
  (log_detail::put(parts), ...);
  log_detail::end();
}

// `DLE X status`: how the driver learns how the run ended.
void log_exit_status(u32 status);

}  // namespace tine

#endif  // KERNEL_LOG_H_
