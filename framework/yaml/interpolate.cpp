#include "yaml/interpolate.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "yaml/path.hpp"

namespace duel {
namespace {

constexpr std::string_view opening = "${";
constexpr std::string_view escaped_opening = "$${";
constexpr std::string_view environment_prefix = "env:";
constexpr std::size_t longest_chain = 64;
constexpr int deepest_nesting = 16;  // of ${…} within the default of another
constexpr uint64_t longest_text = 4 * YamlLimits::bytes;

// A text cut at its references: literal pieces and the insides of ${…}.
struct Piece {
  std::string text;
  bool is_reference = false;
};

// The end of the reference that begins before `at`, past its '}'; npos if it has none.
std::size_t reference_end(std::string_view text, std::size_t at) {
  for (int depth = 1; at < text.size(); ++at) {
    if (text.substr(at).starts_with(opening) && ++depth > deepest_nesting) break;
    if (text[at] == '}' && --depth == 0) return at + 1;
  }
  return std::string_view::npos;
}

// None if a ${ is not closed.
std::optional<std::vector<Piece>> cut(std::string_view text) {
  std::vector<Piece> pieces;
  std::string literal;
  const auto flush = [&] {
    if (!literal.empty()) pieces.push_back({std::exchange(literal, {}), false});
  };
  while (!text.empty()) {
    if (text.starts_with(escaped_opening)) {
      literal += opening;
      text.remove_prefix(escaped_opening.size());
    } else if (text.starts_with(opening)) {
      const std::size_t end = reference_end(text, opening.size());
      if (end == std::string_view::npos) return std::nullopt;
      flush();
      pieces.push_back({std::string(text.substr(opening.size(), end - 1 - opening.size())), true});
      text.remove_prefix(end);
    } else {
      literal += text[0];
      text.remove_prefix(1);
    }
  }
  flush();
  return pieces;
}

struct Size {
  int64_t nodes = 0;
  uint64_t bytes = 0;
  int depth = 0;
};

Size measure(const YamlNode& node) {
  Size size{1, node.text.size(), 0};
  const auto add = [&](const YamlNode& child) {
    const Size inner = measure(child);
    size.nodes += inner.nodes;
    size.bytes += inner.bytes;
    size.depth = std::max(size.depth, inner.depth);
  };
  for (const YamlNode& item : node.items) add(item);
  for (const YamlNode::Entry& entry : node.entries) add(entry.value);
  if (node.is_map() || node.is_sequence()) ++size.depth;
  return size;
}

class Interpolator {
 public:
  Interpolator(YamlNode& root, Problems& problems) : root_(root), problems_(problems) {}

  void run() {
    count(root_, root_.where, {});
    resolve_blocks();
    resolve(root_, {});
    if (measure(root_).depth > YamlLimits::depth) {
      outgrown(root_.where, {},
               fmt::format("the resolved document is nested deeper than {} levels", YamlLimits::depth));
    }
  }

 private:
  enum class State { in_progress, done, failed };

  // A scalar whose references are being replaced.
  struct Host {
    const Position& where;
    const std::string& path;
  };
  struct Target {
    YamlNode* node;
    std::string path;
  };

  void resolve_blocks() {
    YamlNode* blocks = root_.find("blocks");
    if (blocks == nullptr) return;
    for (YamlNode::Entry& block : blocks->entries) {
      const YamlNode* parameters = block.value.find("parameters");
      YamlNode* layers = block.value.find("layers");
      if (parameters == nullptr || layers == nullptr) continue;
      kept_ = parameters->keys();
      resolve(*layers, join_path(join_path("blocks", block.key), "layers"));
      kept_.clear();
    }
  }

  // Replaces the references in a node, once. Nodes never move: a replaced scalar stays where it is.
  void resolve(YamlNode& node, const std::string& path) {
    if (!states_.emplace(&node, State::in_progress).second) return;
    State end = State::done;
    if (node.is_scalar()) {
      end = resolve_scalar(node, path);
    } else {
      for (std::size_t i = 0; i < node.items.size(); ++i) resolve(node.items[i], join_path(path, i));
      for (YamlNode::Entry& entry : node.entries) {
        if (entry.key.find(opening) != std::string::npos) {
          problems_.add(entry.where, path, fmt::format("a ${{…}} in the key '{}'", entry.key), "use it in values only");
        }
        resolve(entry.value, join_path(path, entry.key));
      }
    }
    states_[&node] = end;
  }

