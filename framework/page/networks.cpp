#include "page/networks.hpp"

#include "model/check.hpp"
#include "spec/read.hpp"

namespace duel {
namespace {

DrawnLayer drawn_layer(const LayerRow& row) {
  const std::size_t indent = row.name.find_first_not_of(' ');
  const std::size_t start = indent == std::string::npos ? 0 : indent;
  return {row.name.substr(start), row.kind, to_string(row.output), row.parameters, static_cast<int64_t>(start / 2)};
}

DrawnNetwork drawn_network(const NetworkSpec& network, DType dtype) {
  DrawnNetwork out;
  out.name = network.name;
  for (const auto& [name, shape] : network.inputs) out.inputs.emplace_back(name, to_string(shape));
  try {
    if (!network.complete) throw UserError(ExitCode::experiment, "a layer is of a kind that this duel does not know");
    for (const LayerRow& row : layer_table(network, dtype)) out.layers.push_back(drawn_layer(row));
  } catch (const std::exception& error) {
    out.problem = std::string("shapes are not known: ") + error.what();
    out.layers.clear();
    for (const LayerSpec& layer : network.layers) out.layers.push_back({layer.name, layer.kind, "", 0, 0});
  }
  return out;
}

}  // namespace

DrawnNetworks draw_networks(const RunEntry& run, const Registry& registry) {
  DrawnNetworks out;
  if (run.state == RunState::damaged) return out;
  const auto resolved = run.records.experiment.find("resolved");
  if (resolved == run.records.experiment.end()) {
    out.problem = "the networks are not known: the run does not hold its experiment";
    return out;
  }
  try {
    Problems problems;
    const Document document = load_document_text(resolved->second, (run.folder / "run.h5").string());
    const Experiment experiment = read_experiment(document, registry, problems);
    for (const NetworkSpec& network : experiment.networks) {
      out.networks.push_back(drawn_network(network, experiment.engine.precision));
    }
    if (out.networks.empty() && !problems.empty()) out.problem = to_string(problems.all().front());
  } catch (const UserError& error) {
    out.problem = std::string("the networks are not known: ") + error.what();
  }
  return out;
}

}  // namespace duel
