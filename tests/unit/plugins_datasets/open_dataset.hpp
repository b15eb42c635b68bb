// Data sets from one line of YAML, for tests.
#pragma once

#include <gmock/gmock.h>

#include "data/dataset.hpp"
#include "plugins/datasets/register.hpp"
#include "tests/support/layer_harness.hpp"

namespace duel {

inline std::shared_ptr<const DatasetSource> dataset_source(const std::string& yaml) {
  static const Registry registry = [] {
    Registry out;
    register_datasets(out);
    return out;
  }();
  return read_component(registry, registry.datasets, yaml);
}

inline std::unique_ptr<Dataset> open_dataset(const std::string& yaml) { return dataset_source(yaml)->open(); }

// The one-line message of opening, whose exit code must be `code`; "accepted" when there is none.
inline std::string refusal_of(const std::string& yaml, ExitCode code = ExitCode::data) {
  try {
    open_dataset(yaml);
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.what();
  }
  return "accepted";
}

// Values of one example, a vector a field.
inline std::vector<std::vector<float>> read_example(const Dataset& dataset, int64_t index) {
  std::vector<std::vector<float>> values;
  std::vector<float*> pointers;
  for (const Field& field : dataset.fields()) {
    pointers.push_back(values.emplace_back(static_cast<std::size_t>(field.shape.elements())).data());
  }
  dataset.read(index, pointers);
  return values;
}

}  // namespace duel
