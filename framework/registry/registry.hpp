// Which components exist. A kind comes from here and from nowhere else. Filled once at start by the register_…
// functions of the plugin folders (and of plugin libraries), then only read: thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "registry/parameters.hpp"

namespace duel {

class Layer;
class Loss;
class Optimizer;
class Schedule;
class Initializer;
class ValueFunction;
class DatasetSource;
class Transform;
class Sampler;
class Metric;

// A kind as written: `kind: {…}`, `kind: scalar` or the bare word `kind`.
struct WrittenComponent {
  std::string kind;
  Position where;
  YamlNode parameters;  // null for a bare word
};
// Nothing after adding a problem: the node is no component, or has several keys.
std::optional<WrittenComponent> written_component(const YamlNode& node, ReadContext& context, const std::string& noun);

// The part of a KindRegistry that does not depend on the interface.
class KindTable {
 public:
  explicit KindTable(std::string noun) : noun_(std::move(noun)) {}
  const std::string& noun() const { return noun_; }  // "layer", "loss": for messages
  const ComponentInfo* find(std::string_view kind) const;
  std::vector<std::string> kinds() const;  // sorted
  // JSON Schema (draft-07) of "one component of this kind".
  nlohmann::json schema() const;

 protected:
  // One new component by two addresses: that of its interface, which is handed out, and its own, which reads
  // parameters.
  struct Made {
    std::shared_ptr<void> interface;
    void* component;
  };
  struct Entry {
    ComponentInfo info;
    Made (*make)() = nullptr;
    std::string (*conflict)(const void* component) = nullptr;  // null where the component declares none
  };
  Entry& insert(std::string kind);  // fails a check when the kind exists
  std::shared_ptr<void> read_erased(const YamlNode& node, ReadContext& context) const;
  std::shared_ptr<void> read_erased(const WrittenComponent& written, ReadContext& context) const;

 private:
  std::string noun_;
  std::map<std::string, Entry, std::less<>> entries_;
};

template <class Interface>
class KindRegistry : public KindTable {
 public:
  using KindTable::KindTable;

  // Component derives from Interface and has `static void declare(Declaration<Component>&)`. What all components of the
  // interface share is declared by `Interface::declare_common(Declaration<Component>&)`, if it has that. A component
  // whose parameters restrain each other has `std::string conflict() const`: what is wrong with them together, or "".
  template <class Component>
  void add(std::string kind) {
    Entry& entry = insert(std::move(kind));
    Declaration<Component> declaration(entry.info);
    Component::declare(declaration);
    if constexpr (requires { Interface::declare_common(declaration); }) Interface::declare_common(declaration);
    entry.make = [] {
      auto component = std::make_shared<Component>();
      void* const own = component.get();
      return Made{std::shared_ptr<void>(component, static_cast<Interface*>(component.get())), own};
    };
    if constexpr (requires(const Component& component) { component.conflict(); }) {
      entry.conflict = [](const void* component) { return static_cast<const Component*>(component)->conflict(); };
    }
  }

  // The component that `node` writes; null after adding problems to the context.
  std::shared_ptr<const Interface> read(const YamlNode& node, ReadContext& context) const {
    return cast(read_erased(node, context));
  }
  std::shared_ptr<const Interface> read(const WrittenComponent& written, ReadContext& context) const {
    return cast(read_erased(written, context));
  }

 private:
  static std::shared_ptr<const Interface> cast(std::shared_ptr<void> erased) {
    auto* interface = static_cast<Interface*>(erased.get());
    return std::shared_ptr<const Interface>(std::move(erased), interface);
  }
};

class Registry {
 public:
  KindRegistry<Layer> layers{"layer"};
  KindRegistry<Loss> losses{"loss"};
  KindRegistry<Optimizer> optimizers{"optimizer"};
  KindRegistry<Schedule> schedules{"schedule"};
  KindRegistry<Initializer> initializers{"initializer"};
  KindRegistry<ValueFunction> values{"value"};
  KindRegistry<DatasetSource> datasets{"dataset"};
  KindRegistry<Transform> transforms{"transform"};
  KindRegistry<Sampler> samplers{"plot"};
  KindRegistry<Metric> metrics{"metric"};

  std::vector<const KindTable*> tables() const;
};

// The parameters of a component or section, as help shows them: two lines each.
std::string parameters_text(const ComponentInfo& info);

// The text of `duel help KIND` (all tables are searched; several kinds may share a name), or nothing.
std::optional<std::string> help_text(const Registry& registry, std::string_view kind);

}  // namespace duel
