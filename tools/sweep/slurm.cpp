#include "tools/sweep/slurm.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

namespace duel {
namespace {

// For the shell, whatever the text holds.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// A file of output on a line of options, where a space ends a word and % begins a field.
std::string output_word(const std::string& begin) {
  std::string out = "\"";
  for (const char c : begin) out += c == '%' ? std::string("%%") : std::string(1, c);
  return out + "%A_%a.log\"";
}

std::string job_name(const std::string& sweep) {
  std::string name = "duel-" + sweep;
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0 && c != '-' && c != '_' && c != '.'; }, '-');
  return name;
}

}  // namespace

std::string slurm_script(const Sweep& sweep, const std::string& program, int threads) {
  constexpr int64_t largest_array = 1000;  // of a cluster as it comes
  const SweepDefinition& definition = sweep.definition();
  const SlurmSettings& slurm = definition.slurm;
  const std::string folder = std::filesystem::absolute(sweep.folder()).lexically_normal().string();
  const int64_t left = definition.trials() * definition.runs_per_trial() - sweep.state().trainings_done();
  const bool goes_on = definition.method == SearchMethod::tpe || left > largest_array;
  std::string text = "#!/bin/bash\n";
  const auto option = [&](const std::string& words) { text += "#SBATCH " + words + "\n"; };
  option("--job-name=" + job_name(definition.name));
  option("--output=" + output_word(folder + "/logs/slurm-"));
  option("--open-mode=append");
  if (goes_on) {
    option(fmt::format("--array=1-{}", std::min(definition.parallel, left)));
  } else {
    option(fmt::format("--array=1-{}%{}", left, definition.parallel));
  }
  option("--requeue");
  option(fmt::format("--signal=B:USR1@{}", slurm.warning));
  option(fmt::format("--cpus-per-task={}", slurm.cpus));
  if (!slurm.time.empty()) option("--time=" + slurm.time);
  if (!slurm.memory.empty()) option("--mem=" + slurm.memory);
  if (!slurm.partition.empty()) option("--partition=" + slurm.partition);
  if (!slurm.account.empty()) option("--account=" + slurm.account);
  for (const std::string& further : slurm.options) option(further);
  text += fmt::format(R"(
agent="slurm-$SLURM_ARRAY_JOB_ID-$SLURM_ARRAY_TASK_ID-${{SLURM_RESTART_COUNT:-0}}"
# The warning goes to this shell alone; the agent then saves its run and ends with code 99. Until it can, it ignores it.
trap '' USR1
{} sweep-agent {} --name "$agent" --threads {}{} &
worker=$!
trap 'asked=1; kill -USR1 "$worker" 2>/dev/null' USR1
trap 'asked=1; kill -TERM "$worker" 2>/dev/null' TERM
asked=1
while [ "$asked" -eq 1 ]; do  # a signal interrupts the wait
  asked=0
  wait "$worker"
  code=$?
done
if [ "$code" -eq 99 ]; then
  scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}"
fi
exit "$code"
)",
                      quoted(program), quoted(folder), threads > 0 ? threads : slurm.cpus, goes_on ? "" : " --runs 1");
  return text;
}

std::string submit_to_slurm(const Sweep& sweep, const std::string& program, int threads) {
  const auto file = std::filesystem::absolute(sweep.folder() / "slurm.sh");
  write_file_atomically(file, slurm_script(sweep, program, threads));
  const std::string command = "sbatch --parsable " + quoted(file.string()) + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw UserError(ExitCode::storage, "cannot start sbatch");
  std::string output;
  std::array<char, 512> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) output += buffer.data();
  const int status = pclose(pipe);
  while (!output.empty() && output.back() == '\n') output.pop_back();
  for (std::size_t at = output.find('\n'); at != std::string::npos; at = output.find('\n')) output.replace(at, 1, "; ");
  if (status != 0) {
    const bool missing = status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 127;
    throw UserError(ExitCode::experiment,
                    missing ? std::string("there is no sbatch here") : fmt::format("sbatch refuses: {}", output),
                    missing ? "run this on a node of the cluster, or without --launcher slurm"
                            : fmt::format("the script is {}", file.string()));
  }
  return output.substr(0, output.find(';'));
}

}  // namespace duel
