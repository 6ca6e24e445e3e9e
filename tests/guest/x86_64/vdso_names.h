// What the vDSO's functions are called.
#ifndef TINE_TESTS_GUEST_X86_64_VDSO_NAMES_H_
#define TINE_TESTS_GUEST_X86_64_VDSO_NAMES_H_

namespace tine::guest {

inline constexpr char kVdsoPrefix[] = "__vdso_";
inline constexpr char kVdsoVersion[] = "LINUX_2.6";
inline constexpr bool kVdsoHasTimeAndGetcpu = true;

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_X86_64_VDSO_NAMES_H_