  State resolve_scalar(YamlNode& node, const std::string& path) {
    if (node.text.find(opening) == std::string::npos) return State::done;
    if (chain_.size() >= longest_chain) {
      outgrown(node.where, path, fmt::format("more than {} references deep", longest_chain));
    }
    chain_.push_back(path);
    auto value = expand(node.text, node.quoted, {node.where, path});
    chain_.pop_back();
    if (!value) return State::failed;
    node = std::move(*value);
    mark_children_done(node);
    return State::done;
  }

  // What a reference brought is resolved already; a literal ${ in it must not be taken for a reference.
  void mark_children_done(YamlNode& node) {
    const auto mark = [&](YamlNode& child) {
      states_[&child] = State::done;
      mark_children_done(child);
    };
    for (YamlNode& item : node.items) mark(item);
    for (YamlNode::Entry& entry : node.entries) mark(entry.value);
  }

  // The value that a text stands for; none after a problem.
  std::optional<YamlNode> expand(const std::string& text, bool quoted, const Host& host) {
    const auto pieces = cut(text);
    if (!pieces) {
      problems_.add(host.where, host.path, "a '${' without its '}'",
                    "close it, or write $${ for the characters themselves");
      return std::nullopt;
    }
    if (pieces->size() == 1 && pieces->front().is_reference) return look_up(pieces->front().text, host);
    return joined(*pieces, quoted, host);
  }

  std::optional<YamlNode> joined(const std::vector<Piece>& pieces, bool quoted, const Host& host) {
    YamlNode result = YamlNode::scalar({}, host.where, quoted);
    bool good = true;
    for (const Piece& piece : pieces) {
      if (!piece.is_reference) {
        result.text += kept_.empty() ? piece.text : escaped(piece.text);
        continue;
      }
      const auto value = look_up(piece.text, host);
      if (value && !value->is_scalar()) {
        problems_.add(host.where, host.path,
                      fmt::format("${{{}}} is {} and cannot stand within a text", piece.text, describe(*value)),
                      "refer to a scalar");
      }
      good = good && value && value->is_scalar();
      if (good) result.text += value->text;
    }
    if (!good) return std::nullopt;
    return result;
  }

  std::optional<YamlNode> look_up(const std::string& reference, const Host& host) {
    if (reference.starts_with(environment_prefix)) {
      return look_up_environment(std::string_view(reference).substr(environment_prefix.size()), host);
    }
    const auto parts = parse_path(reference);
    if (parts && std::find(kept_.begin(), kept_.end(), parts->front()) != kept_.end()) {
      return YamlNode::scalar(fmt::format("${{{}}}", reference), host.where);
    }
    if (!parts) {
      problems_.add(host.where, host.path, fmt::format("${{{}}} names nothing", reference),
                    "write ${a.b} or ${env:NAME,default}");
      return std::nullopt;
    }
    const auto target = find(*parts, host);
    if (!target || !settle(*target, host)) return std::nullopt;
    count(*target->node, host.where, host.path);
    YamlNode value = *target->node;
    if (!kept_.empty()) escape(value);
    return value;
  }

  // In a block's layers, which are resolved once more, what was a literal ${ must remain one.
  static std::string escaped(std::string_view text) {
    std::string out;
    while (!text.empty()) {
      const bool opens = text.starts_with(opening);
      out += opens ? escaped_opening : text.substr(0, 1);
      text.remove_prefix(opens ? opening.size() : 1);
    }
    return out;
  }

  static void escape(YamlNode& node) {
    node.text = escaped(node.text);
    for (YamlNode& item : node.items) escape(item);
    for (YamlNode::Entry& entry : node.entries) escape(entry.value);
  }

  std::optional<YamlNode> look_up_environment(std::string_view reference, const Host& host) {
    const std::size_t comma = reference.find(',');
    const std::string name(reference.substr(0, comma));
    if (name.empty()) {
      problems_.add(host.where, host.path, "${env:} names no variable", "write ${env:NAME,default}");
      return std::nullopt;
    }
    if (const char* text = std::getenv(name.c_str())) return environment_value(name, text, host);
    if (comma != std::string_view::npos) return expand(std::string(reference.substr(comma + 1)), false, host);
    problems_.add(host.where, host.path, fmt::format("the environment has no {}", name),
                  fmt::format("set it, or give a default: ${{env:{},default}}", name));
    return std::nullopt;
  }

