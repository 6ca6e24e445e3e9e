#include <cstdlib>

inline bool is_prime(int n) {
  if (n < 2) return false;
  for (int d = 2; d <= n / d; ++d) {
    if (n % d == 0) return false;
  }
  return true;
}

// Counts the primes among first, first + step, first + 2 * step, ... < limit.
inline int count_primes(int first, int step, int limit) {
  if (step <= 0) std::abort();
  int found = 0;
  for (int n = first; n < limit; n += step) found += is_prime(n) ? 1 : 0;
  return found;
}
