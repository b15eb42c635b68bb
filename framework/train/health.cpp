#include "train/health.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/turns.hpp"

namespace duel {
namespace {

constexpr int64_t rows_compared = 64;
constexpr int64_t samples_in_a_row = 2;
constexpr double near_undecided = 0.02;
constexpr double at_rest = 0.75;  // of the loss of an undecided discriminator

// What all terms of a player's losses say together.
struct Judged {
  bool real = false, fake = false;
  std::optional<double> least = 0, undecided = 0;
};

void add(std::optional<double>& sum, const std::optional<double>& more, double weight) {
  sum = sum && more ? std::optional(*sum + weight * *more) : std::nullopt;
}

Judged judged_by(const PlayerSpec& player) {
  Judged out;
  for (const LossSpec& loss : player.losses) {
    for (const TermSpec& term : loss.terms) {
      const auto judgement = term.loss->judgement();
      if (!judgement) {
        out.least.reset();  // such as a penalty, which is not below 0 where it is meant well
        continue;
      }
      const bool constant = term.loss->weight->is_constant() && term.loss->every == 1;
      const double weight = constant ? term.loss->weight->at({}) : 0;
      out.real |= judgement->real;
      out.fake |= judgement->fake;
      add(out.least, constant ? judgement->least : std::nullopt, weight);
      add(out.undecided, constant ? judgement->undecided : std::nullopt, weight);
    }
  }
  return out;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::ranges::nth_element(values, middle);
  return *middle;
}

std::string sample_counter(const std::string& name) { return fmt::format("reference_distance/{}", name); }

}  // namespace

double mean_distance(std::span<const float> values, int64_t rows) {
  const auto count = static_cast<std::size_t>(std::min(rows, rows_compared));
  if (count < 2) return 0;
  const std::size_t width = values.size() / static_cast<std::size_t>(rows);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      double squares = 0;
      for (std::size_t k = 0; k < width; ++k) {
        const double difference = double{values[i * width + k]} - double{values[j * width + k]};
        squares += difference * difference;
      }
      sum += std::sqrt(squares);
    }
  }
  return sum / (static_cast<double>(count * (count - 1)) / 2);
}

std::string Finding::text() const {
  switch (kind) {
    case Kind::saturated:
      return fmt::format("{} is {:.3g}, under {:.3g}, since step {}: the discriminator is saturated", series, value,
                         limit, since);
    case Kind::vanished:
      return fmt::format("{} is {:.3g}, under {:.3g}, since step {}: the generator's gradient has vanished", series,
                         value, limit, since);
    case Kind::alike:
      return fmt::format("the samples '{}' differ by {:.3g}, under {:.3g}, since step {}: they are all alike", series,
                         value, limit, since);
  }
  return {};
}

void Health::Window::add(int64_t step, bool agrees, int64_t size) {
  records.emplace_back(step, agrees);
  agreeing += agrees ? 1 : 0;
  if (std::ssize(records) > size) {
    agreeing -= records.front().second ? 1 : 0;
    records.pop_front();
  }
  const bool holds = std::ssize(records) == size && agreeing * 10 >= size * 9;
  if (!holds) since.reset();
  if (holds && !since) since = std::ranges::find(records, true, &std::pair<int64_t, bool>::second)->first;
}

std::optional<bool> Health::Gradient::is_small(double value, const CollapseSpec& spec) {
  if (std::isnan(value)) return std::nullopt;
  if (early) return value < spec.gradient * *early;
  first.push_back(value);
  if (std::ssize(first) == spec.window) early = median(std::move(first));
  return std::nullopt;
}

Health::Health(const Experiment& experiment, int64_t total_steps)
    : spec_(experiment.train.on_collapse), total_steps_(total_steps), names_(recorded_names(experiment)) {
  find_players(experiment);
  if (discriminators_.empty()) return;
  for (const SampleSpec& sample : experiment.samples) samples_.push_back({sample.name, 0, 0, {}});
}

void Health::find_players(const Experiment& experiment) {
  const auto place = [&](const std::string& name) {
    return static_cast<std::size_t>(std::ranges::find(names_, name) - names_.begin());
  };
  for (std::size_t player = 0; player < experiment.players.size(); ++player) {
    const PlayerSpec& spec = experiment.players[player];
    const Judged judged = judged_by(spec);
    std::vector<std::size_t> losses;
    std::vector<Gradient> gradients;
    for (std::size_t loss = 0; loss < spec.losses.size(); ++loss) {
      losses.push_back(place(loss_name(experiment, {player, loss, 0, 0})));
      gradients.push_back({place(gradient_name(experiment, {player, loss, 0, 0})), {}, {}, {}, 0});
    }
    if (judged.real && judged.fake) {
      const std::string series = names_.at(losses.front());
      discriminators_.push_back(
          {spec.name, std::move(losses), series, judged.least, judged.undecided, std::move(gradients), {}, {}, 0});
    } else {
      generators_.push_back({spec.name, std::move(gradients)});
    }
  }
  if (discriminators_.empty()) generators_.clear();
}

double Health::loss_of(const Discriminator& discriminator, std::span<const double> values) const {
  double sum = 0;
  for (const std::size_t loss : discriminator.losses) sum += values[loss];
  return sum;
}

