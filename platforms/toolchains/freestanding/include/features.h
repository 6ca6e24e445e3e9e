// Stands in for the C library's <features.h>, which libstdc++'s configuration
// header includes: freestanding code has no C library, of any version.
#pragma once

#define __GLIBC_PREREQ(major, minor) 0
