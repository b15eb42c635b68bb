#include "tools/step_option.hpp"

#include "base/text.hpp"
#include "train/run.hpp"

namespace duel {

int64_t read_step_option(const std::string& text, const std::string& folder) {
  if (text == "best") return best_step_of(folder);
  const auto step = parse_integer(text);
  if (step && *step >= 0) return *step;
  throw UserError(ExitCode::experiment, fmt::format("--step {}: no step of a checkpoint", text),
                  "give a number of steps, or best");
}

}  // namespace duel
