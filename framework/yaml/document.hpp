// Text with positions: what a YAML file says, before anything knows what it means. Every node knows where it was
// written; after composition and overrides it also knows which file, line or argument set it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace duel {

// A node of a document. A plain value type: copying copies the tree.
class YamlNode {
 public:
  enum class Kind { null, scalar, sequence, map };

  struct Entry;  // of a map: key, position of the key, value

  Kind kind = Kind::null;
  Position where;               // of the value
  std::string text;             // a scalar's, after escapes
  bool quoted = false;          // a quoted scalar is a string, never a number or a bool
  std::vector<YamlNode> items;  // of a sequence
  std::vector<Entry> entries;   // of a map, in file order, keys unique

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_sequence() const { return kind == Kind::sequence; }
  bool is_map() const { return kind == Kind::map; }

  // The value under `key` of a map, or nullptr.
  const YamlNode* find(std::string_view key) const;
  YamlNode* find(std::string_view key);
  const Entry* find_entry(std::string_view key) const;
  std::vector<std::string> keys() const;

  static YamlNode scalar(std::string text, Position where = {}, bool quoted = false);
};

struct YamlNode::Entry {
  std::string key;
  Position where;
  YamlNode value;
};

// "a null", "a map", "the text 'abc'", "a list": for messages.
std::string describe(const YamlNode& node);

// The limits of docs/reliability.md; they hold for a file and, depth and nodes, for what composition makes of it.
struct YamlLimits {
  static constexpr uint64_t bytes = uint64_t{1} << 20;
  static constexpr int depth = 64;          // collections within collections
  static constexpr int64_t nodes = 100000;  // with every alias expanded
};

// Refuses what docs/reliability.md lists: more than the limits, a second document, bad UTF-8, control bytes (written or
// escaped), duplicate keys, `<<`, keys that are no scalars, anchor cycles, tags, and in [ ] or { } a bare text with an
// open parenthesis, which a comma has cut in two. Columns count characters, not bytes. Throws
// UserError(ExitCode::experiment) with file:line:column.
YamlNode parse_yaml(std::string_view text, const std::string& file);

// The same kinds, texts, quotation, items and keys in the same order, wherever they were written.
bool same_content(const YamlNode& a, const YamlNode& b);

// Writes a node as YAML (block style; short scalar lists inline) that parse_yaml reads as the same content; a bare text
// that would not be read as itself is quoted. With `origins`, each scalar line carries a comment
// that names the file:line or override that set it.
std::string to_yaml(const YamlNode& node, bool origins = false);
// The same in flow style on one line, without a line end: {rescale: [-1, 1]}.
std::string to_line(const YamlNode& node);

}  // namespace duel
