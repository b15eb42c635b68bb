#include "data/dataset.hpp"

#include <cstring>

#include "data/content_key.hpp"

namespace duel {

uint64_t Dataset::content_key(int64_t index) const {
  std::vector<std::vector<float>> values;
  std::vector<float*> out;
  for (const Field& field : fields()) {
    out.push_back(values.emplace_back(static_cast<std::size_t>(field.shape.elements())).data());
  }
  read(index, out);
  ContentKey key;
  for (std::size_t f = 0; f < values.size(); ++f) {
    if (fields()[f].classes == 0) key.add(std::as_bytes(std::span(values[f])));
  }
  return key.value();
}

std::string Dataset::example_name(int64_t index) const { return fmt::format("example {}", index); }

}  // namespace duel