bool Health::all_at_rest(std::span<const double> values) {
  bool rest = true;
  for (Discriminator& discriminator : discriminators_) {
    bool small = true;
    for (Gradient& gradient : discriminator.gradients) {
      small = gradient.is_small(values[gradient.place], spec_).value_or(true) && small;
    }
    const double loss = loss_of(discriminator, values);
    rest = rest && (discriminator.undecided ? !(loss < at_rest * *discriminator.undecided) : small);
  }
  return rest;
}

void Health::see(int64_t step, std::span<const double> values) {
  for (Discriminator& one : discriminators_) {
    const double loss = loss_of(one, values);
    if (!one.undecided || std::isnan(loss)) continue;
    one.last = loss;
    one.undecided_window.add(step, std::abs(loss - *one.undecided) < near_undecided * *one.undecided, spec_.window);
    if (!one.least) continue;
    one.sure.add(step, loss - *one.least < spec_.discriminator_loss * (*one.undecided - *one.least), spec_.window);
  }
  const bool rest = all_at_rest(values);
  for (Generator& one : generators_) {
    for (Gradient& gradient : one.gradients) {
      const double value = values[gradient.place];
      const auto small = gradient.is_small(value, spec_);
      if (!small) continue;
      gradient.last = value;
      gradient.window.add(step, *small && !rest, spec_.window);
    }
  }
}

double Health::level(std::size_t sample, int64_t step) const {
  const auto reference = references_.find(sample);
  if (reference == references_.end()) return spec_.diversity * samples_[sample].greatest;
  return 4 * step >= total_steps_ ? spec_.diversity * reference->second : 0;
}

void Health::see_sample(std::size_t sample, int64_t step, std::span<const float> values, int64_t rows) {
  if (samples_.empty()) return;
  Samples& seen = samples_[sample];
  seen.last = mean_distance(values, rows);
  seen.greatest = std::max(seen.greatest, seen.last);
  seen.window.add(step, seen.last < level(sample, step), samples_in_a_row);
}

void Health::replay(const std::filesystem::path& file, const RunRecords& records, int64_t last_step) {
  std::vector<double> values(names_.size());
  for (std::size_t i = 0; i < records.steps.size() && records.steps[i] <= last_step; ++i) {
    for (std::size_t name = 0; name < names_.size(); ++name) {
      const auto found = records.metrics.find(names_[name]);
      values[name] = found == records.metrics.end() ? std::numeric_limits<double>::quiet_NaN() : found->second[i];
    }
    see(records.steps[i], values);
  }
  for (std::size_t sample = 0; sample < samples_.size(); ++sample) {
    if (!records.sample_steps.contains(samples_[sample].name)) continue;
    for_each_snapshot(file, samples_[sample].name, [&](int64_t step, int64_t rows, std::span<const float> shown) {
      if (step <= last_step) see_sample(sample, step, shown, rows);
    });
  }
  told_ = findings();
}

std::vector<Finding> Health::findings() const {
  using Kind = Finding::Kind;
  std::vector<Finding> out;
  const auto add = [&](Kind kind, const std::string& series, const std::string& player, const Window& window,
                       double value, double limit) {
    out.push_back({kind, series, player, *window.since, window.records.back().first, value, limit});
  };
  for (const Discriminator& one : discriminators_) {
    if (!one.sure.since) continue;
    const double limit = *one.least + spec_.discriminator_loss * (*one.undecided - *one.least);
    add(Kind::saturated, one.series, one.player, one.sure, one.last, limit);
  }
  for (const Generator& one : generators_) {
    for (const Gradient& gradient : one.gradients) {
      if (!gradient.window.since) continue;
      add(Kind::vanished, names_[gradient.place], one.player, gradient.window, gradient.last,
          spec_.gradient * *gradient.early);
    }
  }
  for (std::size_t sample = 0; sample < samples_.size(); ++sample) {
    const Samples& seen = samples_[sample];
    if (!seen.window.since) continue;
    add(Kind::alike, seen.name, "", seen.window, seen.last, level(sample, seen.window.records.back().first));
  }
  return out;
}

std::vector<Health::Undecided> Health::undecided() const {
  std::vector<Undecided> out;
  for (const Discriminator& one : discriminators_) {
    if (!one.undecided_window.since) continue;
    out.push_back({one.series, *one.undecided_window.since, one.last, *one.undecided});
  }
  return out;
}

std::vector<Finding> Health::new_findings() {
  std::vector<Finding> now = findings(), out;
  const auto is_known = [&](const Finding& finding) {
    return std::ranges::any_of(
        told_, [&](const Finding& known) { return known.kind == finding.kind && known.series == finding.series; });
  };
  for (const Finding& finding : now) {
    if (!is_known(finding)) out.push_back(finding);
  }
  told_ = std::move(now);
  return out;
}

void Health::save(CheckpointState& state) const {
  for (const auto& [sample, distance] : references_) {
    if (sample < samples_.size()) state.numbers[sample_counter(samples_[sample].name)] = distance;
  }
}

void Health::load(const CheckpointState& state) {
  for (std::size_t sample = 0; sample < samples_.size(); ++sample) {
    const auto found = state.numbers.find(sample_counter(samples_[sample].name));
    if (found != state.numbers.end()) references_[sample] = found->second;
  }
}

}  // namespace duel
