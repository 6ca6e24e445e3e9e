// The walk over process trees against one that recurses.
// feature-map: 100
#include "servers/process/process_tree.h"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <random>
#include <vector>

#include "servers/process/task_table.h"

namespace tine::process {
namespace {

// A tree of processes without anything else; pids count them.
class Tree {
 public:
  Process& add(Process* parent) {
    Process& process = processes_.emplace_back();
    Task& leader = leaders_.emplace_back();
    process.pid = Pid{static_cast<i32>(processes_.size())};
    process.first_child = process.last_child = nullptr;
    process.parent = nullptr;
    process.leader = &leader;
    leader.process = &process;
    if (parent != nullptr) link_child(*parent->leader, process);
    return process;
  }
  Process& at(u64 index) { return processes_[index]; }
  u64 size() const { return processes_.size(); }

 private:
  std::deque<Process> processes_;
  std::deque<Task> leaders_;
};

using Visit = std::function<i32(const Process&)>;

i32 walk_by_recursion(const Process& top, const Visit& visit) {
  for (const Process* child = top.first_child; child != nullptr;
       child = child->next_sibling) {
    i32 said = visit(*child);
    if (said > 0) said = walk_by_recursion(*child, visit);
    if (said < 0) return said;
  }
  return 0;
}

struct Walk {
  i32 result = 0;
  std::vector<i32> pids;
  bool operator==(const Walk&) const = default;
};

// Of each pid what its visit says.
Walk walk(const Process& top, const std::vector<i32>& says) {
  Walk walk;
  walk.result = walk_process_tree(top, [&](Process& process) {
    walk.pids.push_back(process.pid.value);
    return says[static_cast<u64>(process.pid.value)];
  });
  return walk;
}
Walk expected(const Process& top, const std::vector<i32>& says) {
  Walk walk;
  walk.result = walk_by_recursion(top, [&](const Process& process) {
    walk.pids.push_back(process.pid.value);
    return says[static_cast<u64>(process.pid.value)];
  });
  return walk;
}

TEST(ProcessTree, Alone) {
  Tree tree;
  EXPECT_EQ(walk(tree.add(nullptr), {1, 1}), Walk{});
}

TEST(ProcessTree, SiblingsOfTheTopAreNotVisited) {
  Tree tree;
  Process& first = tree.add(nullptr);
  Process& top = tree.add(&first);
  tree.add(&first);
  tree.add(&top);
  EXPECT_EQ(walk(top, {1, 1, 1, 1, 1}), (Walk{0, {4}}));
  EXPECT_EQ(walk(first, {1, 1, 1, 1, 1}), (Walk{0, {2, 4, 3}}));
}

TEST(ProcessTree, DeepChain) {
  constexpr u64 kDeep = 200'000;
  Tree tree;
  Process* last = &tree.add(nullptr);
  for (u64 i = 0; i < kDeep; ++i) last = &tree.add(last);
  const std::vector<i32> says(kDeep + 2, 1);
  EXPECT_EQ(walk(tree.at(0), says).pids.size(), kDeep);
}

TEST(ProcessTree, RandomTreesThatPruneAndStop) {
  std::mt19937 random(1);
  const auto below = [&](u64 limit) { return random() % limit; };
  for (int round = 0; round < 2000; ++round) {
    Tree tree;
    tree.add(nullptr);
    const u64 count = 1 + below(60);
    // Few possible parents make broad trees, the last few deep ones.
    const u64 spread = 1 + below(count);
    while (tree.size() < count) {
      const u64 from = tree.size() > spread ? tree.size() - spread : 0;
      tree.add(&tree.at(from + below(tree.size() - from)));
    }
    std::vector<i32> says(count + 1);
    const u64 pruned = below(4);
    const u64 stopped = below(3);
    for (i32& said : says) {
      said = 1 + static_cast<i32>(below(3));
      if (below(10) < pruned) said = 0;
      if (below(100) < stopped) said = -1 - static_cast<i32>(below(5));
    }
    const Process& top = tree.at(below(tree.size()));
    ASSERT_EQ(walk(top, says), expected(top, says)) << "round " << round;
  }
}

}  // namespace
}  // namespace tine::process
