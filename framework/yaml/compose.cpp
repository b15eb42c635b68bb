#include "yaml/compose.hpp"

#include <algorithm>
#include <map>
#include <system_error>

#include "base/file.hpp"
#include "yaml/interpolate.hpp"
#include "yaml/merge.hpp"
#include "yaml/override.hpp"
#include "yaml/path.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_files = 100;

[[noreturn]] void fail(const Position& where, const std::string& path, const std::string& what,
                       const std::string& remedy) {
  throw UserError(ExitCode::experiment, Problem{where, path, what, remedy, {}});
}

std::string read_document(const fs::path& file) {
  try {
    return read_text(file, YamlLimits::bytes);
  } catch (const UserError& error) {  // to the user, an experiment that cannot be read is a wrong experiment
    throw UserError(ExitCode::experiment, error.problems());
  }
}

std::string identity_on_disk(const std::string& file) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(file, error);
  return error ? file : canonical.string();
}

std::string identity_by_name(const std::string& file) { return fs::path(file).lexically_normal().string(); }

// Puts a document on top of what it extends, files first to last.
class Composer {
 public:
  // `identity`: the same text for names of the same file.
  using Identity = std::string (*)(const std::string& file);
  Composer(FileReader read, Identity identity) : read_(std::move(read)), identity_(identity) {}

  YamlNode compose(const std::string& text, const std::string& file) {
    YamlNode own = parse_yaml(text, file);
    if (own.is_null()) own.kind = YamlNode::Kind::map;  // an empty file
    if (!own.is_map())
      fail(own.where, {}, fmt::format("{} instead of a map", describe(own)), "write name: value lines");
    open_.push_back(file);
    const std::vector<YamlNode> bases = take_bases(own);
    YamlNode result = merge_bases(bases, own);
    result.where = own.where;
    merge(result, std::move(own), problems_);
    open_.pop_back();
    files_.push_back(file);
    return result;
  }

  const Problems& problems() const { return problems_; }
  std::vector<std::string> take_files() { return std::move(files_); }

 private:
  std::vector<YamlNode> take_bases(YamlNode& own) {
    const YamlNode* extends = own.find("extends");
    if (extends == nullptr) return {};
    const std::vector<YamlNode> names = extends->is_sequence() ? extends->items : std::vector{*extends};
    std::erase_if(own.entries, [](const YamlNode::Entry& entry) { return entry.key == "extends"; });
    std::vector<YamlNode> bases;
    for (const YamlNode& name : names) bases.push_back(load_base(name));
    return bases;
  }

  YamlNode load_base(const YamlNode& name) {
    if (!name.is_scalar() || name.text.empty()) {
      fail(name.where, "extends", fmt::format("{} instead of a file", describe(name)),
           "write a file name or a list of them");
    }
    if (name.text.find("${") != std::string::npos) {
      fail(name.where, "extends", "a ${…}, which is resolved only after the files are known",
           "write the file name itself");
    }
    const std::string file = resolve_path(name.text, name.where).string();
    refuse_cycle(file, name.where);
    const std::string identity = identity_(file);
    const auto known = composed_.find(identity);
    if (known != composed_.end()) return known->second;
    if (composed_.size() + open_.size() >= most_files) {
      fail(name.where, "extends", fmt::format("more than {} files", most_files), "extend fewer");
    }
    return composed_.emplace(identity, compose(read_base(file, name.where), file)).first->second;
  }

  std::string read_base(const std::string& file, const Position& where) const {
    try {
      return read_(file);
    } catch (const UserError& error) {
      const Problem& problem = error.problems().front();
      fail(where, "extends", fmt::format("'{}': {}", file, problem.what), problem.remedy);
    }
  }

  void refuse_cycle(const std::string& file, const Position& where) const {
    const auto is_same = [&](const std::string& other) { return identity_(other) == identity_(file); };
    const auto first = std::find_if(open_.begin(), open_.end(), is_same);
    if (first == open_.end()) return;
    fail(where, "extends", fmt::format("files extend each other: {} → {}", fmt::join(first, open_.end(), " → "), file),
         "break the circle");
  }

  // Bases in order, each over the ones before. Where two differ, the file that extends them has to say which it means.
  YamlNode merge_bases(const std::vector<YamlNode>& bases, const YamlNode& own) {
    YamlNode merged;
    merged.kind = YamlNode::Kind::map;
    for (const YamlNode& base : bases) {
      for (const MergeConflict& conflict : find_conflicts(merged, base)) {
        if (!decides(own, conflict.path)) add_conflict(conflict);
      }
      merge(merged, base, problems_);
    }
    return merged;
  }

  void add_conflict(const MergeConflict& conflict) {
    std::string path;
    for (const std::string& key : conflict.path) path = join_path(path, key);
    problems_.add(conflict.second, path,
                  fmt::format("differs from {}, and both are extended", to_string(conflict.first)),
                  fmt::format("set it in {} too", open_.back()));
  }

  FileReader read_;
  Identity identity_;
  Problems problems_;
  std::vector<std::string> files_;            // in the order in which they were completed
  std::vector<std::string> open_;             // the chain of extends that leads to the file being read
  std::map<std::string, YamlNode> composed_;  // by canonical name
};

}  // namespace

Document load_document(const fs::path& file, std::span<const std::string> overrides,
                       std::span<const AlternativeKeys> alternatives) {
  return load_document_text(read_document(file), file.string(), overrides, alternatives);
}

Document load_document_text(const std::string& text, const std::string& file, std::span<const std::string> overrides,
                            std::span<const AlternativeKeys> alternatives) {
  Composer composer(read_document, identity_on_disk);
  Document document;
  document.root = composer.compose(text, file);
  Problems problems = composer.problems();
  for (const std::string& override_text : overrides) {
    apply_override(document.root, override_text, alternatives, problems);
  }
  interpolate(document.root, problems);
  problems.throw_if_any();
  document.file = file;
  document.folder = fs::path(file).parent_path();
  document.text = text;
  document.overrides.assign(overrides.begin(), overrides.end());
  document.files = composer.take_files();
  return document;
}

YamlNode without_extends(const std::string& file, const FileReader& read) {
  Composer composer(read, identity_by_name);
  YamlNode root = composer.compose(read(file), file);
  composer.problems().throw_if_any();
  return root;
}

fs::path resolve_path(const std::string& path, const Position& where) {
  if (where.line <= 0) return fs::path(path).lexically_normal();
  return (fs::path(where.file).parent_path() / path).lexically_normal();
}

}  // namespace duel
