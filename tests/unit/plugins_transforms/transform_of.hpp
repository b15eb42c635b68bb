// Transforms from one line of YAML, for tests.
#pragma once

#include <gmock/gmock.h>

#include "data/dataset.hpp"
#include "graph/op.hpp"
#include "plugins/transforms/register.hpp"
#include "tests/support/layer_harness.hpp"

namespace duel {

inline std::shared_ptr<const Transform> transform(const std::string& yaml) {
  static const Registry registry = [] {
    Registry out;
    register_transforms(out);
    return out;
  }();
  return read_component(registry, registry.transforms, yaml);
}

// Why the parameters, or the fields, are refused; "accepted" if they are not.
inline std::string refusal_of(const std::string& yaml, const std::vector<Field>& before) {
  try {
    transform(yaml)->fields(before);
  } catch (const ShapeError& error) {
    return error.what();
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), ExitCode::experiment);
    return error.what();
  }
  return "accepted";
}

}  // namespace duel
