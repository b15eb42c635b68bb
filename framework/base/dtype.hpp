// Element types that a tensor can have.
#pragma once

#include <cstdint>
#include <string_view>

namespace duel {

enum class DType : uint8_t { float32, float64 };

constexpr int64_t size_of(DType dtype) { return dtype == DType::float32 ? 4 : 8; }
constexpr std::string_view to_string(DType dtype) { return dtype == DType::float32 ? "float32" : "float64"; }

}  // namespace duel
