#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"

ABSL_FLAG(int, threads, 3, "how many threads count");

namespace {

struct Tally {
  absl::Mutex mutex;
  absl::btree_map<std::string, int> counts ABSL_GUARDED_BY(mutex);
};

void count_word(Tally& tally, absl::string_view word) {
  const absl::MutexLock lock(&tally.mutex);
  ++tally.counts[absl::AsciiStrToLower(word)];
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<char*> words = absl::ParseCommandLine(argc, argv);
  const int count = absl::GetFlag(FLAGS_threads);

  Tally tally;
  absl::BlockingCounter done(count);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      // Each takes every count-th argument and splits it into words.
      for (size_t at = 1 + static_cast<size_t>(i); at < words.size();
           at += static_cast<size_t>(count)) {
        for (const absl::string_view word :
             absl::StrSplit(words[at], ' ', absl::SkipEmpty())) {
          count_word(tally, word);
        }
      }
      done.DecrementCount();
    });
  }
  done.Wait();
  for (std::thread& thread : threads) thread.join();

  const absl::MutexLock lock(&tally.mutex);
  for (const auto& [word, times] : tally.counts) {
    absl::PrintF("%-8s %d\n", absl::StrCat(word, ":"), times);
  }
  return 0;
}
