// execve: what the new image starts with, what it keeps, and what is refused.
// feature-map: 10, 55, 70, 101
#include <elf.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tests/guest/arch/entry.h"
#include "tests/guest/child.h"
#include "tests/guest/elf_fixtures.h"

extern char** environ;
extern const Elf64_Ehdr __ehdr_start;  // By the linker.

namespace tine::guest {
namespace {

const char* self = nullptr;  // This program's path.

using Words = std::vector<std::string>;

std::vector<char*> pointers(const Words& words) {
  std::vector<char*> result;
  for (const std::string& word : words) {
    result.push_back(const_cast<char*>(word.c_str()));
  }
  result.push_back(nullptr);
  return result;
}

// execve in this process; returns only the errno.
int execute(const std::string& path, const Words& arguments,
            const Words& environment = {}) {
  execve(path.c_str(), pointers(arguments).data(),
         pointers(environment).data());
  return errno;
}

// A child that executes this program in a mode of child_main.
int run_self(Words arguments, const Words& environment = {}) {
  arguments.insert(arguments.begin(), {self, "--child"});
  return run_child([&] {
    dprintf(STDERR_FILENO, "exec: errno %d\n",
            execute(self, arguments, environment));
    return kCheckFailed;
  });
}

const Words kOddWords = {"",  " ", "a b", "=", "A=", "A=B", "\xff\x01\xc3",
                         "-", "",  "last"};
const Words kEnvironment = {"PATH=/bin", "", "A=1", "A=2", "no equals sign"};

Words large_words() {
  Words words;
  for (int i = 0; i < 128; ++i) {
    words.push_back(std::string(1023, static_cast<char>('a' + i % 26)));
  }
  return words;
}

// The largest single string: 32 pages with its NUL.
constexpr size_t kLongestWord = size_t{32} * 4096 - 1;

Words words_from(char** at) {
  Words words;
  for (; *at != nullptr; ++at) words.emplace_back(*at);
  return words;
}

// The initial stack: argc, argv, NULL, environment, NULL, auxiliary vector.
void check_initial_stack(int argc, char** argv) {
  const auto* stack =
      reinterpret_cast<const uint64_t*>(tine_entry_registers[kEntryStack]);
  CHILD_CHECK(reinterpret_cast<uintptr_t>(stack) % 16 == 0);
  CHILD_CHECK(stack[0] == static_cast<uint64_t>(argc));
  CHILD_CHECK(reinterpret_cast<char**>(const_cast<uint64_t*>(stack + 1)) ==
              argv);
  CHILD_CHECK(argv[argc] == nullptr);
  CHILD_CHECK(environ == argv + argc + 1);
}

void check_auxiliary_vector() {
  CHILD_CHECK(getauxval(AT_PAGESZ) == 4096);
  CHILD_CHECK(getauxval(AT_PHENT) == sizeof(Elf64_Phdr));
  CHILD_CHECK(getauxval(AT_PHNUM) == __ehdr_start.e_phnum);
  CHILD_CHECK(getauxval(AT_PHDR) == reinterpret_cast<uintptr_t>(&__ehdr_start) +
                                        __ehdr_start.e_phoff);
  CHILD_CHECK(getauxval(AT_ENTRY) == reinterpret_cast<uintptr_t>(&tine_entry));
  CHILD_CHECK(getauxval(AT_BASE) == 0);
  CHILD_CHECK(getauxval(AT_UID) == getuid());
  CHILD_CHECK(getauxval(AT_EUID) == geteuid());
  CHILD_CHECK(getauxval(AT_GID) == getgid());
  CHILD_CHECK(getauxval(AT_EGID) == getegid());
  CHILD_CHECK(getauxval(AT_SECURE) == 0);
  CHILD_CHECK(std::string(reinterpret_cast<const char*>(
                  getauxval(AT_EXECFN))) == environ[0]);
  const auto* random =
      reinterpret_cast<const unsigned char*>(getauxval(AT_RANDOM));
  CHILD_CHECK(random != nullptr);
  unsigned any = 0;
  for (int i = 0; i < 16; ++i) any |= random[i];
  CHILD_CHECK(any != 0);
}

int child_main(int argc, char** argv) {
  const std::string mode = argv[2];
  const Words rest = words_from(argv + 3);
  check_initial_stack(argc, argv);
  if (mode == "words") {
    CHILD_CHECK(rest == kOddWords);
    CHILD_CHECK(words_from(environ) == kEnvironment);
  } else if (mode == "large") {
    CHILD_CHECK(rest == large_words());
  } else if (mode == "longest") {
    CHILD_CHECK(rest.size() == 1 && rest[0].size() == kLongestWord);
    CHILD_CHECK(rest[0].find_first_not_of('x') == std::string::npos);
  } else if (mode == "auxv") {
    check_auxiliary_vector();
  } else if (mode == "registers") {
    for (size_t i = 0; i < kEntryRegisters; ++i) {
      const uint64_t expected = i == kEntryStack   ? tine_entry_registers[i]
                                : i == kEntryFlags ? kEntryFlagsValue
                                                   : 0;
      if (tine_entry_registers[i] != expected) return static_cast<int>(1 + i);
    }
  } else if (mode == "descriptors") {
    char byte;
    CHILD_CHECK(read(std::stoi(rest[0]), &byte, 1) == -1 && errno == EBADF);
    CHILD_CHECK(read(std::stoi(rest[1]), &byte, 1) == 0);
  } else if (mode == "identity") {
    CHILD_CHECK(getpid() == std::stoi(rest[0]));
    CHILD_CHECK(getppid() == std::stoi(rest[1]));
  } else if (mode == "again") {
    const int left = std::stoi(rest[0]);
    if (left == 0) return 55;
    execute(self, {self, "--child", "again", std::to_string(left - 1)});
    return kCheckFailed;
  } else {
    return kCheckFailed;
  }
  return 0;
}

TEST(Exec, ArgumentsAndEnvironmentAreExact) {
  Words arguments = kOddWords;
  arguments.insert(arguments.begin(), "words");
  EXPECT_EQ(run_self(arguments, kEnvironment), 0);
}

TEST(Exec, ArgumentsOf128Kibibytes) {
  Words arguments = large_words();
  arguments.insert(arguments.begin(), "large");
  EXPECT_EQ(run_self(arguments), 0);
}

TEST(Exec, TheLongestArgument) {
  EXPECT_EQ(run_self({"longest", std::string(kLongestWord, 'x')}), 0);
}

TEST(Exec, AuxiliaryVector) { EXPECT_EQ(run_self({"auxv"}, {self}), 0); }

TEST(Exec, RegistersAreClear) { EXPECT_EQ(run_self({"registers"}), 0); }

TEST(Exec, KeepsThePid) {
  const pid_t parent = getpid();
  EXPECT_EQ(run_child([parent] {
              execute(self, {self, "--child", "identity",
                             std::to_string(getpid()), std::to_string(parent)});
              return kCheckFailed;
            }),
            0);
}

TEST(Exec, ClosesWhatIsMarked) {
  const int closed = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int kept = open("/dev/null", O_RDONLY);
  EXPECT_EQ(
      run_self({"descriptors", std::to_string(closed), std::to_string(kept)}),
      0);
  // The child closed its own descriptor, not ours.
  char byte;
  EXPECT_EQ(read(closed, &byte, 1), 0);
  close(closed);
  close(kept);
}

TEST(Exec, FiftyInARow) { EXPECT_EQ(run_self({"again", "50"}), 55); }

TEST(Exec, AfterVfork) {
  const pid_t child = vfork();
  if (child == 0) {
    execl(self, self, "--child", "again", "0", nullptr);
    _exit(kCheckFailed);
  }
  EXPECT_EQ(wait_for(child), 55);
}

TEST(Exec, RefusesTooMuch) {
  EXPECT_EQ(execute(self, {self, std::string(kLongestWord + 1, 'x')}), E2BIG);
  EXPECT_EQ(execute(self, Words(80, std::string(100'000, 'x'))), E2BIG);
}

TEST(Exec, RefusesWhatIsNoFile) {
  EXPECT_EQ(execute("/nowhere/at/all", {"x"}), ENOENT);
  EXPECT_EQ(execute("", {"x"}), ENOENT);
  EXPECT_EQ(execute(std::string(self) + "/x", {"x"}), ENOTDIR);
  EXPECT_EQ(execute("/dev", {"x"}), EACCES);
  EXPECT_EQ(execute("/dev/null", {"x"}), EACCES);
  EXPECT_EQ(execute("/" + std::string(300, 'x'), {"x"}), ENAMETOOLONG);
  EXPECT_EQ(execute("/" + std::string(5000, 'x'), {"x"}), ENAMETOOLONG);
}

// Where the fixtures lie: in the guest's image, or written to a new directory.
class Fixtures : public testing::Test {
 protected:
  static constexpr const char* kInImage = "/usr/share/tine/elf/";

  static void SetUpTestSuite() {
    struct stat status;
    if (stat(kInImage, &status) == 0) {
      directory_ = kInImage;
      return;
    }
    const char* const temporary = getenv("TEST_TMPDIR");
    std::string pattern = temporary == nullptr ? "/tmp" : temporary;
    pattern += "/exec_testXXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern + "/";
    for (const ElfFixture& fixture : make_elf_fixtures(kElfMachine)) {
      const int fd = open((directory_ + fixture.name).c_str(),
                          O_WRONLY | O_CREAT | O_EXCL, fixture.mode);
      ASSERT_GE(fd, 0) << fixture.name;
      ASSERT_EQ(write(fd, fixture.bytes.data(), fixture.bytes.size()),
                static_cast<ssize_t>(fixture.bytes.size()));
      close(fd);
    }
  }

  static void TearDownTestSuite() {
    if (directory_ == kInImage) return;
    for (const ElfFixture& fixture : make_elf_fixtures(kElfMachine)) {
      unlink((directory_ + fixture.name).c_str());
    }
    rmdir(directory_.c_str());
  }

  static std::string path_of(const ElfFixture& fixture) {
    return directory_ + fixture.name;
  }

 private:
  static inline std::string directory_;
};

// Each does in a child what its fixture says.
TEST_F(Fixtures, EndAsTheyMust) {
  for (const ElfFixture& fixture : make_elf_fixtures(kElfMachine)) {
    SCOPED_TRACE(fixture.name);
    constexpr int kRefused = 200;  // Plus errno, which is below 50 here.
    const int end = run_child(
        [&] { return kRefused + execute(path_of(fixture), {fixture.name}); });
    switch (fixture.result) {
      case ExecResult::kExits42:
        EXPECT_EQ(end, 42);
        break;
      case ExecResult::kNoExec:
        EXPECT_EQ(end, kRefused + ENOEXEC);
        break;
      case ExecResult::kPermission:
        EXPECT_EQ(end, kRefused + EACCES);
        break;
      case ExecResult::kNeverRuns:
        EXPECT_TRUE(end < 0 || end > kRefused) << end;
        EXPECT_NE(end, kNoChild);
        break;
    }
  }
}

// A refused exec changes nothing: memory, descriptors, the program itself.
TEST_F(Fixtures, ARefusalLeavesTheOldImage) {
  static std::array<int, 4096> memory;
  EXPECT_EQ(run_child([] {
              const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
              for (int& word : memory) word = 77;
              for (const ElfFixture& fixture : make_elf_fixtures(kElfMachine)) {
                if (fixture.result != ExecResult::kNoExec &&
                    fixture.result != ExecResult::kPermission) {
                  continue;
                }
                CHILD_CHECK(execute(path_of(fixture), {"x"}) != 0);
                for (const int word : memory) CHILD_CHECK(word == 77);
                char byte;
                CHILD_CHECK(read(fd, &byte, 1) == 0);
              }
              CHILD_CHECK(run_child([] { return 66; }) == 66);
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace tine::guest

int main(int argc, char** argv) {
  tine::guest::self = argv[0];
  if (argc > 2 && strcmp(argv[1], "--child") == 0) {
    return tine::guest::child_main(argc, argv);
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
