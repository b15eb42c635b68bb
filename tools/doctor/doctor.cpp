#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "spec/read.hpp"
#include "tools/command.hpp"
#include "tools/doctor/diagnosis.hpp"
#include "train/open_experiment.hpp"
#include "train/run.hpp"
#include "train/sample.hpp"

namespace duel {
namespace {

using nlohmann::json;

struct DoctorOptions {
  std::string folder;
  bool json = false;
};

// Both sides of the samples that have references, by the newest checkpoint; `notes` say why one is not there.
std::vector<ShownSample> shown_samples(const RunEntry& run, const Experiment& experiment, const Registry& registry,
                                       std::vector<std::string>& notes) {
  std::vector<ShownSample> out;
  for (std::size_t i = 0; i < experiment.samples.size(); ++i) {
    if (!experiment.samples[i].reference) continue;
    try {
      SampleRequest request;
      request.name = experiment.samples[i].name;
      request.threads = 1;
      const SampleValues values = draw_sample(run.folder, registry, request).values;
      ShownSample one{i, {}, {}, values.samples.shape[0], values.reference->shape[0]};
      one.generated.assign(values.samples.values.begin(), values.samples.values.end());
      one.real.assign(values.reference->values.begin(), values.reference->values.end());
      out.push_back(std::move(one));
    } catch (const UserError& error) {
      notes.push_back(fmt::format("the samples '{}' were not compared with their references: {}",
                                  experiment.samples[i].name, error.what()));
    }
  }
  return out;
}

std::string heading(const RunEntry& run) {
  const std::string of = run.total_steps ? fmt::format(" of {}", *run.total_steps) : "";
  return fmt::format("{}: step {}{}, {}", run.folder.string(), run.step, of, to_string(run.state));
}

std::string text_of(const RunEntry& run, const std::vector<Diagnosis>& found, const std::vector<std::string>& notes) {
  std::string text = heading(run) + "\n";
  for (const Diagnosis& one : found) {
    text += fmt::format("\n{}\n  {}\n", one.illness, one.evidence);
    const std::string drawing = draw(one.curve, "  ");
    if (!drawing.empty()) text += fmt::format("\n  {}\n{}", one.series, drawing);
    text += "\n  what to try:\n";
    for (const std::string& advice : one.advice) text += fmt::format("  - {}\n", advice);
  }
  if (found.empty()) text += "healthy: its records show nothing that is wrong\n";
  for (const std::string& note : notes) text += fmt::format("\nnote: {}\n", note);
  return text;
}

json json_of(const RunEntry& run, const std::vector<Diagnosis>& found, const std::vector<std::string>& notes) {
  json list = json::array();
  for (const Diagnosis& one : found) {
    list.push_back({{"illness", one.illness},
                    {"series", one.series},
                    {"since", one.since ? json(*one.since) : json()},
                    {"evidence", one.evidence},
                    {"advice", one.advice},
                    {"steps", one.curve.steps},
                    {"values", one.curve.values}});
  }
  return {{"run", run.folder.string()},
          {"state", to_string(run.state)},
          {"step", run.step},
          {"total_steps", run.total_steps ? json(*run.total_steps) : json()},
          {"healthy", found.empty()},
          {"diagnoses", list},
          {"notes", notes}};
}

int examine(const DoctorOptions& options, const Registry& registry) {
  const RunEntry run = read_run_entry(options.folder);
  if (run.state == RunState::damaged) throw UserError(ExitCode::data, run.problem);
  Problems problems;
  const Experiment experiment = read_experiment(run_document(run.folder), registry, problems);
  problems.throw_if_any();
  std::vector<std::string> notes;
  const std::vector<ShownSample> shown = shown_samples(run, experiment, registry, notes);
  const std::vector<Diagnosis> found = diagnose(run, experiment, shown);
  print_out(options.json ? json_of(run, found, notes).dump(2) + "\n" : text_of(run, found, notes));
  return 0;
}

}  // namespace

void add_doctor_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* command = app.add_subcommand("doctor", "say what is wrong with a run, and what to try");
  command->add_option("run", options->folder, "run folder, finished or not")->required();
  command->add_flag("--json", options->json, "print it as JSON");
  command->callback([options, &line] { line.run = [options, &line] { return examine(*options, line.registry); }; });
}

}  // namespace duel
