// Words of the kernel command line.
#ifndef KERNEL_BASE_COMMAND_LINE_H_
#define KERNEL_BASE_COMMAND_LINE_H_

namespace tine {

// Whether `line` holds `word` as one of its words, separated by spaces.
constexpr bool command_line_has(const char* line, const char* word) {
  while (*line != '\0') {
    while (*line == ' ') ++line;
    const char* w = word;
    while (*w != '\0' && *line == *w) {
      ++line;
      ++w;
    }
    if (*w == '\0' && (*line == ' ' || *line == '\0')) return true;
    while (*line != '\0' && *line != ' ') ++line;
  }
  return false;
}

static_assert(command_line_has("a b=c", "b=c"));
static_assert(!command_line_has("a b=cd", "b=c"));
static_assert(!command_line_has("", "b"));

}  // namespace tine

#endif  // KERNEL_BASE_COMMAND_LINE_H_
