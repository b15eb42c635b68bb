#include "tools/bench/profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace duel {

std::vector<KernelProfile> profile_by_kernel(const std::vector<Executable::CallTime>& times) {
  std::map<std::string, KernelProfile> by_name;
  for (const auto& [call, seconds, runs] : times) {
    KernelProfile& row = by_name[call->kernel->describe()];
    ++row.calls;
    row.ms += 1e3 * seconds / static_cast<double>(std::max<int64_t>(1, runs));
    row.flops += call->kernel->flops();
    for (const Location& operand : call->inputs) row.bytes += static_cast<double>(operand.bytes);
    for (const Location& result : call->outputs) row.bytes += static_cast<double>(result.bytes);
  }
  std::vector<KernelProfile> rows;
  for (auto& [name, row] : by_name) {
    row.kernel = name;
    rows.push_back(std::move(row));
  }
  std::ranges::sort(rows, std::ranges::greater(), &KernelProfile::ms);
  return rows;
}

std::string profile_text(const std::vector<KernelProfile>& profile) {
  double total = 0;
  for (const KernelProfile& row : profile) total += row.ms;
  std::string text = fmt::format("{:>9} {:>6} {:>6} {:>9} {:>7}  kernel ({:.3f} ms a step on all threads)\n", "ms",
                                 "share", "calls", "GFLOP/s", "GB/s", total);
  for (const KernelProfile& row : profile) {
    text += fmt::format("{:>9.3f} {:>5.1f}% {:>6} {:>9.1f} {:>7.1f}  {}\n", row.ms, 100 * row.ms / total, row.calls,
                        row.gflops(), row.gigabytes_per_second(), row.kernel);
  }
  return text;
}

}  // namespace duel
