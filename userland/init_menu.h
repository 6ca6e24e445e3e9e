// The programs that init offers when nobody says what to run.
#ifndef TINE_USERLAND_INIT_MENU_H_
#define TINE_USERLAND_INIT_MENU_H_

#include <array>
#include <string_view>

namespace tine {

struct MenuEntry {
  std::string_view command;  // At most 24 bytes, the menu's first column.
  std::string_view description;
};

inline constexpr std::array<MenuEntry, 5> kMenu = {{
    {"hello_fork", "one fork, told by both processes"},
    {"fork_tree", "a process tree, drawn"},
    {"fork_tree 4 2", "the same, 4 levels of 2 children"},
    {"cow_children", "100 children check copy-on-write of 1 MiB"},
    {"fork_storm 1000", "1000 forks in a row"},
}};

}  // namespace tine

#endif  // TINE_USERLAND_INIT_MENU_H_
