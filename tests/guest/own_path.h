// The path of the program that is running, to run it again.
#ifndef TINE_TESTS_GUEST_OWN_PATH_H_
#define TINE_TESTS_GUEST_OWN_PATH_H_

#include <gtest/gtest.h>

#include <string>

namespace tine::guest {

inline const std::string& own_path() {
  static const std::string path = testing::internal::GetArgvs().front();
  return path;
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_OWN_PATH_H_
