// What the vDSO's functions are called.
#ifndef TINE_TESTS_GUEST_AARCH64_VDSO_NAMES_H_
#define TINE_TESTS_GUEST_AARCH64_VDSO_NAMES_H_

namespace tine::guest {

inline constexpr char kVdsoPrefix[] = "__kernel_";
inline constexpr char kVdsoVersion[] = "LINUX_2.6.39";
inline constexpr bool kVdsoHasTimeAndGetcpu = false;

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_AARCH64_VDSO_NAMES_H_
