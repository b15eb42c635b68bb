#include "tests/crash/ring_run.hpp"

#include <cmath>
#include <csignal>
#include <iostream>
#include <numbers>
#include <sstream>

#include "base/file.hpp"
#include "store/checkpoint.hpp"
#include "store/run_reader.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// 100 points on a circle: with batches of 16, an epoch is six batches and one of 4.
std::string circle_table() {
  std::ostringstream table;
  table << "x,y\n";
  for (int i = 0; i < 100; ++i) {
    const double angle = 2 * std::numbers::pi * i / 100;
    table << std::cos(angle) << ',' << std::sin(angle) << '\n';
  }
  return table.str();
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// The first `rows` rows.
template <class T>
std::string bytes_of(const Series& series, int64_t rows, const hdf5::Calls& calls) {
  std::vector<T> values(static_cast<std::size_t>(rows * series.row().elements()));
  series.read(calls, 0, rows, values.data());
  return bytes_of(values);
}

std::map<std::string, std::string> files_in(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    files[entry.path().filename().string()] = read_text(entry.path());
  }
  return files;
}

// Names alone and then whether all is equal: the bytes of a difference tell nobody anything.
void expect_same(const std::map<std::string, std::string>& given, const std::map<std::string, std::string>& wanted,
                 const std::string& what) {
  std::vector<std::string> given_names, wanted_names, different;
  for (const auto& [name, bytes] : given) given_names.push_back(name);
  for (const auto& [name, bytes] : wanted) {
    wanted_names.push_back(name);
    if (given.contains(name) && given.at(name) != bytes) different.push_back(name);
  }
  EXPECT_EQ(given_names, wanted_names) << what;
  EXPECT_EQ(different, std::vector<std::string>{}) << what;
}

}  // namespace

RingRuns::RingRuns(const std::string& experiment) : experiment_(experiment) {
  for (const std::string& file : {std::string("ring.yaml"), experiment}) {
    folder_.write(file, read_text(fs::path(DUEL_SOURCE_DIR) / "tests/crash" / file));
  }
  folder_.write("points.csv", circle_table());
}

std::vector<std::string> RingRuns::train_arguments(const std::string& run, int threads) const {
  return {"train", experiment_, "--out", run, "--threads", std::to_string(threads)};
}

std::vector<std::string> RingRuns::resume_arguments(const std::string& run, int threads) {
  return {"resume", run, "--threads", std::to_string(threads)};
}

std::vector<std::string> RingRuns::next_arguments(const std::string& run, int threads) const {
  return fs::exists(path(run) / "run.h5") ? resume_arguments(run, threads) : train_arguments(run, threads);
}

std::vector<fs::path> RingRuns::checkpoints(const std::string& run) const {
  std::vector<fs::path> files;
  const fs::path kept = path(run) / "checkpoints";
  if (!fs::exists(kept)) return files;
  for (const int64_t step : checkpoint_steps(kept)) files.push_back(checkpoint_path(kept, step));
  return files;
}

bool RingRuns::wait_for_checkpoints(Program& program, const std::string& run, std::size_t count) const {
  while (checkpoints(run).size() < count) {
    if (program.ends_within(0.001)) return false;
  }
  return true;
}

int RingRuns::finish_with_kills(const std::string& run, int threads, int kills, double seconds,
                                std::mt19937& random) const {
  std::uniform_real_distribution<double> moment(0, seconds);
  for (int done = 0;;) {
    Program program(next_arguments(run, threads), folder());
    const double pause = moment(random);
    if (done >= kills || program.ends_within(pause)) {
      const ProgramEnd end = program.wait();
      EXPECT_EQ(end.code, 0) << end.errors;
      return done;
    }
    program.send(SIGKILL);
    const bool was_killed = program.wait().code == -SIGKILL;
    done += was_killed ? 1 : 0;
    std::cout << run << ": killed after " << pause << " s" << std::endl;
    if (fs::exists(path(run) / "run.h5")) {
      EXPECT_NO_THROW(records_of(path(run))) << "a killed run cannot be read";
    }
  }
}

std::map<std::string, std::string> records_of(const fs::path& run) {
  const RunReader reader(run / "run.h5");
  const RunRecords records = reader.records();
  std::map<std::string, std::string> out = records.experiment;
  out["step"] = bytes_of(records.steps);
  for (const auto& [name, values] : records.metrics) out["metric " + name] = bytes_of(values);
  for (const std::string& name : reader.sample_names()) {
    const RunReader::Samples samples = reader.samples(name);
    const auto count = static_cast<int64_t>(samples.steps.size());
    out["steps of " + name] = bytes_of(samples.steps);
    out["pictures of " + name] = bytes_of<uint8_t>(samples.pictures, count, reader.calls());
    out["values of " + name] = bytes_of<float>(samples.values, count, reader.calls());
  }
  for (const auto& [name, evaluation] : records.evaluations) {
    out["steps of " + name] = bytes_of(evaluation.steps);
    for (const auto& [metric, scores] : evaluation.metrics) {
      std::string& text = out[fmt::format("{} of {}", metric, name)];
      for (const StoredScore& score : scores) {
        text += fmt::format("{} {} {} {}\n", score.value, score.uncertainty.value_or(NAN), score.floor.value_or(NAN),
                            score.record);
      }
    }
  }
  return out;
}

std::map<std::string, std::string> pictures_of(const fs::path& run) { return files_in(run / "samples"); }
std::map<std::string, std::string> checkpoints_of(const fs::path& run) { return files_in(run / "checkpoints"); }

void expect_same_end(const fs::path& run, const fs::path& reference) {
  expect_same(records_of(run), records_of(reference), "run.h5");
  expect_same(pictures_of(run), pictures_of(reference), "pictures");
  const auto kept = checkpoints_of(run);
  const auto wanted = checkpoints_of(reference);
  ASSERT_FALSE(kept.empty());
  ASSERT_FALSE(wanted.empty());
  EXPECT_EQ(kept.rbegin()->first, wanted.rbegin()->first);
  EXPECT_TRUE(kept.rbegin()->second == wanted.rbegin()->second) << "the last checkpoint differs";
}

}  // namespace duel
