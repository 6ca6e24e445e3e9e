// A walk over the descendants of a process.
#ifndef SERVERS_PROCESS_PROCESS_TREE_H_
#define SERVERS_PROCESS_PROCESS_TREE_H_

#include "servers/process/process.h"

namespace tine::process {

// Visits the descendants of `top`, each before its own children and those in
// order of creation. `visit(process)` says what follows: above 0 its children,
// 0 not those, below 0 nothing more, which is then the result; else 0. It must
// not change the tree.
//
// By the links alone: the stack does not grow with the tree.
template <typename Visit>
i32 walk_process_tree(const Process& top, Visit visit) {
  Process* at = top.first_child;
  while (at != nullptr) {
    const i32 said = visit(*at);
    if (said < 0) return said;
    if (said > 0 && at->first_child != nullptr) {
      at = at->first_child;
      continue;
    }
    while (at->next_sibling == nullptr) {
      at = at->parent;
      if (at == &top) return 0;
    }
    at = at->next_sibling;
  }
  return 0;
}

}  // namespace tine::process

#endif  // SERVERS_PROCESS_PROCESS_TREE_H_
