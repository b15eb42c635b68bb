#include "sweep/sweep.hpp"

#include <nlohmann/json.hpp>

#include "store/checkpoint.hpp"
#include "sweep/index.hpp"
#include "yaml/document.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

constexpr int64_t most_deaths = 3;

// The definition as a text that stands alone in the folder of the sweep.
std::string definition_text(const Document& document, const SweepDefinition& definition, const fs::path& folder) {
  YamlNode root = document.root;
  root.find("experiment")->text = fs::proximate(fs::absolute(definition.experiment), fs::absolute(folder)).string();
  if (root.find("name") == nullptr) {
    root.entries.insert(root.entries.begin(), YamlNode::Entry{"name", {}, YamlNode::scalar(definition.name)});
  }
  return to_yaml(root);
}

void refuse_other(const std::string& identity, const std::string& begun, const fs::path& folder) {
  if (identity == begun) return;
  throw UserError(ExitCode::experiment,
                  fmt::format("{}: the sweep began with another space, method, metric or experiment", folder.string()),
                  "put back what it began with, or start a new sweep in another folder");
}

}  // namespace

Sweep::Sweep(fs::path folder, std::shared_ptr<const SweepDefinition> definition, const std::string& identity)
    : folder_(std::move(folder)),
      definition_(std::move(definition)),
      state_(*definition_),
      reader_(folder_ / "journal") {
  const auto lock = FileLock::waited_for(folder_ / "sweep.lock");
  if (fs::exists(folder_ / "journal")) refresh();
  if (!state_.has_begun()) append(begin_record(identity));
  refuse_other(identity, state_.identity(), folder_);
}

Sweep Sweep::create(const fs::path& folder, const Document& document, const Registry& registry) {
  auto definition = std::make_shared<SweepDefinition>(read_sweep(document, registry));
  const std::string identity = identity_of(*definition, document);
  create_folders(folder / "trials");
  create_folders(folder / "agents");
  create_folders(folder / "logs");
  check_writable(folder);
  Sweep sweep(folder, definition, identity);
  write_file_atomically(folder / "sweep.yaml", definition_text(document, *definition, folder));
  return sweep;
}

Sweep Sweep::open(const fs::path& folder, const Registry& registry, const std::vector<std::string>& overrides) {
  const fs::path file = folder / "sweep.yaml";
  if (!fs::exists(file)) {
    throw UserError(ExitCode::experiment, fmt::format("{} holds no sweep", folder.string()),
                    "name a sweep's file, or a folder that 'duel sweep' made: it has a sweep.yaml");
  }
  const Document document = load_document(file, overrides);
  if (!overrides.empty()) return create(folder, document, registry);
  auto definition = std::make_shared<SweepDefinition>(read_sweep(document, registry));
  const std::string identity = identity_of(*definition, document);
  return {folder, std::move(definition), identity};
}

void Sweep::refresh() {
  for (const nlohmann::json& record : reader_.read()) state_.apply(record);
}

std::optional<int64_t> Sweep::seed_of(RunPlace place) const {
  return definition_->seeds.empty() ? std::nullopt : std::optional(definition_->seeds.at(place.seed_index));
}

std::string Sweep::run_name(RunPlace place) const {
  const auto seed = seed_of(place);
  return seed ? fmt::format("{:04}-s{}", place.trial, *seed) : fmt::format("{:04}", place.trial);
}

FileLock Sweep::agent_lock(const std::string& agent) const { return FileLock(folder_ / "agents" / (agent + ".lock")); }
bool Sweep::is_alive(const std::string& agent) const { return is_locked(folder_ / "agents" / (agent + ".lock")); }

template <class Work>
auto Sweep::locked(Work work) {
  const auto lock = FileLock::waited_for(folder_ / "sweep.lock");
  refresh();
  return work();
}

void Sweep::append(const nlohmann::json& record) {
  append_record(folder_ / "journal", reader_, record);
  refresh();  // what was written is what was applied
}

std::optional<SweepState::Next> Sweep::claim(const std::string& agent) {
  return locked([&]() -> std::optional<SweepState::Next> {
    const auto next = state_.next([&](const std::string& other) { return other != agent && is_alive(other); });
    if (!next) return next;
    const auto checkpoints = checkpoint_steps(run_folder(next->place) / "checkpoints");
    append(claim_record(next->place, next->point, agent, checkpoints.empty() ? 0 : checkpoints.back()));
    return next;
  });
}

bool Sweep::report(RunPlace place, double at, double value) {
  return locked([&] {
    const bool end = state_.ends(place, at, value);
    append(report_record(place, at, value, end));
    return end;
  });
}

void Sweep::end(RunPlace place, const SweepRun& run) {
  locked([&] {
    append(end_record(place, run));
    if (run.is_over()) write_index(folder_ / "sweep.h5", *this);
    return 0;
  });
}

void Sweep::died(RunPlace place, const std::string& agent, const std::string& cause) {
  locked([&] {
    append(died_record(place, agent));
    SweepRun run = state_.run(place);
    if (run.state != SweepRun::State::waiting || run.deaths < most_deaths) return 0;
    run.state = SweepRun::State::failed;
    run.message = fmt::format("its process died {} times, the last time of {}", run.deaths, cause);
    append(end_record(place, run));
    return 0;
  });
}

}  // namespace duel
