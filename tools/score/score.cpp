#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>

#include "base/parallel.hpp"
#include "tools/command.hpp"
#include "tools/score/side.hpp"
#include "yaml/override.hpp"

namespace duel {
namespace {

struct ScoreOptions {
  std::string real;
  std::string fake;
  std::vector<std::string> overrides;
  std::string metrics = "fid";
  std::string save_real;
  int64_t seed = 0;
  int threads = 0;
  bool json = false;
};

std::vector<std::string> names_of(const std::string& list) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    names.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

// A map of the metrics and the parameters that the overrides give them.
YamlNode written_metrics(const std::vector<std::string>& names, const ScoreOptions& options, Problems& problems) {
  YamlNode root;
  root.kind = YamlNode::Kind::map;
  const Position where{"--metrics", 0, 0};
  for (const std::string& name : names) {
    if (root.find(name) != nullptr) problems.add(where, {}, fmt::format("'{}' is named twice", name));
    root.entries.push_back({name, where, {}});
  }
  for (const std::string& text : options.overrides) {
    const std::string metric = text.substr(0, text.find_first_of(".="));
    if (std::ranges::find(names, metric) == names.end()) {
      problems.add({fmt::format("override '{}'", text), 0, 0}, {}, fmt::format("'{}' is not scored", metric),
                   "write METRIC.PARAMETER=VALUE, with a metric that --metrics names");
    } else {
      apply_override(root, text, problems);
    }
  }
  return root;
}

std::vector<NamedMetric> read_metrics(const ScoreOptions& options, const Registry& registry) {
  const std::vector<std::string> names = names_of(options.metrics);
  Problems problems;
  const YamlNode root = written_metrics(names, options, problems);
  ReadContext context{registry, problems, {}};
  std::vector<NamedMetric> metrics;
  for (const std::string& name : names) {
    const YamlNode::Entry& entry = *root.find_entry(name);
    metrics.push_back({name, registry.metrics.read(WrittenComponent{name, entry.where, entry.value}, context)});
  }
  problems.throw_if_any();
  return metrics;
}

void save_statistics(const std::string& file, const SideData& side) {
  write_statistics(file, side.statistics ? *side.statistics : statistics_of(*side.features));
}

int score(const ScoreOptions& options, const Registry& registry) {
  const std::vector<NamedMetric> metrics = read_metrics(options, registry);
  if (!options.save_real.empty() && !is_statistics_name(options.save_real)) {
    throw UserError(ExitCode::experiment,
                    fmt::format("--save-real {}: not the name of a file of statistics", options.save_real),
                    "give FILE.npz or FILE.h5");
  }
  ThreadPool pool(options.threads);
  std::vector<EvaluationRecord> records;
  pool.run([&] {
    const SideData real = read_side(options.real), fake = read_side(options.fake);
    records = evaluate(real, fake, metrics, static_cast<uint64_t>(options.seed));
    if (!options.save_real.empty()) save_statistics(options.save_real, real);
  });
  print_out(options.json ? records_json_text(records) : records_table(records));
  return 0;
}

}  // namespace

void add_score_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<ScoreOptions>();
  CLI::App* command = app.add_subcommand("score", "compare two sets of features by metrics");
  command->add_option("real", options->real, "FILE.npy, FILE.h5:/DATASET, or statistics: FILE.npz, FILE.h5")
      ->required();
  command->add_option("fake", options->fake, "likewise")->required();
  command->add_option("overrides", options->overrides, "parameters of metrics: prdc.k=2 kid.subsets=10");
  command->add_option("--metrics", options->metrics, "which, with commas between: fid,kid,prdc")->capture_default_str();
  command->add_option("--seed", options->seed, "seed of what metrics draw")
      ->check(CLI::Range(int64_t{0}, std::numeric_limits<int64_t>::max()))
      ->capture_default_str();
  command->add_option("--save-real", options->save_real, "file of statistics of REAL to write (.npz or .h5)");
  command->add_option("--threads", options->threads, "worker threads")->check(CLI::Range(1, 1024));
  command->add_flag("--json", options->json, "print a JSON list of records");
  command->callback([options, &line] { line.run = [options, &line] { return score(*options, line.registry); }; });
}

}  // namespace duel
