#include "train/weights_source.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/text.hpp"
#include "model/network.hpp"
#include "store/checkpoint.hpp"
#include "store/safetensors.hpp"
#include "train/torch_weights.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_file(const fs::path& file, const std::string& what, const std::string& remedy = {}) {
  throw UserError(ExitCode::data, Problem{{file.string(), 0, 0}, {}, what, remedy, {}});
}

[[noreturn]] void fail_fit(const fs::path& file, const std::string& what, const std::string& remedy = {}) {
  throw UserError(ExitCode::experiment, Problem{{file.string(), 0, 0}, {}, what, remedy, {}});
}

std::string network_prefix(const std::string& network) { return fmt::format("networks/{}/", network); }

// The name of a weight or statistic within its network; that of a shared one whole.
std::string path_in_network(const VariableStart& start) {
  const std::string prefix = network_prefix(start.network);
  return start.original.starts_with(prefix) ? start.original.substr(prefix.size()) : start.original;
}

// ---- runs and checkpoints

class CheckpointSource final : public WeightsSource {
 public:
  CheckpointSource(const WeightsSpec& weights, fs::path file)
      : weights_(weights), file_(std::move(file)), arrays_(read_checkpoint(file_).arrays) {
    std::erase_if(arrays_, [](const auto& array) { return array.first.starts_with("optimizers/"); });
  }

  const fs::path& file() const override { return file_; }

  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    const std::string own = network_prefix(weights_.network), averages = average_name(weights_.network, own);
    for (const auto& [name, array] : arrays_) {
      // With the averages, the weights that were averaged are none of ours.
      const bool averaged = weights_.average && arrays_.contains(average_name(weights_.network, name));
      if ((name.starts_with(own) && !averaged) || (weights_.average && name.starts_with(averages))) {
        names.push_back(name);
      }
    }
    return names;
  }

  std::string name_of(const VariableStart& start) const override {
    const std::string path = path_in_network(start);
    const bool shared = path == start.original;
    std::string name = shared ? path : network_prefix(weights_.network) + path;
    if (weights_.average && start.initializer != nullptr) name = average_name(weights_.network, name);
    const auto found = arrays_.find(name);
    if (found == arrays_.end()) {
      fail_fit(file_, fmt::format("has no {} for {} of shape {}", name, start.original, to_string(start.shape)),
               remedy_for(name));
    }
    if (found->second.shape != start.shape) {
      fail_fit(file_, fmt::format("{} has the shape {}, {} has {}", name, to_string(found->second.shape),
                                  start.original, to_string(start.shape)));
    }
    return name;
  }

  std::vector<double> read(const VariableStart& start) const override {
    const std::string name = name_of(start);
    const StoredArray& array = arrays_.at(name);
    std::vector<double> values(static_cast<std::size_t>(array.shape.elements()));
    if (array.dtype == DType::float64) {
      std::memcpy(values.data(), array.bytes.data(), array.bytes.size());
    } else {
      std::vector<float> floats(values.size());
      std::memcpy(floats.data(), array.bytes.data(), array.bytes.size());
      std::ranges::copy(floats, values.begin());
    }
    return values;
  }

 private:
  std::string remedy_for(const std::string& name) const {
    std::vector<std::string> networks;
    for (const auto& [other, array] : arrays_) {
      const std::size_t slash = other.find('/'), end = other.find('/', slash + 1);
      if (!other.starts_with("networks/") || end == std::string::npos) continue;
      const std::string network = other.substr(slash + 1, end - slash - 1);
      if (networks.empty() || networks.back() != network) networks.push_back(network);
    }
    if (std::ranges::find(networks, weights_.network) == networks.end()) {
      return fmt::format("say with `network` which of its networks is meant: {}", fmt::join(networks, ", "));
    }
    if (!weights_.average) return "";
    const std::string prefix = average_name(weights_.network, network_prefix(weights_.network));
    const auto kept = [&](const auto& array) { return array.first.starts_with(prefix); };
    return name.starts_with(prefix) && std::ranges::none_of(arrays_, kept)
               ? "its training has kept no average of that network: leave `average` away"
               : "";
  }

  const WeightsSpec& weights_;
  fs::path file_;
  std::map<std::string, StoredArray> arrays_;
};

