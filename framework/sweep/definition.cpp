#include "sweep/definition.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "spec/load.hpp"
#include "spec/read.hpp"
#include "sweep/sections.hpp"
#include "train/open_experiment.hpp"
#include "train/problems.hpp"
#include "train/run.hpp"
#include "train/watched_metric.hpp"
#include "yaml/leaves.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// What may change while a sweep goes on.
constexpr std::array<std::string_view, 7> free_keys{"name",    "description", "experiment", "paths_from",
                                                    "run_cap", "parallel",    "slurm"};

class DefinitionReader {
 public:
  DefinitionReader(const Document& document, const Registry& registry) : document_(document), registry_(registry) {}

  SweepDefinition read() {
    refuse_keys_of_experiments();
    const auto section = read_section<SweepSection>(document_.root, context_);
    // What follows needs these, and they may be wrong.
    problems_.throw_if_any();
    out_.name = section.name.empty() ? fs::path(document_.file).stem().string() : section.name;
    if (out_.name.starts_with('.') || out_.name.find('/') != std::string::npos) {
      context_.child("name").problem(document_.root, fmt::format("'{}' cannot be the name of a folder", out_.name),
                                     "leave out '/' and a '.' at its beginning");
    }
    out_.description = section.description;
    out_.experiment = fs::absolute(section.experiment).lexically_normal();
    if (!fs::exists(out_.experiment)) {
      context_.child("experiment")
          .problem(*document_.root.find("experiment"), fmt::format("there is no {}", out_.experiment.string()),
                   "the path is relative to the file that says it: mend it where one of the two "
                   "has moved");
      problems_.throw_if_any();
    }
    out_.overrides = section.overrides;
    out_.paths_from = fs::absolute(!section.paths_from.empty() ? section.paths_from
                                   : document_.folder.empty()  ? fs::path(".")
                                                               : document_.folder)
                          .lexically_normal();
    out_.method = section.method == "grid"     ? SearchMethod::grid
                  : section.method == "random" ? SearchMethod::random
                                               : SearchMethod::tpe;
    out_.run_cap = section.run_cap;
    out_.parallel = section.parallel;
    out_.seed = static_cast<uint64_t>(section.seed);
    out_.space = read_space(section.parameters, problems_);
    read_seeds(section.seeds);
    const auto varied = std::ranges::find(out_.space, "seed", &SearchParameter::key);
    if (varied != out_.space.end() && !out_.seeds.empty()) {
      problems_.add(varied->where, "parameters.seed", "the seed is a parameter, and `seeds` are given as well",
                    "leave one of the two away");
    }
    read_tpe(section.tpe);
    read_slurm(section.slurm);
    check_number_of_points();
    collect(problems_, [&] { read_experiment_parts(section); });
    problems_.throw_if_any();
    return std::move(out_);
  }

 private:
  void refuse_keys_of_experiments() {
    const YamlNode& root = document_.root;
    if (root.find("experiment") == nullptr && root.find("networks") != nullptr) {
      throw UserError(
          ExitCode::experiment, fmt::format("{} is an experiment, not a sweep", document_.file),
          fmt::format("'duel train {}' trains it; a sweep's file names it: experiment: FILE", document_.file));
    }
    const std::vector<std::string> keys = experiment_keys();
    for (const YamlNode::Entry& entry : root.entries) {
      const bool is_own = section_info<SweepSection>().find(entry.key) != nullptr;
      if (is_own || std::ranges::find(keys, entry.key) == keys.end()) continue;
      context_.child(entry.key).problem(entry.value, "this is of the experiment, not of the sweep",
                                        "write it below `overrides:` or `parameters:`");
    }
    problems_.throw_if_any();
  }

  void read_seeds(const std::vector<int64_t>& seeds) {
    out_.seeds = seeds;
    const YamlNode* written = document_.root.find("seeds");
    if (written != nullptr && written->is_scalar() && !seeds.empty()) {
      context_.child("seeds").problem(
          *written, fmt::format("the seed {}, or so many seeds?", seeds.front()),
          fmt::format("write [{}] for this one, or list several: [1, 2, 3]", seeds.front()));
    }
    for (std::size_t i = 0; i < seeds.size(); ++i) {
      const bool twice = std::ranges::count(seeds, seeds[i]) > 1;
      if (seeds[i] >= 0 && !twice) continue;
      context_.child("seeds").problem(*document_.root.find("seeds"),
                                      twice ? fmt::format("the seed {} stands here twice", seeds[i])
                                            : fmt::format("a seed cannot be negative: {}", seeds[i]));
      return;
    }
  }

