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

// What follows `name` (which ends in '=') in the first word that begins with
// it, up to a space or the end of the line; nullptr if there is none.
constexpr const char* command_line_value(const char* line, const char* name) {
  while (*line != '\0') {
    while (*line == ' ') ++line;
    const char* n = name;
    while (*n != '\0' && *line == *n) {
      ++line;
      ++n;
    }
    if (*n == '\0') return line;
    while (*line != '\0' && *line != ' ') ++line;
  }
  return nullptr;
}

static_assert(command_line_has("a b=c", "b=c"));
static_assert(!command_line_has("a b=cd", "b=c"));
static_assert(!command_line_has("", "b"));
static_assert(*command_line_value("a bc=d b=7", "b=") == '7');
static_assert(command_line_value("ab=7", "b=") == nullptr);

}  // namespace tine

#endif  // KERNEL_BASE_COMMAND_LINE_H_
