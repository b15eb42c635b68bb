// The two experiments of the gallery whose networks are published, against three steps of them in PyTorch
// (tests/gradient/vectors/make_networks.py): losses, gradients and weights, from the same weights and inputs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "engine/engine.hpp"
#include "model/step.hpp"
#include "model/turns.hpp"
#include "plugins/register.hpp"
#include "spec/read.hpp"

namespace duel {
namespace {

using nlohmann::json;

// The generator script's inputs and weights: a hash of the index, exact in integers.
std::vector<double> wave(int64_t count, double phase, double scale, double offset = 0) {
  std::vector<double> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto bits = static_cast<uint32_t>(i * 2654435761U + static_cast<uint64_t>(std::llround(phase * 10)) * 97531U);
    for (int round = 0; round < 2; ++round) bits = (bits ^ (bits >> 16)) * 0x45D9F3BU;
    bits ^= bits >> 16;
    values[i] = offset + (static_cast<double>(bits) / 2147483648.0 - 1) * scale;
  }
  return values;
}

std::array<double, 4> digest(const std::vector<double>& values) {
  double sum = 0;
  double product = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += values[i];
    product += values[i] * std::cos(static_cast<double>(i));
  }
  return {sum, product, values.front(), values.back()};
}

const json& vectors() {
  static const json all = json::parse(read_text(DUEL_SOURCE_DIR "/tests/gradient/vectors/networks.json"));
  return all;
}

// The experiment with its data and noise replaced by inputs that the test writes.
struct Case {
  std::string file;
  std::vector<std::string> overrides;
  std::vector<DataField> fields;
  std::map<std::string, std::pair<double, double>> inputs;  // field → phase at step 0, scale
};

void PrintTo(const Case& given, std::ostream* out) { *out << given.file; }

Case points() {
  return {"points/gaussian",
          {"values.z=data.z"},
          {{"point", {2}, 0}, {"z", {100}, 0}},
          {{"point", {0, 0.5}}, {"z", {10, 1}}}};
}

Case mnist() {
  return {"mnist/mlp",
          {"values.z_d=data.z_d", "values.z='concat(data.first, data.second, axis=0)'"},
          {{"image", {28, 28, 1}, 0}, {"z_d", {100}, 0}, {"first", {100}, 0}, {"second", {100}, 0}},
          {{"image", {0, 1}}, {"z_d", {10, 1}}, {"first", {20, 1}}, {"second", {30, 1}}}};
}

class NetworkRun {
 public:
  NetworkRun(const Case& given, DType dtype) : case_(given) {
    register_plugins(registry_);
    const Document document =
        load_document(std::string(DUEL_SOURCE_DIR "/experiments/") + given.file + ".yaml", given.overrides);
    Problems problems;
    experiment_ = read_experiment(document, registry_, problems);
    problems.throw_if_any();
    ModelOptions options;
    options.dtype = dtype;
    options.fields = given.fields;
    step_ = build_step(experiment_, options, StepCounts(experiment_).variant(0, experiment_.data.batch));
    start_variables(dtype);
    executable_ = std::make_unique<Executable>(make_plan(step_.graph), variables_, pool_);
  }

  void run(int64_t number) {
    for (const DataInput& input : step_.data) {
      const auto [phase, scale] = case_.inputs.at(input.field);
      std::byte* memory = executable_->find_input(input.input);
      if (memory == nullptr) continue;
      const auto shape =
          std::find_if(executable_->plan().inputs.begin(), executable_->plan().inputs.end(), [&](const Slot& slot) {
            return slot.name == input.input;
          })->shape;
      executable_->set_input(input.input, wave(shape.elements(), phase + static_cast<double>(number), scale));
    }
    for (const HostNumber& host : step_.numbers) {
      if (executable_->find_input(host.input) == nullptr) continue;
      const PlayerSpec* player = experiment_.find_player(host.player);
      const int64_t before = player != nullptr ? StepCounts(experiment_).updates_before(*player, number) : 0;
      const double value = host.value(Clock{number, 10, 0, before + host.updates_before});
      executable_->set_input(host.input, std::vector<double>{value});
    }
    executable_->run(static_cast<uint64_t>(number));
  }

