// What is precompiled for tests: the headers that all of them include.
#ifndef TOOLS_BUILD_GOOGLETEST_H_
#define TOOLS_BUILD_GOOGLETEST_H_

#include <gtest/gtest.h>

#endif  // TOOLS_BUILD_GOOGLETEST_H_
