#include "sweep/sweep.hpp"

#include <nlohmann/json.hpp>

#include "store/checkpoint.hpp"
#include "sweep/index.hpp"
#include "yaml/document.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

constexpr int64_t most_deaths_seen = 3;
constexpr int64_t most_deaths = 20;
constexpr std::size_t most_changes_told = 5;

// The definition as a text that stands alone in the folder of the sweep.
std::string definition_text(const Document& document, const SweepDefinition& definition, const fs::path& folder) {
  YamlNode root = document.root;
  const auto set_path = [&](const std::string& key, const fs::path& path) {
    const std::string text = fs::proximate(path, fs::absolute(folder)).string();
    if (YamlNode* node = root.find(key)) {
      node->text = text;
    } else {
      root.entries.push_back(YamlNode::Entry{key, {}, YamlNode::scalar(text)});
    }
  };
  set_path("experiment", definition.experiment);
  set_path("paths_from", definition.paths_from);
  if (root.find("name") == nullptr) {
    root.entries.insert(root.entries.begin(), YamlNode::Entry{"name", {}, YamlNode::scalar(definition.name)});
  }
  return to_yaml(root);
}

// Throws unless the sweep began with what the definition says now.
void refuse_other(const fs::path& folder, const SweepDefinition& definition, const Document& document,
                  const SweepState& state) {
  const SweepIdentity now = identity_of(definition, document);
  if (now.hash() == state.identity_hash()) return;
  std::string what = "parameters, or another method, metric, seed or experiment";
  if (!state.identity().sweep.empty()) {
    std::vector<std::string> list = changes(state.identity(), now);
    if (list.size() > most_changes_told) {
      const std::string more = fmt::format("and {} more", list.size() - most_changes_told);
      list.resize(most_changes_told);
      list.push_back(more);
    }
    if (!list.empty()) what = fmt::format("settings ({})", fmt::join(list, "; "));
  }
  throw UserError(
      ExitCode::experiment, fmt::format("{}: the sweep began with other {}", folder.string(), what),
      "only run_cap, parallel, slurm, name and description may change; start a new sweep in another folder");
}

}  // namespace

Sweep::Sweep(fs::path folder, Document document, std::shared_ptr<const SweepDefinition> definition)
    : folder_(std::move(folder)),
      document_(std::move(document)),
      definition_(std::move(definition)),
      state_(*definition_),
      reader_(folder_ / "journal") {
  const auto lock = FileLock::waited_for(folder_ / "sweep.lock");
  if (fs::exists(folder_ / "journal")) read_new();
  if (!state_.has_begun()) append(begin_record(identity_of(*definition_, document_)));
}

Sweep Sweep::create(const fs::path& folder, const Document& document, SweepDefinition read) {
  const auto definition = std::make_shared<const SweepDefinition>(std::move(read));
  create_folders(folder / "trials");
  create_folders(folder / "agents");
  create_folders(folder / "logs");
  check_writable(folder);
  Sweep sweep(folder, document, definition);
  write_file_atomically(folder / "sweep.yaml", definition_text(document, *definition, folder));
  return sweep;
}

SweepState Sweep::look_at(const fs::path& folder, const Document& document, const SweepDefinition& definition) {
  SweepState state(definition);
  if (!fs::exists(folder / "journal")) return state;
  for (const nlohmann::json& record : JournalReader(folder / "journal").read()) {
    state.apply(record);
    if (record.at("op") == "begin") refuse_other(folder, definition, document, state);
  }
  return state;
}

void Sweep::require(const fs::path& folder) {
  if (fs::exists(folder / "sweep.yaml")) return;
  throw UserError(ExitCode::experiment, fmt::format("{} holds no sweep", folder.string()),
                  "name a sweep's file, or a folder that 'duel sweep' made: it has a sweep.yaml");
}

Sweep Sweep::open(const fs::path& folder, const Registry& registry) {
  require(folder);
  const Document document = load_document(folder / "sweep.yaml");
  auto definition = std::make_shared<SweepDefinition>(read_sweep(document, registry));
  return {folder, document, std::move(definition)};
}

void Sweep::refuse_changes() const { refuse_other(folder_, *definition_, document_, state_); }

void Sweep::refresh() {
  // Nobody writes meanwhile, or a record could be read while a torn one before it is cut off.
  const auto lock = FileLock::waited_for(folder_ / "sweep.lock");
  read_new();
}

void Sweep::read_new() {
  for (const nlohmann::json& record : reader_.read()) {
    state_.apply(record);
    if (record.at("op") == "begin") refuse_changes();  // before what follows, which another sweep's would not fit
  }
}

