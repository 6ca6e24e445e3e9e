// Grows a tree of processes by fork and draws it.
//
//   fork_tree [LEVELS CHILDREN]
//
// Every process of the tree forks its children, all before it waits for the
// first, and ends with the number of processes of its subtree as its status.
// Each writes who it is and who it sees as its parent to a shared mapping; the
// root checks all against all and draws. Without arguments the first children
// have more children than the last, for a tree that looks like one.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr int kMaxProcesses = 250;  // A subtree's size must fit a status.

struct Node {
  pid_t pid = 0;
  pid_t parent_seen = 0;  // getppid() in the process itself.
  int subtree = 0;        // The status by which its parent saw it end.
};

using Nodes = std::array<Node, kMaxProcesses>;

// The shape, known to all processes before the first fork: node numbers in
// pre-order, so that each process finds its own place.
struct Shape {
  struct Plan {
    std::vector<int> children;
    std::string name;
  };
  std::vector<Plan> plans;

  // Adds a node with `levels` levels below it. `children` 0: one child less
  // with each level and each elder sibling.
  int add(const std::string& name, int levels, int children) {
    const int self = static_cast<int>(plans.size());
    plans.push_back({{}, name});
    if (self >= kMaxProcesses) return self;
    const int count = levels == 0 ? 0 : children == 0 ? levels : children;
    for (int i = 0; i < count; ++i) {
      const int below = children == 0 ? levels - 1 - i : levels - 1;
      const std::string child_name = self == 0
                                         ? std::to_string(i + 1)
                                         : name + "." + std::to_string(i + 1);
      const int child = add(child_name, below, children);
      plans[static_cast<size_t>(self)].children.push_back(child);
    }
    return self;
  }
};

// The life of process `self`. Returns the size of its subtree, or 0 if a fork
// or a child failed: no subtree is empty.
int live(const Shape& shape, Nodes& nodes, int self) {
  nodes[static_cast<size_t>(self)].pid = getpid();
  nodes[static_cast<size_t>(self)].parent_seen = getppid();

  std::vector<std::pair<int, pid_t>> running;
  for (const int child : shape.plans[static_cast<size_t>(self)].children) {
    const pid_t pid = fork();
    if (pid == 0) _exit(live(shape, nodes, child));
    if (pid < 0) return 0;
    running.emplace_back(child, pid);
  }
  int size = 1;
  for (const auto& [child, pid] : running) {
    int status = 0;
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return 0;
    Node& node = nodes[static_cast<size_t>(child)];
    node.subtree = WEXITSTATUS(status);
    if (node.subtree == 0 || node.pid != pid) return 0;
    size += node.subtree;
  }
  return size;
}

void draw(const Shape& shape, const Nodes& nodes, int self,
          const std::string& margin) {
  const auto& children = shape.plans[static_cast<size_t>(self)].children;
  for (size_t i = 0; i < children.size(); ++i) {
    const bool last = i + 1 == children.size();
    const int child = children[i];
    std::printf("%s%s %s", margin.c_str(), last ? "└──" : "├──",
                shape.plans[static_cast<size_t>(child)].name.c_str());
    const int subtree = nodes[static_cast<size_t>(child)].subtree;
    if (subtree > 1) std::printf("  (%d processes)", subtree);
    std::printf("\n");
    draw(shape, nodes, child, margin + (last ? "    " : "│   "));
  }
}

// Every process must have seen its planned parent as its parent.
bool parents_match(const Shape& shape, const Nodes& nodes) {
  for (size_t i = 0; i < shape.plans.size(); ++i) {
    for (const int child : shape.plans[i].children) {
      if (nodes[static_cast<size_t>(child)].parent_seen != nodes[i].pid) {
        return false;
      }
    }
  }
  return true;
}

int usage() {
  std::fprintf(stderr,
               "usage: fork_tree [LEVELS CHILDREN]   (at most %d processes)\n",
               kMaxProcesses);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  Shape shape;
  if (argc == 1) {
    shape.add("root", 4, 0);
  } else if (argc == 3) {
    const int levels = std::atoi(argv[1]);
    const int children = std::atoi(argv[2]);
    if (levels < 1 || levels >= kMaxProcesses || children < 1 ||
        children >= kMaxProcesses) {
      return usage();
    }
    shape.add("root", levels, children);
  } else {
    return usage();
  }
  if (shape.plans.size() > kMaxProcesses) return usage();

  void* const shared = mmap(nullptr, sizeof(Nodes), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    std::perror("fork_tree: mmap");
    return EXIT_FAILURE;
  }
  Nodes& nodes = *static_cast<Nodes*>(shared);

  const int total = live(shape, nodes, 0);
  if (total != static_cast<int>(shape.plans.size()) ||
      !parents_match(shape, nodes)) {
    std::fprintf(stderr, "fork_tree: %d of %zu processes lived as planned\n",
                 total, shape.plans.size());
    return EXIT_FAILURE;
  }
  std::printf("root\n");
  draw(shape, nodes, 0, "");
  std::printf("%d processes, each forked by the one above it.\n", total);
  return EXIT_SUCCESS;
}
