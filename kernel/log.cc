#include "kernel/log.h"

#include "arch/hw/uart.h"

namespace tine {
namespace log_detail {

void begin() {
  hw::uart_put(kDle);
  hw::uart_put('L');
}

void end() { hw::uart_put('\n'); }

void put(const char* text) {
  for (; *text != '\0'; ++text) hw::uart_put(static_cast<u8>(*text));
}

void put(Untrusted text) {
  for (u64 i = 0; i < text.bytes; ++i) {
    const auto byte = static_cast<u8>(text.text[i]);
    hw::uart_put(byte < 0x20 || byte == 0x7f ? u8{'?'} : byte);
  }
}

void put(hex number) {
  put("0x");
  unsigned shift = 60;
  while (shift > 0 && number.value >> shift == 0) shift -= 4;
  for (;; shift -= 4) {
    hw::uart_put(
        static_cast<u8>("0123456789abcdef"[number.value >> shift & 0xf]));
    if (shift == 0) return;
  }
}

void put_decimal(u64 number) {
  char digits[20];
  unsigned count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  while (count > 0) hw::uart_put(static_cast<u8>(digits[--count]));
}

}  // namespace log_detail

void log_exit_status(u32 status) {
  hw::uart_put(kDle);
  hw::uart_put('X');
  log_detail::put_decimal(status);
  hw::uart_put('\n');
}

}  // namespace tine
