// Dates of the Gregorian calendar as seconds since 1970.
#ifndef KERNEL_BASE_CIVIL_TIME_H_
#define KERNEL_BASE_CIVIL_TIME_H_

#include "kernel/base/types.h"

namespace tine {

// UTC.
struct CivilTime {
  u32 year;   // from 1970 on
  u32 month;  // 1..12
  u32 day;    // 1..31
  u32 hour;
  u32 minute;
  u32 second;  // 60 in a leap second
};

constexpr bool is_valid(const CivilTime& time) {
  return time.year >= 1970 && time.year < 10'000 && time.month >= 1 &&
         time.month <= 12 && time.day >= 1 && time.day <= 31 &&
         time.hour < 24 && time.minute < 60 && time.second <= 60;
}

constexpr u64 seconds_since_1970(const CivilTime& time) {
  // Counting years from March makes the leap day the last of its year; months
  // from March on have 153 days in each five.
  const u64 year = time.month > 2 ? time.year : time.year - 1;
  const u64 month = time.month > 2 ? time.month - 3 : time.month + 9;
  const u64 days = year * 365 + year / 4 - year / 100 + year / 400 +
                   (month * 153 + 2) / 5 + time.day - 1;
  constexpr u64 kDaysTo1970 = 719'468;  // from 1 March of the year 0
  return ((days - kDaysTo1970) * 24 + time.hour) * 3600 + time.minute * 60 +
         time.second;
}
static_assert(seconds_since_1970({1970, 1, 1, 0, 0, 0}) == 0);
static_assert(seconds_since_1970({2000, 2, 29, 23, 59, 59}) == 951'868'799);
static_assert(seconds_since_1970({2000, 3, 1, 0, 0, 0}) == 951'868'800);
static_assert(seconds_since_1970({2026, 1, 1, 0, 0, 0}) == 1'767'225'600);
static_assert(seconds_since_1970({2100, 3, 1, 12, 0, 0}) == 4'107'585'600);

}  // namespace tine

#endif  // KERNEL_BASE_CIVIL_TIME_H_
