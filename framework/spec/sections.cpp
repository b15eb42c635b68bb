#include "spec/sections.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace duel {

using nlohmann::json;

void ExperimentSection::declare(Declaration<ExperimentSection>& d) {
  using S = ExperimentSection;
  d.parameter("name", &S::name, "name of the experiment: its runs are kept under it");
  d.parameter("description", &S::description, "what it shows, and the paper or tutorial that it follows");
  d.parameter("seed", &S::seed, "seed of all that is drawn").min(0);
  d.parameter("preset", &S::preset, "whose defaults initializers, ε and decays take").one_of({"keras", "torch"});
  d.parameter("data", &S::data, "the training data and how it is fed");
  d.parameter("blocks", &S::blocks, "name → block: kinds of layers made of layers");
  d.parameter("networks", &S::networks, "name → network").required();
  d.parameter("values", &S::values, "name → expression: what a step computes");
  d.parameter("players", &S::players, "name → player: what it updates, how, and its loss");
  d.parameter("train", &S::train, "how long, and whose turn it is");
  d.parameter("metrics", &S::metrics, "name → expression, recorded in training");
  d.parameter("sample", &S::sample, "what to look at, and when");
  d.parameter("evaluate", &S::evaluate, "what to measure, and when");
  d.parameter("averages", &S::averages, "network → moving average of its weights, as network.average");
  d.parameter("checkpoint", &S::checkpoint, "when to save");
  d.parameter("engine", &S::engine, "threads, precision, memory");
}

void DataSection::declare(Declaration<DataSection>& d) {
  using S = DataSection;
  d.parameter("train", &S::train, "the data set");
  d.parameter("test", &S::test, "data that never trains, for data.test: a data set with the same fields");
  d.parameter("split", &S::split, "instead: share of the training data held out for data.test");
  d.parameter("transform", &S::transform, "changes of each example, in order");
  d.parameter("batch", &S::batch, "examples a batch").required().min(1).max(1 << 20);
  d.parameter("order", &S::order, "how examples follow each other").one_of({"shuffled", "sequential", "replacement"});
  d.parameter("last", &S::last, "the odd batch at the end of an epoch").one_of({"drop", "keep"});
  d.parameter("on_bad_file", &S::on_bad_file, "at a picture that cannot be read: stop, or skip it and say so")
      .one_of({"stop", "skip"});
}

void SplitSection::declare(Declaration<SplitSection>& d) {
  using S = SplitSection;
  d.parameter("test", &S::test, "share of the examples held out, by a hash").min(0).max(0.99);
  d.parameter("seed", &S::seed, "another split; the experiment's seed does not move it").min(0);
  d.parameter("by", &S::by, "what is hashed: by content, equal examples fall on the same side")
      .one_of({"index", "content"});
}

void BlockSection::declare(Declaration<BlockSection>& d) {
  using S = BlockSection;
  d.parameter("inputs", &S::inputs, "names of what it takes, for `from` of its layers");
  d.parameter("parameters", &S::parameters, "name → default, for ${name} in its layers; without a default: required");
  d.parameter("layers", &S::layers, "list of layers").required();
}

void NetworkSection::declare(Declaration<NetworkSection>& d) {
  using S = NetworkSection;
  d.parameter("preset", &S::preset, "whose defaults its layers take").one_of({"keras", "torch"});
  d.parameter("inputs", &S::inputs, "name → shape without the batch").required();
  d.parameter("layers", &S::layers, "list of layers").required();
  d.parameter("outputs", &S::outputs,
              "layers (by `as`) that expressions may read as value.name, where value is a call of the network");
  d.parameter("weights", &S::weights, "a run or file that its weights and running statistics start from");
}

