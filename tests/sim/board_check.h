// What the task board shows against what the process server knows.
#ifndef TINE_TESTS_SIM_BOARD_CHECK_H_
#define TINE_TESTS_SIM_BOARD_CHECK_H_

#include <string>

#include "servers/process/process_server.h"

namespace tine {

// Empty, or what is wrong.
std::string check_board(const process::ProcessServer& server);

}  // namespace tine

#endif  // TINE_TESTS_SIM_BOARD_CHECK_H_
