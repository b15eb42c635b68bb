// What an op needs to know besides its inputs: a few named values, fixed when the node is made.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace duel {

using AttributeValue = std::variant<bool, int64_t, double, std::string, std::vector<int64_t>, std::vector<double>>;

// An ordered set of name → value. Compared and hashed by value (doubles by bits), so that equal nodes can be found.
class Attributes {
 public:
  Attributes() = default;
  Attributes(std::initializer_list<std::pair<std::string, AttributeValue>> values);

  // Each fails a check when the name is absent or of another type.
  bool flag(std::string_view name) const;
  int64_t integer(std::string_view name) const;
  double number(std::string_view name) const;
  const std::string& text(std::string_view name) const;
  const std::vector<int64_t>& integers(std::string_view name) const;
  const std::vector<double>& numbers(std::string_view name) const;
  bool has(std::string_view name) const;

  // These and one more, of a new name.
  Attributes with(std::string name, AttributeValue value) const;

  const std::vector<std::pair<std::string, AttributeValue>>& all() const { return values_; }
  bool operator==(const Attributes& other) const;
  std::size_t hash() const;

 private:
  const AttributeValue& get(std::string_view name) const;
  void sort();  // fails a check where a name is there twice

  std::vector<std::pair<std::string, AttributeValue>> values_;  // sorted by name
};

// "{axes=[0, 1], keep=true}", "" when empty.
std::string to_string(const Attributes& attributes);

}  // namespace duel