// A damaged newest checkpoint is not passed over: the training would start from other weights than the user thinks.
fs::path checkpoint_of_run(const WeightsSpec& weights) {
  const fs::path folder = weights.from / "checkpoints";
  const std::vector<int64_t> steps = checkpoint_steps(folder);
  if (steps.empty()) fail_file(weights.from, "holds no checkpoint", "name a folder that 'duel train' made");
  const int64_t step = weights.step.value_or(steps.back());
  if (!std::ranges::binary_search(steps, step)) {
    fail_file(weights.from, fmt::format("has no checkpoint of step {}", step),
              fmt::format("it has those of {}", fmt::join(steps, ", ")));
  }
  return checkpoint_path(folder, step);
}

// ---- safetensors

class TorchSource final : public WeightsSource {
 public:
  explicit TorchSource(const WeightsSpec& weights)
      : prefix_(weights.network.empty() ? "" : weights.network + "."), tensors_(weights.from) {}

  const fs::path& file() const override { return tensors_.file(); }

  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : tensors_.tensors()) {
      if (name.starts_with(prefix_)) names.push_back(name);
    }
    return names;
  }

  std::string name_of(const VariableStart& start) const override {
    const std::vector<std::string> names = candidates(start);
    const auto found = std::ranges::find_if(names, [&](const auto& name) { return tensors_.find(name) != nullptr; });
    const Shape expected = torch_shape(start.shape, start.axes);
    if (found == names.end()) {
      fail_fit(file(),
               fmt::format("has no '{}' of shape {} for {}", names.front(), to_string(expected), start.original),
               remedy_for(names.front()));
    }
    const std::vector<int64_t>& extents = tensors_.find(*found)->extents;
    if (!std::ranges::equal(extents, expected.span())) {
      fail_fit(file(), fmt::format("'{}' has the shape [{}], {} takes {}", *found, fmt::join(extents, ", "),
                                   start.original, to_string(expected)));
    }
    return *found;
  }

  std::vector<double> read(const VariableStart& start) const override {
    return from_torch_order(tensors_.read(name_of(start)), start.shape, start.axes);
  }

 private:
  std::vector<std::string> candidates(const VariableStart& start) const {
    std::string path = path_in_network(start);
    if (path == start.original) path = path.substr(path.find('/') + 1);  // of shared/SHARE/weight, what follows
    std::vector<std::string> names = torch_names(path);
    for (std::string& name : names) name.insert(0, prefix_);
    return names;
  }

  std::string remedy_for(const std::string& name) const {
    const std::vector<std::string> known = names();
    if (known.empty() && !prefix_.empty()) {
      return fmt::format("no name in it begins with '{}': mend `network`", prefix_);
    }
    const auto near = nearest_word(name, known);
    return near ? fmt::format("the nearest name in it is '{}'", *near) : "";
  }

  std::string prefix_;
  SafetensorsFile tensors_;
};

std::string remedy_for_missing(const WeightsSpec& weights) {
  if (!weights.origin.empty()) return weights.origin;
  if (weights.kind == WeightsSpec::Kind::safetensors) {
    return "in PyTorch, safetensors.torch.save_file(model.state_dict(), FILE) writes it";
  }
  return "name a folder that 'duel train' made, or a checkpoint in it";
}

}  // namespace

void require_weights(const WeightsSpec& weights) {
  std::error_code error;
  if (!fs::exists(weights.from, error)) fail_file(weights.from, "there is no such file", remedy_for_missing(weights));
  if (weights.kind == WeightsSpec::Kind::run) checkpoint_of_run(weights);
}

std::unique_ptr<WeightsSource> open_weights(const WeightsSpec& weights) {
  require_weights(weights);
  if (weights.kind == WeightsSpec::Kind::safetensors) return std::make_unique<TorchSource>(weights);
  if (weights.kind == WeightsSpec::Kind::checkpoint) {
    return std::make_unique<CheckpointSource>(weights, weights.from);
  }
  return std::make_unique<CheckpointSource>(weights, checkpoint_of_run(weights));
}

}  // namespace duel