void WeightsSection::declare(Declaration<WeightsSection>& d) {
  using S = WeightsSection;
  d.parameter("from", &S::from, "a run folder, a checkpoint (.h5), or PyTorch's weights in a .safetensors file")
      .required();
  d.parameter("network", &S::network,
              "the network's name there, if it is another; of a .safetensors file: what stands before the names");
  d.parameter("step", &S::step, "of the run's checkpoint; the newest if not given").min(0);
  d.parameter("average", &S::average, "take the moving average of the weights, which the run must have kept");
  d.parameter("origin", &S::origin, "where the file can be had: told when it is missing");
}

void PlayerSection::declare(Declaration<PlayerSection>& d) {
  using S = PlayerSection;
  d.parameter("updates", &S::updates, "the networks whose weights it moves").required();
  d.parameter("optimizer", &S::optimizer, "how it moves them").required();
  d.parameter("loss", &S::loss, "list of terms, or name → list for several losses, one a turn").required();
}

void PhaseSection::declare(Declaration<PhaseSection>& d) {
  using S = PhaseSection;
  d.parameter("name", &S::name, "what it is called in messages");
  d.parameter("steps", &S::steps, "steps of the phase").min(1);
  d.parameter("epochs", &S::epochs, "instead of steps: passes over the data").above(0);
  d.parameter("turns", &S::turns, "simultaneous, or the turns of a step in order");
  d.parameter("redraw", &S::redraw, "whether noise is drawn again for each turn").one_of({"turn", "step"});
}

void TrainSection::declare(Declaration<TrainSection>& d) {
  using S = TrainSection;
  d.parameter("steps", &S::steps, "steps of the whole training").min(1);
  d.parameter("epochs", &S::epochs, "instead of steps: passes over the data").above(0);
  d.parameter("turns", &S::turns, "simultaneous, or the turns of a step in order");
  d.parameter("redraw", &S::redraw, "whether noise is drawn again for each turn").one_of({"turn", "step"});
  d.parameter("phases", &S::phases, "instead of these: a list of stretches of the training, one after the other");
  d.parameter("log_every", &S::log_every, "steps between records of losses and metrics").min(1);
  d.parameter("on_divergence", &S::on_divergence,
              "at a loss or gradient that is no number: stop, or go back to the last checkpoint with other noise (at "
              "most three times)")
      .one_of({"stop", "rollback"});
  d.parameter("on_collapse", &S::on_collapse, "when the game has collapsed: off, warn, stop or rollback; or a map");
  d.parameter("until", &S::until, "metric → value: training is complete when one of them is reached");
  d.parameter("early_stop", &S::early_stop, "training is complete when a metric gets no better");
}

void CollapseSection::declare(Declaration<CollapseSection>& d) {
  using S = CollapseSection;
  d.parameter("action", &S::action,
              "off; warn; stop, after a checkpoint, with exit code 4; rollback, with other noise, to the newest "
              "checkpoint before it began (at most three times)")
      .main()
      .one_of({"off", "warn", "stop", "rollback"});
  d.parameter("window", &S::window, "records of which nine in ten have to agree").min(10).max(100000);
  d.parameter("discriminator_loss", &S::discriminator_loss,
              "a discriminator is saturated under this share of the loss that it has when it is undecided")
      .min(0)
      .max(1);
  d.parameter("gradient", &S::gradient, "a generator's gradient has vanished under this share of its early median")
      .min(0)
      .max(1);
  d.parameter("diversity", &S::diversity,
              "samples are all alike when their mean distance is under this share of that of the references, or else "
              "of its own greatest value")
      .min(0)
      .max(1);
}

void EarlyStopSection::declare(Declaration<EarlyStopSection>& d) {
  using S = EarlyStopSection;
  d.parameter("metric", &S::metric, "of an evaluation").main().required();
  d.parameter("patience", &S::patience, "evaluations in a row that may be no better").min(1);
  d.parameter("least", &S::least, "by how much a value must be better to count").min(0);
}

