#include "train/provenance.hpp"

#include <fmt/ranges.h>
#include <unistd.h>

#include "base/version.hpp"
#include "kernels/select.hpp"
#include "train/run.hpp"

namespace duel {
namespace {

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

}  // namespace

std::map<std::string, std::string> provenance_of_start(const Session& session,
                                                       const std::vector<std::string>& command_line) {
  const BlasDescription blas = describe_blas();
  return {{"version", version()},
          {"build", build_description()},
          {"blas", blas.library},
          {"blas_core", blas.core},
          {"kernels", print_plan(session.step_plan())},
          {"host", host_name()},
          {"threads", std::to_string(session.threads())},
          {"seed", std::to_string(session.experiment().seed)},
          {"total_steps", std::to_string(session.total_steps())},
          {"precision", std::string(to_string(session.experiment().engine.precision))},
          {"data_sha256", session.data_fingerprint()},
          {"command_line", fmt::format("{}", fmt::join(command_line, " "))},
          {"started", time_stamp()}};
}

std::map<std::string, std::string> provenance_of_resume(const Session& session,
                                                        const std::vector<std::string>& command_line,
                                                        const std::vector<std::string>& overrides) {
  const BlasDescription blas = describe_blas();
  return {{"step", std::to_string(session.step())},
          {"started", time_stamp()},
          {"command_line", fmt::format("{}", fmt::join(command_line, " "))},
          {"overrides", fmt::format("{}", fmt::join(overrides, "\n"))},
          {"version", version()},
          {"build", build_description()},
          {"blas_core", blas.core},
          {"host", host_name()},
          {"threads", std::to_string(session.threads())}};
}

}  // namespace duel