std::optional<int64_t> Sweep::seed_of(RunPlace place) const {
  return definition_->seeds.empty() ? std::nullopt : std::optional(definition_->seeds.at(place.seed_index));
}

std::string Sweep::run_name(RunPlace place) const {
  const auto seed = seed_of(place);
  return seed ? fmt::format("{:04}-s{}", place.trial, *seed) : fmt::format("{:04}", place.trial);
}

bool Sweep::is_alive(const std::string& agent) const { return is_locked(agent_file(agent)); }

template <class Work>
auto Sweep::locked(Work work) {
  const auto lock = FileLock::waited_for(folder_ / "sweep.lock");
  read_new();
  return work();
}

void Sweep::append(const nlohmann::json& record) {
  append_record(folder_ / "journal", reader_, record);
  read_new();  // what was written is what was applied
}

int64_t Sweep::saved_step(RunPlace place) const {
  const auto checkpoints = checkpoint_steps(run_folder(place) / "checkpoints");
  return checkpoints.empty() ? 0 : checkpoints.back();
}

bool Sweep::is_free(RunPlace place) const { return !is_locked(run_folder(place) / "run.lock"); }

void Sweep::refuse_unlike_scores() const {
  if (definition_->method != SearchMethod::tpe) return;
  const auto unlike = state_.unlike();
  if (!unlike) return;
  throw UserError(ExitCode::experiment,
                  fmt::format("{}: method tpe cannot learn from scores that are made in unlike ways: {}",
                              folder_.string(), describe(*unlike, definition_->metric.name.name)),
                  "start a sweep whose parameters leave the evaluation as it is, or of method random");
}

std::optional<SweepState::Next> Sweep::claim(const std::string& agent, const std::set<RunPlace>& but) {
  return locked([&]() -> std::optional<SweepState::Next> {
    const auto lives = [&](const std::string& other) { return other != agent && is_alive(other); };
    const auto is_there = [&](RunPlace place) { return !but.contains(place) && is_free(place); };
    for (;;) {
      const auto next = state_.next(lives, is_there);
      if (!next) return next;
      refuse_changes();  // its file is read anew for each trial
      refuse_unlike_scores();
      if (next->place.trial < std::ssize(state_.trials()) &&
          state_.run(next->place).state == SweepRun::State::running) {
        record_death(next->place, state_.run(next->place).agent, false, "an unknown cause");
        if (is_over(state_.run(next->place).state)) continue;
      }
      append(claim_record(next->place, next->point, agent, saved_step(next->place)));
      return next;
    }
  });
}

bool Sweep::report(RunPlace place, double at, double value, const std::optional<EvaluationRecord>& record,
                   int64_t step) {
  return locked([&] {
    const Trial& trial = state_.trials().at(static_cast<std::size_t>(place.trial));
    const bool ends = is_over(result_of(trial).state) || state_.ends(place, at, value, record);
    const auto& known = state_.run(place).record;
    append(report_record(place, at, value, known ? std::nullopt : record, ends ? std::optional(step) : std::nullopt));
    return ends;
  });
}

void Sweep::end(RunPlace place, const SweepRun& run) {
  locked([&] {
    append(end_record(place, run_name(place), run));
    if (is_over(run.state)) write_index(folder_ / "sweep.h5", *this);
  });
}

void Sweep::record_death(RunPlace place, const std::string& agent, bool seen, const std::string& cause) {
  append(died_record(place, agent, saved_step(place), seen));
  SweepRun run = state_.run(place);
  if (run.state != SweepRun::State::waiting) return;
  if (run.deaths_seen < most_deaths_seen && run.deaths < most_deaths) return;
  run.state = SweepRun::State::failed;
  run.message = fmt::format("its process died {} times, the last time of {}", run.deaths, cause);
  append(end_record(place, run_name(place), run));
  write_index(folder_ / "sweep.h5", *this);
}

void Sweep::died(const std::string& agent, const std::string& cause) {
  locked([&] {
    std::vector<RunPlace> places;
    for (const Trial& trial : state_.trials()) {
      for (std::size_t i = 0; i < trial.runs.size(); ++i) {
        const SweepRun& run = trial.runs[i];
        const bool has_it = run.state == SweepRun::State::running && run.agent == agent;
        if (has_it || run.dead_agent == agent) places.push_back({trial.number, i});
      }
    }
    for (const RunPlace place : places) record_death(place, agent, true, cause);
  });
}

}  // namespace duel