  // Each of them stands on a line of options of the batch script.
  void read_slurm(const YamlNode& node) {
    const ReadContext context = context_.child("slurm");
    out_.slurm = read_section<SlurmSettings>(node, context);
    std::vector<std::string> texts = out_.slurm.options;
    texts.insert(texts.end(), {out_.slurm.partition, out_.slurm.account, out_.slurm.time, out_.slurm.memory});
    const auto has_control = [](const std::string& text) {
      return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    };
    if (std::ranges::any_of(texts, has_control)) {
      context.problem(node, "a setting holds the end of a line or another control character",
                      "write each option of sbatch as an item of `options`");
    }
  }

  void read_tpe(const YamlNode& node) {
    if (node.is_null()) return;
    const auto section = read_section<TpeSection>(node, context_.child("tpe"));
    out_.tpe = {section.startup_trials, section.candidates};
    if (out_.method != SearchMethod::tpe) {
      context_.child("tpe").problem(node, "these are settings of method tpe, which is not chosen", "write method: tpe");
    }
  }

  void check_number_of_points() {
    if (!problems_.empty()) return;
    const YamlNode& root = document_.root;
    if (out_.method != SearchMethod::grid) {
      if (!out_.run_cap) {
        context_.problem(root, "`run_cap` is missing: the search would have no end", "write run_cap: 40");
      }
      return;
    }
    for (const SearchParameter& parameter : out_.space) {
      if (parameter.distribution.count()) continue;
      problems_.add(parameter.where, "parameters", fmt::format("a grid cannot try every value of {}", parameter.key),
                    "list `values`, give a step by q_uniform, or choose method random or tpe");
    }
    if (problems_.empty() && !grid_size(out_.space)) {
      context_.problem(root, "the grid has more than 10⁹ points", "give fewer values");
    }
  }

  // What only the experiment can tell: whether the metric is there, which side of it is better, how long a training is.
  void read_experiment_parts(const SweepSection& section) {
    const Document document = load_experiment(out_.experiment, out_.overrides);
    Problems problems;
    const Experiment experiment = read_experiment(document, registry_, problems);
    problems.throw_if_any();
    read_metric(section.metric, experiment);
    if (!section.early_terminate.is_null()) read_early_termination(section.early_terminate, experiment);
  }

  void read_metric(const YamlNode& node, const Experiment& experiment) {
    const ReadContext context = context_.child("metric");
    const auto section = read_section<SweepMetricSection>(node, context);
    if (section.name.empty()) return;
    const YamlNode* written = node.is_map() ? node.find("name") : &node;
    out_.metric.name = {section.name, written->where, context.child("name").path};
    out_.metric.best = section.value == "best";
    watched_ = find_metric(experiment, out_.metric.name, false);
    out_.metric.evaluated = watched_->evaluation.has_value();
    if (section.goal.empty() && watched_->better == Better::neither) {
      context.problem(node, fmt::format("which side of {} is better is not known", section.name),
                      "write goal: minimize or goal: maximize");
    }
    out_.metric.maximize = section.goal.empty() ? watched_->better == Better::higher : section.goal == "maximize";
  }

  void read_early_termination(const YamlNode& node, const Experiment& experiment) {
    using Type = EarlyTermination::Type;
    using Resource = EarlyTermination::Resource;
    const ReadContext context = context_.child("early_terminate");
    const auto section = read_section<EarlyTerminateSection>(node, context);
    EarlyTermination rule;
    rule.type = section.type == "median" ? Type::median : Type::hyperband;
    rule.resource = section.resource == "evaluation" ? Resource::evaluation
                    : section.resource == "step"     ? Resource::step
                                                     : Resource::epoch;
    rule.min = section.min_iter;
    rule.eta = section.eta;
    rule.least_trials = section.min_trials;
    rule.interval = section.interval;
    refuse_foreign_keys(node, context, rule.type);
    if (watched_ && rule.resource == Resource::evaluation && !watched_->evaluation) {
      context.problem(node, fmt::format("{} is recorded in training, not by an evaluation", watched_->metric),
                      "write resource: step");
    }
    if (rule.type == Type::hyperband) {
      const auto computed = training_length(experiment, rule.resource);
      const auto length = section.max_iter ? section.max_iter : computed;
      if (computed && *length > *computed) {
        context.problem(node,
                        fmt::format("max_iter is greater than a training, which has {} {}s", format_number(*computed),
                                    section.resource),
                        "leave it away");
      } else if (!length) {
        context.problem(node,
                        fmt::format("how many {}s a training has is not known before it starts", section.resource),
                        "write max_iter");
      } else if (*length < rule.min) {
        context.problem(
            node, fmt::format("a training has {} {}s, fewer than min_iter", format_number(*length), section.resource));
      } else {
        rule.max = *length;
        const int64_t most = most_brackets(rule.min, rule.max, rule.eta);
        rule.brackets = section.brackets.value_or(most);
        if (rule.brackets > most) context.problem(node, fmt::format("at most {} brackets fit", most));
      }
    }
    out_.early_terminate = rule;
  }

