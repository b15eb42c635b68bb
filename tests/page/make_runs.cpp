// make_runs KIND FOLDER: run folders with known contents, for the tests of pages.
//   few       eight runs of two learning rates and three seeds: one stopped, one damaged, one scored otherwise
//   many      fifty runs of 10,000 records each
//   grown     the stopped run of `few` after twice as many records
//   swept     a sweep of five trials: complete, pruned, diverged, failed, and one that goes on
//   rescored  runs that were evaluated again: a, b and e in one way, c in another, d not at all
//   hostile   runs whose names and texts try to be markup
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/random.hpp"
#include "evaluate/record.hpp"
#include "store/checkpoint.hpp"
#include "store/evaluation_file.hpp"
#include "store/journal.hpp"
#include "store/png.hpp"
#include "store/run_file.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

struct MadeRun {
  std::string name = "ring";
  std::string lr = "1e-3";
  int seed = 1;
  int64_t records = 300;
  int64_t total = 300;
  std::vector<std::string> metrics{"discriminator.loss", "generator.loss"};
  std::string features = "values";
  int64_t pictures = 5;
  std::string note = {};  // a text of provenance
};

std::string experiment_text(const MadeRun& run) {
  return fmt::format(R"(name: {}
seed: {}
data: {{train: {{ring: {{modes: 8, deviation: 0.02}}}}, batch: 256}}
networks:
  generator: {{inputs: {{z: [16]}}, layers: [dense: 128, relu, dense: 128, relu, dense: 2]}}
  discriminator: {{inputs: {{x: [2]}}, layers: [dense: 128, leaky_relu: 0.2, dense: 128, leaky_relu: 0.2, dense: 1]}}
players: {{generator: {{optimizer: {{adam: {{lr: {}, beta1: 0.5}}}}}}}}
train: {{steps: {}}}
)",
                     run.name, run.seed, run.lr, run.total * 10);
}

double wave(const MadeRun& run, std::size_t metric, int64_t i) {
  const double at = static_cast<double>(i) / static_cast<double>(run.total);
  const uint64_t key = stream_key(static_cast<uint64_t>(run.seed), 0, run.metrics[metric] + run.lr);
  const auto bits = random_bits(key, {static_cast<uint64_t>(i)}, 0);
  const double noise = 0.25 * normal_pair(bits[0], bits[1])[0];
  const double slow = run.lr == "2e-4" ? 2 : 5;
  return 0.7 + 2 * std::exp(-slow * at) * (metric % 2 == 0 ? 1 : 0.6) + noise * (1.2 - at) + 0.03 * run.seed;
}

std::vector<uint8_t> picture(int64_t side, int64_t step, int seed) {
  std::vector<uint8_t> pixels(static_cast<std::size_t>(side * side * 3));
  for (int64_t y = 0; y < side; ++y) {
    for (int64_t x = 0; x < side; ++x) {
      const auto at = static_cast<std::size_t>((y * side + x) * 3);
      const double angle = std::atan2(static_cast<double>(y - side / 2), static_cast<double>(x - side / 2));
      const double radius = std::hypot(static_cast<double>(y - side / 2), static_cast<double>(x - side / 2));
      const double near = std::exp(-std::pow((radius - 0.35 * static_cast<double>(side)) / 4, 2));
      const double modes = std::pow(0.5 + 0.5 * std::cos(8 * angle + seed), 1 + static_cast<double>(step) / 300);
      pixels[at] = pixels[at + 1] = static_cast<uint8_t>(255 - 200 * near * modes);
      pixels[at + 2] = static_cast<uint8_t>(255 - 90 * near * modes);
    }
  }
  return pixels;
}

StoredScore score(const MadeRun& run, const std::string& metric, double value) {
  EvaluationRecord record;
  record.metric = metric;
  record.value = value;
  record.uncertainty = value * 0.06;
  record.uncertainty_kind = "standard error";
  record.n_real = 1000;
  record.n_fake = 1000;
  record.floor = Floor{0.08, 500};
  record.protocol = {run.features, "", "none", "test: 0.1", 0, {{"k", "5"}}};
  return {value, record.uncertainty, record.floor->value, record_json_text(record)};
}

void make_run(const fs::path& folder, const MadeRun& run) {
  fs::create_directories(folder / "samples");
  fs::create_directories(folder / "checkpoints");
  RunLayout layout;
  layout.metrics = run.metrics;
  layout.evaluations.push_back({"quality", {"fid", "recall"}});
  layout.experiment = {{"name", run.name}, {"file", "ring.yaml"}, {"resolved", experiment_text(run)}};
  layout.provenance = {{"version", "0.1.0"},
                       {"host", "workstation"},
                       {"threads", "4"},
                       {"seed", std::to_string(run.seed)},
                       {"data_sha256", std::string(64, 'a')},
                       {"command_line", fmt::format("duel train ring.yaml seed={}", run.seed)},
                       {"started", "20261122-031500"}};
  if (!run.note.empty()) layout.provenance["note"] = run.note;
  RunFile file = RunFile::create(folder / "run.h5", layout);
  for (int64_t i = 0; i < run.records; ++i) {
    std::vector<double> values;
    for (std::size_t metric = 0; metric < run.metrics.size(); ++metric) values.push_back(wave(run, metric, i));
    file.append_metrics((i + 1) * 10, 0.02 * static_cast<double>(i + 1), values);
    if ((i + 1) % (run.total / 5) != 0) continue;
    const double quality = 4 * std::exp(-3 * static_cast<double>(i + 1) / static_cast<double>(run.total));
    const std::vector<StoredScore> scores{score(run, "fid", 0.2 + quality + 0.05 * run.seed),
                                          score(run, "recall", 0.9 - quality / 6)};
    file.append_evaluation(0, (i + 1) * 10, 0.02 * static_cast<double>(i + 1), scores);
  }
  if (run.records == run.total) {  // the last checkpoint, which counts twelve passes over the data
    write_checkpoint(folder / "checkpoints", run.total * 10,
                     {{}, {{"step", run.total * 10}, {"total_steps", run.total * 10}}, {{"epoch", 12}}, {}});
  }
  for (int64_t k = 1; k <= run.pictures; ++k) {
    const int64_t step = run.total * 10 * k / run.pictures;
    if (step > run.records * 10) break;
    write_png(folder / "samples" / fmt::format("step-{:06}.png", step), 96, 96, 3, picture(96, step, run.seed));
  }
}

