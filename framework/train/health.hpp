// Is the game of a training over? The signs of it, in what the training records: the one place that says what they are,
// for training (train.on_collapse) and for `duel doctor`.
//
// A discriminator is a player whose losses judge real and generated examples (Loss::judgement); the other players of
// such an experiment are generators. Experiments without a discriminator are never found ill.
//
//   saturated       The discriminator's loss lies under `discriminator_loss` of what it is when it tells nothing apart
//                   (both above the least that it can be). It no longer errs, so there is nothing to learn from it.
//                   Only where all terms of its losses have a least value.
//   vanished        The mean absolute gradient of a generator's loss lies under `gradient` of its early median, that of
//                   the first `window` records, although some discriminator is not at rest: its loss lies under ¾ of
//                   that of an undecided one; or, where that is not known, its own gradient has not vanished as well.
//                   (At an equilibrium, gradients vanish, too.)
//   alike           The mean distance of two generated samples lies under `diversity` of that of the references, from a
//                   quarter of the training on; or, without references, under that share of its own greatest.
//
// The first two hold when nine in ten of the last `window` records agree; the third, of two samples in a row.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "spec/experiment.hpp"
#include "store/checkpoint.hpp"
#include "store/run_file.hpp"

namespace duel {

struct Finding {
  enum class Kind { saturated, vanished, alike };
  Kind kind = Kind::saturated;
  std::string series;        // the metric that says so; of samples, their name
  std::string player;        // empty of samples
  int64_t since = 0;         // the first step of those that agree
  int64_t step = 0;          // the last one
  double value = 0;          // at that step
  double limit = 0;          // under which it lies
  std::string text() const;  // "discriminator.loss is 0.001, under 0.014: the discriminator is saturated"
  bool operator==(const Finding&) const = default;
};

// Mean Euclidean distance of two of the first 64 rows. 0 for fewer than two.
double mean_distance(std::span<const float> values, int64_t rows);

// A function of the records that it is given, in the order of their steps, and of nothing else. One thread.
class Health {
 public:
  Health(const Experiment& experiment, int64_t total_steps);

  // Is the mean distance of the references of the sample of that number of use, and not known yet?
  bool wants_reference(std::size_t sample) const { return !samples_.empty() && !references_.contains(sample); }
  void set_reference(std::size_t sample, double distance) { references_[sample] = distance; }
  // What a step recorded, in the order of recorded_names (model/turns.hpp); NaN where there is nothing.
  void see(int64_t step, std::span<const double> values);
  // What the sample of that number showed.
  void see_sample(std::size_t sample, int64_t step, std::span<const float> values, int64_t rows);
  // All that run.h5 at `file` holds up to that step.
  void replay(const std::filesystem::path& file, const RunRecords& records, int64_t last_step);

  // What holds now.
  std::vector<Finding> findings() const;
  // Those that did not hold when this was called last.
  std::vector<Finding> new_findings();

  // A discriminator whose loss has been what it is for one that tells nothing apart, to a fiftieth, in nine of ten of
  // the last records.
  struct Undecided {
    std::string series;
    int64_t since = 0;
    double value = 0;
    double undecided = 0;
  };
  std::vector<Undecided> undecided() const;

  // The references alone: the rest follows from the records.
  void save(CheckpointState& state) const;
  void load(const CheckpointState& state);

 private:
  // The last records of a sign: which of them agree.
  struct Window {
    std::deque<std::pair<int64_t, bool>> records;  // step, agrees
    int64_t agreeing = 0;
    std::optional<int64_t> since;  // while nine in ten of the last `size` agree: the first step that did
    void add(int64_t step, bool agrees, int64_t size);
  };
  struct Gradient {
    std::size_t place = 0;  // in recorded_names
    std::vector<double> first;
    std::optional<double> early;  // their median, once there are enough
    Window window;
    double last = 0;
    // Is it below its limit? Nothing while that is not known.
    std::optional<bool> is_small(double value, const CollapseSpec& spec);
  };
  struct Discriminator {
    std::string player;
    std::vector<std::size_t> losses;  // in recorded_names: their sum is judged
    std::string series;
    std::optional<double> least, undecided;
    std::vector<Gradient> gradients;
    Window sure, undecided_window;
    double last = 0;
  };
  struct Generator {
    std::string player;
    std::vector<Gradient> gradients;
  };
  struct Samples {
    std::string name;
    double greatest = 0;
    double last = 0;
    Window window;
  };

  void find_players(const Experiment& experiment);
  double loss_of(const Discriminator& discriminator, std::span<const double> values) const;
  bool all_at_rest(std::span<const double> values);
  double level(std::size_t sample, int64_t step) const;

  CollapseSpec spec_;
  int64_t total_steps_ = 0;
  std::vector<std::string> names_;
  std::vector<Discriminator> discriminators_;
  std::vector<Generator> generators_;
  std::vector<Samples> samples_;
  std::map<std::size_t, double> references_;
  std::vector<Finding> told_;
};

}  // namespace duel