  double output(const std::string& name) const { return executable_->scalar_output(name); }
  std::vector<double> variable(const std::string& name) const { return variables_.read(name); }

 private:
  // As make_networks.py fills them: the phase moves on by half at each layer.
  void start_variables(DType dtype) {
    std::map<std::string, double> phases;
    for (const NetworkSpec& network : experiment_.networks) {
      double phase = network.name == "generator" ? 0.1 : 0.2;
      for (const LayerSpec& layer : network.layers) {
        if (layer.kind == "flatten" || layer.kind == "reshape") continue;
        phases["networks/" + network.name + "/" + layer.name] = phase;
        phase += 0.5;
      }
    }
    for (const VariableStart& start : step_.variables) {
      variables_.declare({start.name, start.shape, dtype});
      const std::size_t slash = start.name.rfind('/');
      const std::string part = start.name.substr(slash + 1);
      const int64_t count = start.shape.elements();
      std::vector<double> values(static_cast<std::size_t>(count), start.constant);
      if (start.name.starts_with("networks/")) {
        const double phase = phases.at(start.name.substr(0, slash));
        if (part == "weight") values = wave(count, phase, 1 / std::sqrt(static_cast<double>(start.shape[0])));
        if (part == "bias") values = wave(count, phase + 1, 0.1);
        if (part == "gamma") values = wave(count, phase + 2, 0.1, 1);
        if (part == "beta") values = wave(count, phase + 3, 0.1);
      }
      variables_.write(start.name, values);
    }
  }

  Case case_;
  Registry registry_;
  Experiment experiment_;
  StepGraph step_;
  ThreadPool pool_;
  VariableStore variables_;
  std::unique_ptr<Executable> executable_;
};

class Networks : public testing::TestWithParam<Case> {};

TEST_P(Networks, ForwardAndGradientsAreThoseOfPyTorchInFloat32) {
  const json& expected = vectors().at(GetParam().file);
  Case still = GetParam();  // nothing moves: all turns' gradients are those of the initial weights
  still.overrides.insert(still.overrides.end(),
                         {"players.discriminator.optimizer.adam.lr=0", "players.generator.optimizer.adam.lr=0"});
  NetworkRun run(still, DType::float32);
  run.run(0);
  for (const auto& [name, loss] : expected.at("first_losses").items()) {
    EXPECT_NEAR(run.output(name), loss.get<double>(), 1e-5 * std::max(1.0, std::abs(loss.get<double>()))) << name;
  }
  for (const auto& [name, sum] : expected.at("gradients").items()) {
    EXPECT_NEAR(run.output(name), sum.get<double>(), 1e-5 * std::max(1.0, sum.get<double>())) << name;
  }
}

TEST_P(Networks, ThreeUpdatesAreThoseOfPyTorchInFloat64) {
  const json& expected = vectors().at(GetParam().file);
  NetworkRun run(GetParam(), DType::float64);
  for (int64_t number = 0; number < 3; ++number) {
    run.run(number);
    for (const auto& [name, loss] : expected.at("losses").at(static_cast<std::size_t>(number)).items()) {
      EXPECT_NEAR(run.output(name), loss.get<double>(), 1e-9) << name << " of step " << number;
    }
  }
  for (const auto& [name, digests] : expected.at("variables").items()) {
    const auto found = digest(run.variable(name));
    for (std::size_t i = 0; i < found.size(); ++i) {
      const double wanted = digests.at(i).get<double>();
      EXPECT_NEAR(found[i], wanted, 1e-9 * std::max(1.0, std::abs(wanted))) << name << " digest " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Published, Networks, testing::Values(points(), mnist()),
                         [](const auto& given) { return given.index == 0 ? "PointsGaussian" : "MnistMlp"; });

}  // namespace
}  // namespace duel
