// Numbers that another program made, in JSON files beside the script that makes them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "graph/op.hpp"

namespace duel {

nlohmann::json read_vectors(const std::filesystem::path& file);

// {"shape": [2, 3], "values": [six numbers, row by row]}
HostTensor tensor_of(const nlohmann::json& json);

// Same shape, and |actual − expected| ≤ relative·|expected| + absolute for each element.
testing::AssertionResult tensors_near(const HostTensor& actual, const HostTensor& expected, double relative,
                                      double absolute = 0);

}  // namespace duel