void make_few(const fs::path& folder) {
  for (const char* lr : {"1e-3", "2e-4"}) {
    for (const int seed : {1, 2, 3}) {
      MadeRun run{.lr = lr, .seed = seed};
      if (std::string(lr) == "2e-4" && seed == 3) run.features = "classifier:features";
      make_run(folder / fmt::format("lr{}-s{}", lr, seed), run);
    }
  }
  make_run(folder / "stopped-s4", {.seed = 4, .records = 120});
  fs::create_directories(folder / "damaged");
  std::ofstream(folder / "damaged/run.h5") << "this is no HDF5 file";
}

void make_grown(const fs::path& folder) { make_run(folder / "stopped-s4", {.seed = 4, .records = 240}); }

void make_many(const fs::path& folder) {
  const std::vector<std::string> metrics{"discriminator.loss", "generator.loss", "gradient_norm", "accuracy"};
  for (int i = 0; i < 50; ++i) {
    MadeRun run{.lr = fmt::format("{}e-4", 1 + i % 10), .seed = 1 + i / 10, .records = 10000, .total = 10000};
    run.metrics = metrics;
    make_run(folder / fmt::format("run-{:02}", i), run);
  }
}

// Learning rates over two decades, which say at a glance what an axis does with them.
void make_swept(const fs::path& folder) {
  struct Trial {
    const char* name;
    const char* lr;
    const char* state;
    const char* message;
  };
  JournalReader journal(folder / "journal");
  for (const Trial& trial : {Trial{"0000", "5.0e-05", "complete", ""}, Trial{"0001", "5.0e-04", "pruned", ""},
                             Trial{"0002", "5.0e-03", "diverged", "step 1201: generator.loss is nan"},
                             Trial{"0003", "2.0e-04", "failed", "out of memory"}, Trial{"0004", "2.0e-03", "", ""}}) {
    const bool complete = std::string(trial.state) == "complete";
    make_run(folder / "trials" / trial.name, {.lr = trial.lr, .records = complete ? 300 : 120});
    if (*trial.state == '\0') continue;
    append_record(folder / "journal", journal,
                  {{"op", "end"}, {"run", trial.name}, {"state", trial.state}, {"message", trial.message}});
    journal.read();
  }
  std::ofstream(folder / "sweep.yaml") << "";
}

void evaluate_again(const fs::path& run, const std::string& features) {
  fs::create_directories(run / "evaluations");
  const MadeRun how{.features = features};
  write_evaluation(run / "evaluations/quality-step-003000.h5",
                   {"quality", 3000, "20261123-000000", {{"fid", score(how, "fid", 0.5)}}});
}

void make_rescored(const fs::path& folder) {
  int seed = 1;
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    make_run(folder / name, {.seed = seed++, .features = *name == 'e' ? "pixels" : "values", .pictures = 0});
    if (*name != 'd') evaluate_again(folder / name, *name == 'c' ? "pixels" : "classifier:features");
  }
}

void make_hostile(const fs::path& folder) {
  const std::string markup =
      "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">";
  MadeRun run{.name = "\"" + markup + "\"", .seed = 1, .note = markup + "\x01 \xff ]]> <!-- & &lt;"};
  run.metrics = {"<img src=x onerror=alert(1)>", "loss"};
  run.features = markup;
  make_run(folder / "<b onclick=alert(1)>&amp;", run);
  run.seed = 2;
  run.lr = "\"<i>'fast'</i>\"";
  make_run(folder / "' onload='alert(1)", run);
  make_run(folder / "plain", {.seed = 3});
}

int make(const std::string& kind, const fs::path& folder) {
  if (kind == "few") {
    make_few(folder);
  } else if (kind == "many") {
    make_many(folder);
  } else if (kind == "grown") {
    make_grown(folder);
  } else if (kind == "swept") {
    make_swept(folder);
  } else if (kind == "rescored") {
    make_rescored(folder);
  } else if (kind == "hostile") {
    make_hostile(folder);
  } else {
    std::fprintf(stderr, "make_runs: unknown kind '%s'\n", kind.c_str());
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace duel

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: make_runs few|grown|many|swept|rescored|hostile FOLDER\n");
    return 2;
  }
  return duel::make(arguments[1], arguments[2]);
}
