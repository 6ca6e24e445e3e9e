#include "arch/hw/real_time_clock.h"

#include "arch/hw/registers.h"
#include "kernel/base/civil_time.h"

namespace tine::hw {
namespace {

constexpr u16 kIndexPort = 0x70;
constexpr u16 kDataPort = 0x71;

// Registers of the MC146818 (data sheet, table 3); the century's place is a
// convention of PCs.
enum Register : u8 {
  kSeconds = 0,
  kMinutes = 2,
  kHours = 4,
  kDay = 7,
  kMonth = 8,
  kYear = 9,
  kStatusA = 0x0a,
  kStatusB = 0x0b,
  kCentury = 0x32,
};
constexpr u8 kUpdating = 0x80;   // status A
constexpr u8 kBinary = 0x04;     // status B
constexpr u8 kHours24 = 0x02;    // status B
constexpr u8 kAfternoon = 0x80;  // hours, if there are twelve

u8 read_register(Register reg) {
  out8(kIndexPort, reg);
  return in8(kDataPort);
}

struct Reading {
  u8 second, minute, hour, day, month, year, century;
  bool operator==(const Reading&) const = default;
};

Reading read_all() {
  return {read_register(kSeconds), read_register(kMinutes),
          read_register(kHours),   read_register(kDay),
          read_register(kMonth),   read_register(kYear),
          read_register(kCentury)};
}

u32 from_bcd(u8 value) { return (value >> 4) * 10u + (value & 15u); }

u64 to_seconds(const Reading& reading, u8 format) {
  const auto number = [&](u8 value) {
    return (format & kBinary) != 0 ? u32{value} : from_bcd(value);
  };
  u32 hour = number(reading.hour & static_cast<u8>(~kAfternoon));
  if ((format & kHours24) == 0) {
    hour = hour % 12 + ((reading.hour & kAfternoon) != 0 ? 12 : 0);
  }
  u32 century = number(reading.century);
  if (century < 19 || century > 29) century = 20;  // not there
  const CivilTime time{century * 100 + number(reading.year),
                       number(reading.month),
                       number(reading.day),
                       hour,
                       number(reading.minute),
                       number(reading.second)};
  return is_valid(time) ? seconds_since_1970(time) : 0;
}

}  // namespace

// The clock counts on while it is read: two equal readings are one.
u64 read_real_time_clock() {
  constexpr int kAttempts = 100'000;  // an update takes up to 2 ms
  for (int i = 0; i < kAttempts; ++i) {
    if ((read_register(kStatusA) & kUpdating) != 0) continue;
    const Reading first = read_all();
    if ((read_register(kStatusA) & kUpdating) != 0) continue;
    if (first == read_all()) {
      return to_seconds(first, read_register(kStatusB));
    }
  }
  return 0;
}

}  // namespace tine::hw
