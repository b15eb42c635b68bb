#include "tools/sweep/slurm.hpp"

#include <sys/wait.h>

#include <array>
#include <cstdio>

namespace duel {
namespace {

// For the shell, whatever the text holds.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

int64_t trainings_left(const Sweep& sweep) {
  int64_t over = 0;
  for (const Trial& trial : sweep.state().trials()) {
    const auto whole = result_of(trial).state;
    const bool closed = whole != SweepRun::State::running && whole != SweepRun::State::waiting;
    for (const SweepRun& run : trial.runs) over += closed || run.is_over() ? 1 : 0;
  }
  return sweep.definition().trials() * sweep.definition().runs_per_trial() - over;
}

}  // namespace

std::string slurm_script(const Sweep& sweep, const std::string& program) {
  const SweepDefinition& definition = sweep.definition();
  const SlurmSettings& slurm = definition.slurm;
  const std::string folder = std::filesystem::absolute(sweep.folder()).string();
  const bool follows = definition.method == SearchMethod::tpe;
  std::string text = "#!/bin/bash\n";
  const auto option = [&](const std::string& words) { text += "#SBATCH " + words + "\n"; };
  option("--job-name=duel-" + definition.name);
  option(fmt::format("--output={}/logs/slurm-%A_%a.log", folder));
  option("--open-mode=append");
  if (follows) {
    option(fmt::format("--array=1-{}", definition.parallel));
  } else {
    option(fmt::format("--array=1-{}%{}", trainings_left(sweep), definition.parallel));
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
{} sweep-agent {} --name "$agent" --threads {}{} &
worker=$!
# The warning goes to this shell alone; the agent then saves its run and ends with code 99.
trap 'kill -USR1 "$worker" 2>/dev/null' USR1
trap 'kill -TERM "$worker" 2>/dev/null' TERM
wait "$worker"; code=$?
while kill -0 "$worker" 2>/dev/null; do wait "$worker"; code=$?; done
if [ "$code" -eq 99 ]; then
  scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}"
fi
exit "$code"
)",
                      quoted(program), quoted(folder), slurm.cpus, follows ? "" : " --runs 1");
  return text;
}

std::string submit_to_slurm(const Sweep& sweep, const std::string& program) {
  const auto file = std::filesystem::absolute(sweep.folder() / "slurm.sh");
  write_file_atomically(file, slurm_script(sweep, program));
  const std::string command = "sbatch --parsable " + quoted(file.string()) + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw UserError(ExitCode::storage, "cannot start sbatch");
  std::string output;
  std::array<char, 512> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) output += buffer.data();
  const int status = pclose(pipe);
  while (!output.empty() && output.back() == '\n') output.pop_back();
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