  static void refuse_foreign_keys(const YamlNode& node, const ReadContext& context, EarlyTermination::Type type) {
    const bool median = type == EarlyTermination::Type::median;
    const std::vector<std::string> foreign = median ? std::vector<std::string>{"max_iter", "eta", "brackets"}
                                                    : std::vector<std::string>{"min_trials", "interval"};
    for (const std::string& key : foreign) {
      if (const auto* entry = node.find_entry(key)) {
        context.child(key).problem(entry->value, fmt::format("{} has no '{}'", median ? "median" : "hyperband", key));
      }
    }
  }

  std::optional<double> training_length(const Experiment& experiment, EarlyTermination::Resource resource) const {
    const TrainSpec& train = experiment.train;
    const auto counted = train.steps();
    const auto steps = counted ? std::optional(static_cast<double>(*counted)) : std::nullopt;
    if (resource == EarlyTermination::Resource::step) return steps;
    if (resource == EarlyTermination::Resource::epoch) return train.epochs();
    if (!watched_ || !watched_->evaluation) return std::nullopt;
    const auto& every = experiment.evaluations[*watched_->evaluation].every;
    if (!every) return 10;  // without `every`, each tenth of the training
    const auto length = every->epochs ? train.epochs() : steps;
    return length ? std::optional(std::ceil(*length / every->count)) : std::nullopt;
  }

  const Document& document_;
  const Registry& registry_;
  Problems problems_;
  ReadContext context_{registry_, problems_, "", Preset::keras};
  SweepDefinition out_;
  std::optional<WatchedMetric> watched_;
};

// `varied`: the parameter in which it differs from the first; none for the first itself.
struct CheckedPoint {
  Point point;
  std::optional<std::size_t> varied;
};

// Points that differ from the first in one parameter: every value of a categorical, both ends of another.
std::vector<CheckedPoint> points_to_check(const SearchSpace& space) {
  Point first(space.size());
  const auto start = [](const Distribution& d) {
    return d.is_categorical() ? 0 : d.is_normal() ? d.from_axis(0.5) : d.low;
  };
  const auto complete = [&](Point& point) {
    for (std::size_t i = 0; i < space.size(); ++i) {
      if (!is_active(space[i], point))
        point[i].reset();
      else if (!point[i])
        point[i] = start(space[i].distribution);
    }
  };
  complete(first);
  std::vector<CheckedPoint> points{{first, std::nullopt}};
  for (std::size_t i = 0; i < space.size(); ++i) {
    const Distribution& distribution = space[i].distribution;
    std::vector<double> values;
    if (distribution.is_categorical()) {
      for (std::size_t value = 0; value < distribution.values.size(); ++value)
        values.push_back(static_cast<double>(value));
    } else if (distribution.is_normal()) {
      values = {distribution.from_axis(0.02), distribution.from_axis(0.98)};
    } else {
      values = {distribution.low, distribution.high};
    }
    for (const double value : values) {
      Point point = first;
      for (auto condition = space[i].condition; condition; condition = space[condition->parameter].condition) {
        point[condition->parameter] = condition->value;
      }
      point[i] = value;
      complete(point);
      if (std::ranges::find(points, point, &CheckedPoint::point) == points.end()) points.push_back({point, i});
    }
  }
  return points;
}

// What is wrong with the experiment at the points of a sweep, told once, and at the parameter that brings it about.
class PointProblems {
 public:
  PointProblems(const SearchSpace& space, Problems& problems) : space_(space), problems_(problems) {}

  void add(const CheckedPoint& checked, const std::vector<Problem>& found) {
    for (const Problem& problem : found) {
      const auto blamed = to_blame(checked, problem);
      if (!blamed) {
        if (told_.insert(to_string(problem)).second) problems_.add(problem);
      } else if (!told_.contains(to_string(problem)) && add_parameter(*blamed)) {
        tell(*blamed, checked.point, problem);
      }
    }
  }

 private:
  // An override that sets a parameter's value, or else the parameter that is varied.
  std::optional<std::size_t> to_blame(const CheckedPoint& checked, const Problem& problem) const {
    for (std::size_t i = 0; i < space_.size(); ++i) {
      if (!checked.point[i]) continue;
      const std::string text = space_[i].distribution.text(*checked.point[i]);
      if (problem.where.file == fmt::format("override '{}={}'", space_[i].key, text)) return i;
    }
    return checked.varied;
  }

  // Values of one parameter are mostly wrong for one reason: one of them is told.
  bool add_parameter(std::size_t parameter) { return blamed_.insert(space_[parameter].key).second; }