void ThresholdSection::declare(Declaration<ThresholdSection>& d) {
  using S = ThresholdSection;
  d.parameter("above", &S::above, "reached when the metric is at least this");
  d.parameter("below", &S::below, "reached when the metric is at most this");
}

namespace {

std::string standing_conflict(const std::string& mode, int64_t passes) {
  return mode == "train" && passes > 0
             ? "standing_statistics are for mode: inference; in mode: train each batch has its own"
             : "";
}

}  // namespace

std::string SampleSection::conflict() const { return standing_conflict(mode, standing_statistics); }
std::string EvaluateSection::conflict() const { return standing_conflict(mode, standing_statistics); }

void SampleSection::declare(Declaration<SampleSection>& d) {
  using S = SampleSection;
  d.parameter("name", &S::name, "name of the pictures; that of the value if not given");
  d.parameter("value", &S::value, "what to show").required();
  d.parameter("reference", &S::reference, "real examples to show beside it");
  d.parameter("count", &S::count, "how many").min(1).max(1 << 20);
  d.parameter("reference_count", &S::reference_count, "how many real examples; as many as `count` if not given")
      .min(1)
      .max(1 << 20);
  d.parameter("every", &S::every, "`n` steps, `n steps` or `n epochs`");
  d.parameter("latent", &S::latent, "the same noise each time, or fresh").one_of({"fixed", "fresh"});
  d.parameter("mode", &S::mode, "mode of the networks").one_of({"inference", "train"});
  d.parameter("standing_statistics", &S::standing_statistics,
              "so many passes of fresh noise measure batch normalisation's statistics anew, at the present weights, in "
              "place of the running ones; 0: the running ones")
      .min(0)
      .max(100000);
  d.parameter("plot", &S::plot, "how to draw it: grid, scatter");
  d.parameter("range", &S::range, "[low, high]: values shown as black and white; axes of a plot");
  d.parameter("normalize", &S::normalize, "show `range`, or stretch from the least to the greatest value")
      .one_of({"range", "minmax"});
  d.parameter("columns", &S::columns, "columns of the grid; 0: about square").min(0);
}

void EvaluateSection::declare(Declaration<EvaluateSection>& d) {
  using S = EvaluateSection;
  d.parameter("name", &S::name, "its name in the run file; `evaluation` if not given");
  d.parameter("real", &S::real, "expression of the real side, as data.test.image");
  d.parameter("fake", &S::fake, "expression of the generated side").required();
  d.parameter("labels", &S::labels, "classes of both sides, for metrics that need them");
  d.parameter("count", &S::count, "examples of each side").min(1).max(1 << 24);
  d.parameter("every", &S::every, "`n` steps, `n steps` or `n epochs`; if not given, about each tenth of the training");
  d.parameter("mode", &S::mode, "mode of the networks").one_of({"inference", "train"});
  d.parameter("standing_statistics", &S::standing_statistics,
              "so many passes of fresh noise measure batch normalisation's statistics anew, at the present weights, in "
              "place of the running ones; 0: the running ones")
      .min(0)
      .max(100000);
  d.parameter("range", &S::range, "[low, high]: values of black and white, where images are made of them");
  d.parameter("features", &S::features, "values, pixels, or a network: {from: RUN, network: NAME, at: LAYER}");
  d.parameter("metrics", &S::metrics, "list of metrics").required();
  d.parameter("seed", &S::seed, "of what metrics draw").min(0);
}

void LabelsSection::declare(Declaration<LabelsSection>& d) {
  using S = LabelsSection;
  d.parameter("real", &S::real, "expression with a class number a row");
  d.parameter("fake", &S::fake, "likewise");
}

void FeaturesSection::declare(Declaration<FeaturesSection>& d) {
  using S = FeaturesSection;
  d.parameter("from", &S::from, "run folder, or experiment file with `weights`; this experiment if not given");
  d.parameter("network", &S::network, "its name; not needed for the only one");
  d.parameter("at", &S::at, "layer whose output is taken: its `as`, or dense_1; the last if not given");
  d.parameter("step", &S::step, "of the checkpoint of `from`; the newest if not given").min(0);
}

