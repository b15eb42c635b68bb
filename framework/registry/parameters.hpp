// The parameters of a component, declared once: that one declaration parses the YAML, checks it, prints `duel help` and
// writes the JSON Schema.
//
//   struct LeakyRelu final : Layer {
//     double slope = 0.3;
//     static void declare(Declaration<LeakyRelu>& d) {
//       d.help("max(x, slope·x)");
//       d.parameter("slope", &LeakyRelu::slope, "factor of negative inputs").preset("0.3", "0.01").main().min(0);
//     }
//   };
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.hpp"
#include "registry/parameter_types.hpp"
#include "yaml/document.hpp"

namespace duel {

// One declared parameter, its C++ type erased.
struct ParameterInfo {
  std::string name;
  std::string help;
  std::string type;  // "integer", "number", "schedule", …: for help
  bool required = false;
  bool main = false;                 // what `kind: scalar` sets
  bool variadic = false;             // takes all remaining positional arguments of a call
  std::vector<std::string> choices;  // of a text
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  bool exclusive_minimum = false;
  std::string default_text;   // YAML; shown by help
  std::string keras_default;  // YAML, where the presets differ
  std::string torch_default;

  // Sets the member of *component from the node; false after adding a problem.
  std::function<bool(void* component, const YamlNode& node, ReadContext& context, const ParameterInfo& self)> read;
  nlohmann::json (*schema)(const ParameterInfo& self) = nullptr;  // a pointer: json is incomplete here
};

struct ComponentInfo {
  std::string kind;
  std::string help;
  std::string reference;  // paper, section
  // Of a value function: what its arguments name is taken from the step before, so a value may depend on itself by it.
  bool looks_back = false;
  std::vector<ParameterInfo> parameters;

  ParameterInfo& add(std::string_view name, std::string_view help_text);
  const ParameterInfo* find(std::string_view name) const;
  const ParameterInfo* main() const;
  std::vector<std::string> parameter_names() const;
};

// Refines the parameter just declared.
class ParameterBuilder {
 public:
  explicit ParameterBuilder(ParameterInfo& info) : info_(info) {}
  ParameterBuilder& required();
  ParameterBuilder& main();
  ParameterBuilder& variadic();
  ParameterBuilder& min(double minimum);
  ParameterBuilder& above(double minimum);  // exclusive
  ParameterBuilder& max(double maximum);
  ParameterBuilder& one_of(std::span<const std::string_view> choices);
  ParameterBuilder& one_of(std::initializer_list<std::string_view> choices);
  // Defaults as YAML text: one, or one a preset.
  ParameterBuilder& default_value(std::string_view yaml);
  ParameterBuilder& preset(std::string_view keras, std::string_view torch);

 private:
  ParameterInfo& info_;
};

template <class Component>
class Declaration {
 public:
  explicit Declaration(ComponentInfo& info) : info_(info) {}

  void help(std::string_view text) { info_.help = text; }
  void reference(std::string_view text) { info_.reference = text; }
  void looks_back() { info_.looks_back = true; }

  // Without .required(), .default_value() or .preset(), the default is the member's initial value.
  template <class Type, class Owner>
  requires std::is_base_of_v<Owner, Component> ParameterBuilder parameter(std::string_view name, Type Owner::*member,
                                                                          std::string_view text) {
    ParameterInfo& info = info_.add(name, text);
    info.type = ParameterType<Type>::name();
    info.default_text = ParameterType<Type>::print(defaults_.*member);
    info.schema = ParameterType<Type>::schema;
    info.read = [member](void* component, const YamlNode& node, ReadContext& context, const ParameterInfo& self) {
      return ParameterType<Type>::read(static_cast<Component*>(component)->*member, node, context, self);
    };
    return ParameterBuilder(info);
  }

 private:
  ComponentInfo& info_;
  const Component defaults_{};
};

// Sets every parameter of *component from `node` (a map; null means no parameters given; a scalar or list goes to the
// main parameter), filling defaults by the context's preset. Unknown keys, missing required ones and bad values become
// problems with their path. Returns whether all went well. `info.kind` is empty for a section of the experiment, whose
// parameters stand right below the context's path.
bool read_parameters(void* component, const ComponentInfo& info, const YamlNode& node, ReadContext& context);

}  // namespace duel
