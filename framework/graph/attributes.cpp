#include "graph/attributes.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <type_traits>

#include "base/error.hpp"

namespace duel {
namespace {

bool same_bits(double a, double b) { return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b); }

bool same(const AttributeValue& a, const AttributeValue& b) {
  if (a.index() != b.index()) return false;
  return std::visit(
      [&b](const auto& value) {
        using Value = std::decay_t<decltype(value)>;
        const auto& other = std::get<Value>(b);
        if constexpr (std::is_same_v<Value, double>) {
          return same_bits(value, other);
        } else if constexpr (std::is_same_v<Value, std::vector<double>>) {
          return std::ranges::equal(value, other, same_bits);
        } else {
          return value == other;
        }
      },
      a);
}

std::size_t combine(std::size_t seed, std::size_t value) {
  return seed ^ (value + 0x9e3779b97f4a7c15ULL + (seed << 6) + (seed >> 2));
}

std::size_t hash_of_value(const AttributeValue& attribute) {
  return std::visit(
      [](const auto& value) -> std::size_t {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::vector<int64_t>>) {
          std::size_t hash = value.size();
          for (const int64_t element : value) hash = combine(hash, std::hash<int64_t>{}(element));
          return hash;
        } else if constexpr (std::is_same_v<Value, std::vector<double>>) {
          std::size_t hash = value.size();
          for (const double element : value) {
            hash = combine(hash, std::hash<uint64_t>{}(std::bit_cast<uint64_t>(element)));
          }
          return hash;
        } else if constexpr (std::is_same_v<Value, double>) {
          return std::hash<uint64_t>{}(std::bit_cast<uint64_t>(value));
        } else {
          return std::hash<Value>{}(value);
        }
      },
      attribute);
}

std::string text_of(const AttributeValue& attribute) {
  return std::visit(
      [](const auto& value) {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::vector<int64_t>> || std::is_same_v<Value, std::vector<double>>) {
          return fmt::format("[{}]", fmt::join(value, ", "));
        } else {
          return fmt::format("{}", value);
        }
      },
      attribute);
}

template <class Value>
const Value& value_of(const AttributeValue& attribute, std::string_view name) {
  const Value* value = std::get_if<Value>(&attribute);
  DUEL_CHECK(value != nullptr, "attribute '{}' is {}, of another type than asked for", name, text_of(attribute));
  return *value;
}

}  // namespace

Attributes::Attributes(std::initializer_list<std::pair<std::string, AttributeValue>> values) : values_(values) {
  sort();
}

void Attributes::sort() {
  std::sort(values_.begin(), values_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const auto twice = std::adjacent_find(values_.begin(), values_.end(),
                                        [](const auto& a, const auto& b) { return a.first == b.first; });
  DUEL_CHECK(twice == values_.end(), "attribute '{}' is given twice", twice->first);
}

bool Attributes::flag(std::string_view name) const { return value_of<bool>(get(name), name); }
int64_t Attributes::integer(std::string_view name) const { return value_of<int64_t>(get(name), name); }
double Attributes::number(std::string_view name) const { return value_of<double>(get(name), name); }
const std::string& Attributes::text(std::string_view name) const { return value_of<std::string>(get(name), name); }
const std::vector<int64_t>& Attributes::integers(std::string_view name) const {
  return value_of<std::vector<int64_t>>(get(name), name);
}
const std::vector<double>& Attributes::numbers(std::string_view name) const {
  return value_of<std::vector<double>>(get(name), name);
}

bool Attributes::has(std::string_view name) const {
  return std::any_of(values_.begin(), values_.end(), [&](const auto& entry) { return entry.first == name; });
}

Attributes Attributes::with(std::string name, AttributeValue value) const {
  Attributes more = *this;
  more.values_.emplace_back(std::move(name), std::move(value));
  more.sort();
  return more;
}

const AttributeValue& Attributes::get(std::string_view name) const {
  const auto found =
      std::find_if(values_.begin(), values_.end(), [&](const auto& entry) { return entry.first == name; });
  DUEL_CHECK(found != values_.end(), "there is no attribute '{}' in {}", name, to_string(*this));
  return found->second;
}

bool Attributes::operator==(const Attributes& other) const {
  return std::equal(values_.begin(), values_.end(), other.values_.begin(), other.values_.end(),
                    [](const auto& a, const auto& b) { return a.first == b.first && same(a.second, b.second); });
}

std::size_t Attributes::hash() const {
  std::size_t hash = values_.size();
  for (const auto& [name, value] : values_) {
    hash = combine(combine(hash, std::hash<std::string>{}(name)), hash_of_value(value));
  }
  return hash;
}

std::string to_string(const Attributes& attributes) {
  if (attributes.all().empty()) return {};
  std::vector<std::string> entries;
  for (const auto& [name, value] : attributes.all()) entries.push_back(fmt::format("{}={}", name, text_of(value)));
  return fmt::format("{{{}}}", fmt::join(entries, ", "));
}

}  // namespace duel