  std::optional<YamlNode> environment_value(const std::string& name, const std::string& text, const Host& host) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (!valid_utf8(text) || std::any_of(text.begin(), text.end(), is_control)) {
      problems_.add(host.where, host.path, fmt::format("the environment's {} is not a line of UTF-8 text", name),
                    "set it to plain text");
      return std::nullopt;
    }
    YamlNode value = YamlNode::scalar(text, host.where);
    count(value, host.where, host.path);
    return value;
  }

  // The node that a path names, under vars first. What is on the way may itself be a reference to a map.
  std::optional<Target> find(const std::vector<std::string>& parts, const Host& host) {
    Target at{&root_, {}};
    YamlNode* vars = root_.find("vars");
    if (vars != nullptr && vars->is_map() && vars->find(parts.front()) != nullptr) at = {vars, "vars"};
    for (const std::string& part : parts) {
      YamlNode* child = child_at(*at.node, part);
      if (child == nullptr) {
        add_missing(at, vars, part, host);
        return std::nullopt;
      }
      at.path = at.node->is_sequence() ? fmt::format("{}[{}]", at.path, part) : join_path(at.path, part);
      at.node = child;
      if (child->is_scalar() && !settle(at, host)) return std::nullopt;
    }
    return at;
  }

  void add_missing(const Target& parent, const YamlNode* vars, const std::string& part, const Host& host) {
    if (parent.node != &root_) {
      const MissingChild missing = explain_missing(*parent.node, parent.path, part);
      return problems_.add(host.where, host.path, missing.what, missing.remedy);
    }
    std::vector<std::string> names = vars == nullptr ? std::vector<std::string>{} : vars->keys();
    for (const std::string& name : root_.keys()) names.push_back(name);
    problems_.add(host.where, host.path, fmt::format("'{}' is neither in vars nor in the experiment", part),
                  suggestion(part, names));
  }

  // Resolves the target of a reference. False if that failed, or if it leads back to where we are: a problem.
  bool settle(const Target& target, const Host& host) {
    const auto state = states_.find(target.node);
    if (state != states_.end() && state->second == State::in_progress) {
      add_cycle(target.path, host);
      return false;
    }
    const auto kept = std::exchange(kept_, {});  // what is referred to stands outside of the block
    resolve(*target.node, target.path);
    kept_ = kept;
    return states_.at(target.node) == State::done;
  }

  void add_cycle(const std::string& target, const Host& host) {
    const auto is_within_target = [&](const std::string& link) {
      if (!link.starts_with(target)) return false;
      return target.empty() || link.size() == target.size() || link[target.size()] == '.' || link[target.size()] == '[';
    };
    const auto first = std::find_if(chain_.begin(), chain_.end(), is_within_target);
    problems_.add(host.where, host.path,
                  fmt::format("refers to itself: {} → {}", fmt::join(first, chain_.end(), " → "), target),
                  "break the circle");
  }

  // References multiply what they name: a few lines could ask for more than any machine has.
  void count(const YamlNode& copied, const Position& where, const std::string& path) {
    const Size size = measure(copied);
    nodes_ += size.nodes;
    bytes_ += size.bytes;
    if (nodes_ > YamlLimits::nodes || bytes_ > longest_text) {
      outgrown(where, path,
               fmt::format("the resolved document has more than {} values or {} of text", YamlLimits::nodes,
                           format_bytes(longest_text)));
    }
  }

  [[noreturn]] static void outgrown(const Position& where, const std::string& path, const std::string& what) {
    throw UserError(ExitCode::experiment, Problem{where, path, what, "refer to less", {}});
  }

  YamlNode& root_;
  Problems& problems_;
  std::unordered_map<const YamlNode*, State> states_;
  std::vector<std::string> chain_;  // paths of the scalars being resolved, each waiting for the next
  std::vector<std::string> kept_;   // the parameters of the block whose layers are being resolved
  int64_t nodes_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace

void interpolate(YamlNode& root, Problems& problems) {
  const YamlNode* vars = root.find("vars");
  if (vars != nullptr && !vars->is_map() && !vars->is_null()) {
    problems.add(vars->where, "vars", fmt::format("{} instead of a map", describe(*vars)), "write name: value lines");
  }
  Interpolator(root, problems).run();
  std::erase_if(root.entries, [](const YamlNode::Entry& entry) { return entry.key == "vars"; });
}

}  // namespace duel
