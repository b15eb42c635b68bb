// to_yaml: block style, one line a scalar; to_line: flow style.
#include <algorithm>
#include <cctype>
#include <optional>

#include "yaml/document.hpp"

namespace duel {
namespace {

constexpr std::size_t longest_inline_list = 100;

bool means_null(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

// Whether YAML reads the bare text as itself, in block and in flow style.
bool is_plain(std::string_view text) {
  if (means_null(text) || text == "<<" || text.starts_with("---") || text.starts_with("...")) return false;
  if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  constexpr std::string_view not_first = "-?:,[]{}#&*!|>'\"%@`=";
  const bool is_number = text.front() == '-' && text.size() > 1 &&
                         (std::isdigit(static_cast<unsigned char>(text[1])) != 0 || text[1] == '.');
  if (not_first.find(text.front()) != std::string_view::npos && !is_number) return false;
  if (text.find_first_of(",[]{}\\\"") != std::string_view::npos) return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

std::string scalar_text(std::string_view text, bool quoted) {
  return !quoted && is_plain(text) ? std::string(text) : fmt::format("\"{}\"", escaped(text));
}

class Writer {
 public:
  explicit Writer(bool origins) : origins_(origins) {}

  void write_root(const YamlNode& node) {
    if (const auto text = inline_text(node)) {
      out_ += *text;
      end_line(node);
    } else {
      write_block(node, 0);
    }
  }

  std::string take() { return std::move(out_); }

 private:
  static bool is_leaf(const YamlNode& node) { return node.is_null() || node.is_scalar(); }

  // The node on one line, if it is to stand on one: scalars, empty collections, short lists of scalars.
  static std::optional<std::string> inline_text(const YamlNode& node) {
    if (node.is_null()) return "null";
    if (node.is_scalar()) return scalar_text(node.text, node.quoted);
    if (node.is_map()) return node.entries.empty() ? std::optional<std::string>("{}") : std::nullopt;
    if (!std::all_of(node.items.begin(), node.items.end(), is_leaf)) return std::nullopt;
    std::string text = "[";
    for (const YamlNode& item : node.items) {
      if (text.size() > 1) text += ", ";
      text += *inline_text(item);
      if (text.size() > longest_inline_list) return std::nullopt;
    }
    return text + "]";
  }

  void end_line(const YamlNode& node) {
    if (origins_ && !node.where.file.empty()) {
      out_ += fmt::format("  # {}", escaped(to_string(Position{node.where.file, node.where.line, 0})));
    }
    out_ += '\n';
  }

  void indent(int level) { out_.append(static_cast<std::size_t>(level) * 2, ' '); }

  // Writes a collection that does not stand on one line; its first line is already indented by the caller.
  void write_block(const YamlNode& node, int level) {
    bool first = true;
    if (node.is_sequence()) {
      for (const YamlNode& item : node.items) {
        if (!first) indent(level);
        first = false;
        out_ += "- ";
        write_item(item, level + 1);
      }
      return;
    }
    for (const YamlNode::Entry& entry : node.entries) {
      if (!first) indent(level);
      first = false;
      out_ += scalar_text(entry.key, false) + ":";
      write_value(entry.value, level + 1);
    }
  }

  void write_item(const YamlNode& item, int level) {
    if (const auto text = inline_text(item)) {
      out_ += *text;
      end_line(item);
    } else {
      write_block(item, level);
    }
  }

  void write_value(const YamlNode& value, int level) {
    if (const auto text = inline_text(value)) {
      out_ += ' ' + *text;
      end_line(value);
    } else {
      out_ += '\n';
      indent(level);
      write_block(value, level);
    }
  }

  bool origins_;
  std::string out_;
};

}  // namespace

std::string to_yaml(const YamlNode& node, bool origins) {
  Writer writer(origins);
  writer.write_root(node);
  return writer.take();
}

std::string to_line(const YamlNode& node) {
  if (node.is_null()) return "null";
  if (node.is_scalar()) return scalar_text(node.text, node.quoted);
  std::vector<std::string> parts;
  if (node.is_sequence()) {
    for (const YamlNode& item : node.items) parts.push_back(to_line(item));
    return fmt::format("[{}]", fmt::join(parts, ", "));
  }
  for (const YamlNode::Entry& entry : node.entries) {
    parts.push_back(fmt::format("{}: {}", scalar_text(entry.key, false), to_line(entry.value)));
  }
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

}  // namespace duel
