#include "tools/bench/report.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "base/version.hpp"

namespace duel {
namespace {

std::string row(const std::string& name, const std::string& value) { return fmt::format("  {:<20}{}\n", name, value); }

std::string sgemm_text(const Measurement& m) {
  std::string text;
  for (const SgemmRate& rate : m.sgemm) {
    text += fmt::format("{}{:.1f} GFLOP/s by {}", text.empty() ? "" : ", ", rate.gflops, rate.library);
  }
  return text;
}

std::string allocations_text(const Measurement& m) {
  return m.allocations_per_step ? format_number(*m.allocations_per_step) : "not counted in a build with sanitizers";
}

}  // namespace

std::string report_text(const Measurement& m) {
  std::string text = fmt::format("{}: {} steps after {}, {} thread{}, {}, {}\n", m.experiment, m.steps, m.warm_up_steps,
                                 m.threads, m.threads == 1 ? "" : "s", to_string(m.precision), m.blas);
  text += row("step", fmt::format("{:.3f} ms (middle half: {:.3f} to {:.3f})", m.ms_per_step, m.lower_quartile_ms,
                                  m.upper_quartile_ms));
  text += row("images/s", fmt::format("{:.0f}", m.images_per_second));
  text += row("arithmetic", fmt::format("{:.1f} GFLOP/s, {:.2f} of sgemm", m.gflops, m.share_of_sgemm()));
  text += row("sgemm at 2048³", sgemm_text(m));
  text += row("memory of a step", format_bytes(static_cast<uint64_t>(m.peak_bytes)));
  text += row("resident memory",
              fmt::format("{}; the training took {}", format_bytes(static_cast<uint64_t>(m.resident_bytes)),
                          format_bytes(static_cast<uint64_t>(m.training_bytes))));
  text += row("allocations a step", allocations_text(m));
  text += row("waiting for data", fmt::format("{:.1f}%", 100 * m.data_wait_share));
  text += row("to the first step", fmt::format("{:.2f} s", m.first_step_seconds));
  text += row("weights", m.step_hash);
  if (!m.profile.empty()) text += "\n" + profile_text(m.profile);
  return text;
}

std::string report_json(const Measurement& m) {
  nlohmann::ordered_json rates = nlohmann::ordered_json::object();
  for (const SgemmRate& rate : m.sgemm) rates[rate.library] = rate.gflops;
  nlohmann::ordered_json out;
  out["experiment"] = m.experiment;
  out["version"] = version();
  out["build"] = build_description();
  out["precision"] = to_string(m.precision);
  out["threads"] = m.threads;
  out["blas"] = m.blas;
  out["warm_up_steps"] = m.warm_up_steps;
  out["steps"] = m.steps;
  out["ms_per_step"] = m.ms_per_step;
  out["quartiles_ms"] = {m.lower_quartile_ms, m.ms_per_step, m.upper_quartile_ms};
  out["images_per_s"] = m.images_per_second;
  out["gflops"] = m.gflops;
  out["share_of_sgemm"] = m.share_of_sgemm();
  out["sgemm_library"] = m.best_sgemm().library;
  out["sgemm_gflops"] = std::move(rates);
  out["peak_bytes"] = m.peak_bytes;
  out["rss_bytes"] = m.resident_bytes;
  out["training_bytes"] = m.training_bytes;
  if (m.allocations_per_step) {
    out["allocations_per_step"] = *m.allocations_per_step;
  } else {
    out["allocations_per_step"] = nullptr;
  }
  out["data_wait_share"] = m.data_wait_share;
  out["first_step_s"] = m.first_step_seconds;
  out["step_hash"] = m.step_hash;
  for (const KernelProfile& kernel : m.profile) {
    out["profile"].push_back({{"kernel", kernel.kernel},
                              {"calls", kernel.calls},
                              {"ms", kernel.ms},
                              {"gflops", kernel.gflops()},
                              {"gb_per_s", kernel.gigabytes_per_second()}});
  }
  return out.dump(1) + "\n";
}

}  // namespace duel
