// parse_yaml: yaml-cpp reads the syntax and reports events; everything that it lets pass is refused here.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/text.hpp"
#include "yaml/document.hpp"

namespace duel {
namespace {

// yaml-cpp may read a whole line of brackets ahead, at 240 bytes a token, before it reports the first. Texts with more
// flow indicators, anchors and aliases than the values of a real document, or with this many brackets open, are refused
// beforehand; the count takes no notice of quotes and comments, so it must be far from what a real text holds.
constexpr int64_t most_open_brackets = 4096;
constexpr int64_t most_indicators = 2 * YamlLimits::nodes;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
}

// The text that is being read: knows where its lines begin and what to call its places.
class Source {
 public:
  Source(std::string_view text, std::string file) : text_(text), file_(std::move(file)), lines_{0} {
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] == '\n') lines_.push_back(at + 1);
    }
  }

  // The place of a byte; columns count characters. Places are asked for nearly in the order of the text, so counting
  // goes on from the last one: a long line is not counted again for each of its values.
  Position place(std::size_t offset) const {
    const auto line = std::upper_bound(lines_.begin(), lines_.end(), offset) - 1;
    if (last_offset_ < *line || last_offset_ > offset) {
      last_offset_ = *line;
      last_column_ = 1;
    }
    const auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    const std::string_view between = text_.substr(last_offset_, offset - last_offset_);
    last_column_ += static_cast<int>(std::count_if(between.begin(), between.end(), starts_character));
    last_offset_ = offset;
    return {file_, static_cast<int>(line - lines_.begin()) + 1, last_column_};
  }

  Position place(const YAML::Mark& mark) const {
    return mark.is_null() ? Position{file_, 0, 0} : place(offset_of(mark));
  }

  // A tab before the text of the line at the mark, or of the one before: the parser stumbles there or just behind.
  std::optional<Position> tab_of_indentation(const YAML::Mark& mark) const {
    if (mark.is_null()) return std::nullopt;
    const auto line = std::upper_bound(lines_.begin(), lines_.end(), offset_of(mark)) - 1;
    for (auto begin = line == lines_.begin() ? line : line - 1; begin <= line; ++begin) {
      const std::size_t text = std::min(text_.find_first_not_of(" \t", *begin), text_.size());
      const std::size_t tab = text_.substr(0, text).find('\t', *begin);
      if (tab != std::string_view::npos) return place(tab);
    }
    return std::nullopt;
  }

  // Whether a null is written at the mark: ~ or null.
  bool has_null_at(const YAML::Mark& mark) const {
    const std::size_t offset = offset_of(mark);
    return offset < text_.size() && std::string_view("~nN").find(text_[offset]) != std::string_view::npos;
  }

  [[noreturn]] static void fail(Position where, const std::string& what, const std::string& remedy = {}) {
    throw UserError(ExitCode::experiment, Problem{std::move(where), {}, what, remedy, {}});
  }

  [[noreturn]] static void fail_depth(const Position& where) {
    fail(where, fmt::format("nested deeper than {} levels", YamlLimits::depth), "make it flatter");
  }

  [[noreturn]] static void fail_nodes(const Position& where) {
    fail(where, fmt::format("more than {} values, with aliases expanded", YamlLimits::nodes),
         "use fewer values or aliases");
  }

  // Refuses what would take yaml-cpp much memory to refuse.
  void check_structure() const {
    int64_t open = 0;
    int64_t indicators = 0;
    for (std::size_t at = 0; at < text_.size(); ++at) {
      const char c = text_[at];
      if (c == '[' || c == '{') ++open;
      if ((c == ']' || c == '}') && open > 0) --open;
      if (std::string_view("[]{},&*").find(c) != std::string_view::npos) ++indicators;
      if (open > most_open_brackets) fail_depth(place(at));
      if (indicators > most_indicators) fail_nodes(place(at));
    }
  }

  // Refuses bytes that yaml-cpp would drop, take for the end of the text, or pass on.
  void check_bytes() const {
    if (text_.size() > YamlLimits::bytes) {
      fail({file_, 0, 0}, fmt::format("is larger than {}", format_bytes(YamlLimits::bytes)),
           "keep large data in files of its own");
    }
    const auto control = std::find_if(text_.begin(), text_.end(), is_control);
    if (control != text_.end()) {
      fail(place(static_cast<std::size_t>(control - text_.begin())),
           fmt::format("a control byte 0x{:02x}", static_cast<unsigned char>(*control)), "save the file as UTF-8 text");
    }
    if (const auto bad = first_invalid_utf8(text_)) fail(place(*bad), "not valid UTF-8", "save the file as UTF-8 text");
    for (std::size_t at = text_.find('\r'); at != std::string_view::npos; at = text_.find('\r', at + 1)) {
      if (at + 1 == text_.size() || text_[at + 1] != '\n') {
        fail(place(at), "a carriage return without a line feed", "end lines with a line feed");
      }
    }
  }

 private:
  // yaml-cpp counts lines and bytes from 0, and leaves out a byte-order mark.
  std::size_t offset_of(const YAML::Mark& mark) const {
    const std::size_t line = std::min(static_cast<std::size_t>(mark.line), lines_.size() - 1);
    return std::min(lines_[line] + static_cast<std::size_t>(mark.column), text_.size());
  }

  std::string_view text_;
  std::string file_;
  std::vector<std::size_t> lines_;  // offsets of their first bytes
  mutable std::size_t last_offset_ = 0;
  mutable int last_column_ = 1;
};