  void tell(std::size_t parameter, const Point& point, const Problem& problem) {
    Problem inner = problem;
    const bool in_value = inner.where.line == 0;
    if (in_value) inner.where = {};
    const std::string value = space_[parameter].distribution.text(point[parameter].value());
    problems_.add(space_[parameter].where, "parameters." + space_[parameter].key,
                  fmt::format("with {}: {}", value, to_string(inner)),
                  in_value ? "" : "values are checked beside the first ones of the other parameters");
  }

  const SearchSpace& space_;
  Problems& problems_;
  std::set<std::string> told_;
  std::set<std::string> blamed_;  // keys
};

}  // namespace

int64_t SweepDefinition::trials() const {
  const int64_t cap = run_cap.value_or(std::numeric_limits<int64_t>::max());
  return method == SearchMethod::grid ? std::min(cap, grid_size(space).value()) : cap;
}

SweepDefinition read_sweep(const Document& document, const Registry& registry) {
  return DefinitionReader(document, registry).read();
}

void check_sweep(const SweepDefinition& definition, const Registry& registry) {
  Problems problems;
  const std::optional<int64_t> seed = definition.seeds.empty() ? std::nullopt : std::optional(definition.seeds.front());
  PointProblems of_points(definition.space, problems);
  for (const CheckedPoint& checked : points_to_check(definition.space)) {
    try {
      const Document document = trial_document(definition, checked.point, seed);
      const auto experiment = checked_experiment(document, registry, FeatureSources::opened);
      find_metric(*experiment, definition.metric.name, false);
    } catch (const UserError& error) {
      if (error.code() != ExitCode::experiment) throw;
      of_points.add(checked, error.problems());
    }
  }
  problems.throw_if_any();
}

Document trial_document(const SweepDefinition& definition, const Point& point, std::optional<int64_t> seed) {
  std::vector<std::string> overrides = definition.overrides;
  for (std::string& text : overrides_of(definition.space, point)) overrides.push_back(std::move(text));
  if (seed) overrides.push_back(fmt::format("seed={}", *seed));
  return load_experiment(definition.experiment, overrides);
}

std::vector<std::string> protocol_parameters(const SweepDefinition& definition) {
  std::vector<std::string> found;
  if (!definition.metric.evaluated) return found;
  for (const SearchParameter& parameter : definition.space) {
    for (const std::string_view part : {"evaluate", "data.train", "data.test", "data.split", "data.transform"}) {
      const std::string& key = parameter.key;
      const bool is_of =
          key.starts_with(part) && (key.size() == part.size() || key[part.size()] == '.' || key[part.size()] == '[');
      const bool holds = part.starts_with(key) && part[key.size()] == '.';  // data, replaced whole
      if ((is_of || holds) && std::ranges::find(found, key) == found.end()) found.push_back(key);
    }
  }
  return found;
}

std::string SweepIdentity::hash() const { return sha256_hex(sweep + "\n---\n" + experiment); }

std::vector<std::string> changes(const SweepIdentity& before, const SweepIdentity& now) {
  std::vector<std::string> found;
  const auto compare = [&](const std::string& name, const std::string& old_text, const std::string& new_text) {
    const auto old_leaves = leaves_of(parse_yaml(old_text, name)), new_leaves = leaves_of(parse_yaml(new_text, name));
    const auto value_in = [](const std::vector<YamlLeaf>& leaves, const std::string& key) {
      const auto leaf = std::ranges::find(leaves, key, &YamlLeaf::key);
      return leaf == leaves.end() ? std::string("nothing") : leaf->value;
    };
    for (const YamlLeaf& leaf : old_leaves) {
      const std::string value = value_in(new_leaves, leaf.key);
      if (value != leaf.value) found.push_back(fmt::format("{}{}: {}, now {}", name, leaf.key, leaf.value, value));
    }
    for (const YamlLeaf& leaf : new_leaves) {
      if (std::ranges::find(old_leaves, leaf.key, &YamlLeaf::key) != old_leaves.end()) continue;
      found.push_back(fmt::format("{}{}: nothing, now {}", name, leaf.key, leaf.value));
    }
  };
  compare("", before.sweep, now.sweep);
  compare("experiment ", before.experiment, now.experiment);
  return found;
}

SweepIdentity identity_of(const SweepDefinition& definition, const Document& document) {
  YamlNode deciding = document.root;
  std::erase_if(deciding.entries, [](const YamlNode::Entry& entry) {
    return std::ranges::find(free_keys, entry.key) != free_keys.end();
  });
  const auto read = [](const fs::path& file) { return read_text(file, YamlLimits::bytes); };
  const YamlNode experiment = without_extends(definition.experiment.string(), read);
  return {to_yaml(deciding), to_yaml(experiment)};
}

}  // namespace duel