void AverageSection::declare(Declaration<AverageSection>& d) {
  using S = AverageSection;
  d.parameter("decay", &S::decay, "weight of the old average").min(0).max(1);
  d.parameter("start", &S::start, "step until which the average equals the weights").min(0);
  d.parameter("half_life", &S::half_life,
              "instead of decay: examples in which the average forgets half; the decay of a step is "
              "0.5^(batch / half_life)")
      .above(0);
  d.parameter("rampup", &S::rampup,
              "the half-life is at most this share of the examples seen so far (0.05 in StyleGAN2-ADA)")
      .above(0);
  d.reference("Karras et al. 2020, Training Generative Adversarial Networks with Limited Data (StyleGAN2-ADA)");
}

void CheckpointSection::declare(Declaration<CheckpointSection>& d) {
  using S = CheckpointSection;
  d.parameter("every", &S::every, "`n` steps, `n steps` or `n epochs`; if not given, about each tenth of the training");
  d.parameter("keep", &S::keep, "how many of the newest to keep").min(1);
  d.parameter("best", &S::best, "metric of an evaluation: the checkpoint of its best value is kept besides");
}

void EngineSection::declare(Declaration<EngineSection>& d) {
  using S = EngineSection;
  d.parameter("threads", &S::threads, "worker threads; 0: all cores. Results do not depend on it").min(0).max(1024);
  d.parameter("precision", &S::precision, "type of all arithmetic").one_of({"float32", "float64"});
  d.parameter("memory", &S::memory, "most that training may take: 512 MiB, 4 GiB");
}

// ── Interval ───────────────────────────────────────────────────────────────────────────────────────────────────────
std::string ParameterType<Interval>::name() { return "interval"; }

bool ParameterType<Interval>::read(Interval& out, const YamlNode& node, ReadContext& context, const ParameterInfo&) {
  const std::size_t space = node.text.find(' ');
  const std::string unit = space == std::string::npos ? "steps" : node.text.substr(space + 1);
  const auto count = parse_float(node.text.substr(0, space));
  const bool epochs = unit == "epoch" || unit == "epochs";
  const bool steps = unit == "step" || unit == "steps";
  if (!node.is_scalar() || !count || !(epochs || steps) || *count <= 0 || (steps && *count != std::floor(*count))) {
    context.problem(node, fmt::format("expected an interval, found {}", describe(node)),
                    "write `500 steps`, `500` or `1 epoch`");
    return false;
  }
  out = {*count, epochs};
  return true;
}

std::string ParameterType<Interval>::print(const Interval& value) {
  return fmt::format("{} {}{}", format_number(value.count), value.epochs ? "epoch" : "step",
                     value.count == 1 ? "" : "s");
}

json ParameterType<Interval>::schema(const ParameterInfo&) {
  return {{"anyOf", json::array({{{"type", "integer"}, {"minimum", 1}},
                                 {{"type", "string"}, {"pattern", "^[0-9.]+ (steps?|epochs?)$"}}})}};
}

std::string ParameterType<std::optional<Interval>>::name() { return ParameterType<Interval>::name(); }
bool ParameterType<std::optional<Interval>>::read(std::optional<Interval>& out, const YamlNode& node,
                                                  ReadContext& context, const ParameterInfo& info) {
  Interval interval;
  if (!ParameterType<Interval>::read(interval, node, context, info)) return false;
  out = interval;
  return true;
}
std::string ParameterType<std::optional<Interval>>::print(const std::optional<Interval>& value) {
  return value ? ParameterType<Interval>::print(*value) : "";
}
json ParameterType<std::optional<Interval>>::schema(const ParameterInfo& info) {
  return ParameterType<Interval>::schema(info);
}

}  // namespace duel