// Builds the tree. Collections that are still open stand on a stack.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const Source& source) : source_(source) {}

  YamlNode take_root() {
    if (bad_key_) Source::fail(*bad_key_, "a key that is not a text", "write a plain word");
    return std::move(root_);
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) {
      Source::fail(source_.place(mark), "a second document, or text after the end of the first",
                   "keep one document a file and check the indentation");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node;
    // yaml-cpp puts a value that is left out where the next one begins.
    const bool left_out = !open_.empty() && open_.back().has_key && !source_.has_null_at(mark);
    node.where = left_out ? open_.back().entry.where : source_.place(mark);
    add(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const bool quoted = tag == "!";  // what yaml-cpp says of every scalar that is not plain
    if (!quoted) refuse_tag(mark, tag);
    const Position where = source_.place(mark);
    if (std::any_of(value.begin(), value.end(), is_control) || !valid_utf8(value)) {
      Source::fail(where, "an escape makes a control character", "leave it out");
    }
    if (!quoted && !open_.empty() && open_.back().flow) refuse_cut_expression(where, value);
    add(YamlNode::scalar(value, where, quoted), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(YamlNode::Kind::sequence, mark, tag, anchor, style);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(YamlNode::Kind::map, mark, tag, anchor, style);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const Position where = source_.place(mark);
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      Source::fail(where, "an alias within what its anchor names", "a value cannot contain itself");
    }
    const Anchored& target = found->second;
    if (static_cast<int>(open_.size()) + target.height > YamlLimits::depth) Source::fail_depth(where);
    count_nodes(target.nodes, where);
    place_child({target.node, target.nodes, target.height}, where);
  }

 private:
  // A finished node with the number of nodes and of levels of collections in it.
  struct Anchored {
    YamlNode node;
    int64_t nodes = 1;
    int height = 0;
  };
  struct Open {
    Anchored value;
    YAML::anchor_t anchor = 0;
    bool flow = false;
    bool has_key = false;  // of a map: the key of the next value has been read
    YamlNode::Entry entry;
    std::unordered_set<std::string> keys;
  };

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (!tag.empty() && tag != "?") Source::fail(source_.place(mark), fmt::format("a tag '{}'", tag), "leave it out");
  }

  // {z: normal(100, batch=64)} is two entries to YAML.
  static void refuse_cut_expression(const Position& where, const std::string& value) {
    if (std::count(value.begin(), value.end(), '(') <= std::count(value.begin(), value.end(), ')')) return;
    Source::fail(where, fmt::format("'{}' has an open parenthesis; inside {{ }} and [ ] a comma ends the text", value),
                 "put quotes around the whole expression");
  }

  void count_nodes(int64_t more, const Position& where) {
    nodes_ += more;
    if (nodes_ > YamlLimits::nodes) Source::fail_nodes(where);
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style) {
    refuse_tag(mark, tag);
    Open collection;
    collection.value.node.kind = kind;
    collection.value.node.where = source_.place(mark);
    collection.anchor = anchor;
    collection.flow = style == YAML::EmitterStyle::Flow;
    if (open_.size() >= YamlLimits::depth) Source::fail_depth(collection.value.node.where);
    count_nodes(1, collection.value.node.where);
    open_.push_back(std::move(collection));
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    ++done.value.height;
    remember(done.anchor, done.value);
    const Position where = done.value.node.where;
    place_child(std::move(done.value), where);
  }

  void add(YamlNode node, YAML::anchor_t anchor) {
    const Position where = node.where;
    count_nodes(1, where);
    Anchored leaf{std::move(node), 1, 0};
    remember(anchor, leaf);
    place_child(std::move(leaf), where);
  }

  void remember(YAML::anchor_t anchor, const Anchored& value) {
    if (anchor != 0) anchors_[anchor] = value;
  }

  bool expects_key() const {
    return !open_.empty() && open_.back().value.node.kind == YamlNode::Kind::map && !open_.back().has_key;
  }

  // Puts a finished node where it belongs: `where` is the place of its use, which differs for an alias.
  void place_child(Anchored child, const Position& where) {
    if (open_.empty()) {
      root_ = std::move(child.node);
      return;
    }
    if (expects_key()) return begin_entry(child.node, where);
    Open& parent = open_.back();
    parent.value.nodes += child.nodes;
    parent.value.height = std::max(parent.value.height, child.height);
    if (parent.value.node.is_sequence()) {
      parent.value.node.items.push_back(std::move(child.node));
      return;
    }
    parent.entry.value = std::move(child.node);
    parent.value.node.entries.push_back(std::move(parent.entry));
    parent.entry = {};
    parent.has_key = false;
  }

  void begin_entry(const YamlNode& key, const Position& where) {
    Open& map = open_.back();
    map.has_key = true;
    map.entry.where = where;
    if (!key.is_scalar()) {
      if (!bad_key_) bad_key_ = where;
      return;
    }
    if (key.text == "<<") {
      Source::fail(where, "a merge key '<<'", "use extends for other files, and write shared values under vars");
    }
    if (!map.keys.insert(key.text).second) {
      const YamlNode::Entry* first = map.value.node.find_entry(key.text);
      Source::fail(where, fmt::format("key '{}' is given twice", key.text),
                   fmt::format("the first is in line {}", first->where.line));
    }
    map.entry.key = key.text;
  }

  const Source& source_;
  // A bracket that is never closed also looks like a key to yaml-cpp, which says what is wrong only at the end.
  std::optional<Position> bad_key_;
  YamlNode root_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;
  int64_t nodes_ = 0;
  int documents_ = 0;
};

}  // namespace

YamlNode parse_yaml(std::string_view text, const std::string& file) {
  const Source source(text, file);
  source.check_bytes();
  source.check_structure();
  TreeBuilder builder(source);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      YamlNode empty;
      empty.where = {file, 1, 1};
      return empty;
    }
    parser.HandleNextDocument(builder);  // fails if there is one
  } catch (const YAML::Exception& error) {
    if (const auto tab = source.tab_of_indentation(error.mark)) {
      Source::fail(*tab, "tabs are not allowed for indentation", "use spaces");
    }
    Source::fail(source.place(error.mark), error.msg, "correct the YAML here or just before");
  }
  return builder.take_root();
}

}  // namespace duel
