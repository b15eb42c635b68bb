// The types that a declared parameter may have: how each is read from YAML, printed and described to editors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.hpp"
#include "registry/expression.hpp"
#include "yaml/document.hpp"

namespace duel {

struct ParameterInfo;
class Blocks;
class Registry;
class DatasetSource;
class Initializer;
class Schedule;

enum class Preset { keras, torch };

// Where a reader stands and what it may use.
struct ReadContext {
  const Registry& registry;
  Problems& problems;
  std::string path;  // dotted path of the node being read
  Preset preset = Preset::keras;
  // Every expression read so far, with its path: the names in them are checked when all values are known.
  std::vector<std::pair<std::string, Expression>>* expressions = nullptr;
  // Every path read so far: where it is written, as written, and the file that it means.
  struct NamedPath {
    Position where;
    std::string written;
    std::filesystem::path meant;
  };
  std::vector<NamedPath>* paths = nullptr;
  Blocks* blocks = nullptr;                   // kinds of layers that the experiment defines
  std::vector<std::string> open_blocks = {};  // those within which the node stands, outermost first

  // The same place one step further down: "path.key", "path[3]".
  ReadContext child(const std::string& key) const;
  ReadContext child(std::size_t index) const;
  void problem(const YamlNode& node, const std::string& what, const std::string& remedy = {}) const;
};

// Specialised for: bool, int64_t, double, std::string, Shape, std::vector<int64_t>, std::vector<double>,
// std::vector<std::string> (one or a list), std::vector<Expression>, Expression, std::optional<int64_t | double |
// Expression | Shape>, std::filesystem::path (relative to the file that names it), std::shared_ptr<const Schedule> (a
// number, a schedule, or a call of one: linear(1, 0)), std::shared_ptr<const Initializer | DatasetSource>, YamlNode (a
// part that is read by hand).
template <class Type>
struct ParameterType;

// What a type has to have; the functions stand in the source of the room that owns the type.
#define DUEL_PARAMETER_TYPE(...)                                                                               \
  template <>                                                                                                  \
  struct ParameterType<__VA_ARGS__> {                                                                          \
    static std::string name();                                                                                 \
    static bool read(__VA_ARGS__& out, const YamlNode& node, ReadContext& context, const ParameterInfo& info); \
    static std::string print(const __VA_ARGS__& value);                                                        \
    static nlohmann::json schema(const ParameterInfo& info);                                                   \
  };

DUEL_PARAMETER_TYPE(bool)
DUEL_PARAMETER_TYPE(int64_t)
DUEL_PARAMETER_TYPE(double)
DUEL_PARAMETER_TYPE(std::string)
DUEL_PARAMETER_TYPE(std::filesystem::path)
DUEL_PARAMETER_TYPE(Shape)
DUEL_PARAMETER_TYPE(Expression)
DUEL_PARAMETER_TYPE(std::vector<int64_t>)
DUEL_PARAMETER_TYPE(std::vector<double>)
DUEL_PARAMETER_TYPE(std::vector<std::string>)
DUEL_PARAMETER_TYPE(std::vector<Expression>)
DUEL_PARAMETER_TYPE(std::optional<int64_t>)
DUEL_PARAMETER_TYPE(std::optional<double>)
DUEL_PARAMETER_TYPE(std::optional<Shape>)
DUEL_PARAMETER_TYPE(std::optional<Expression>)
DUEL_PARAMETER_TYPE(std::shared_ptr<const Schedule>)
DUEL_PARAMETER_TYPE(std::shared_ptr<const Initializer>)
DUEL_PARAMETER_TYPE(std::shared_ptr<const DatasetSource>)
DUEL_PARAMETER_TYPE(YamlNode)

}  // namespace duel
