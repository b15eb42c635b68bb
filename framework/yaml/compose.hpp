// From the files and the command line to one document: `extends`, overrides, `vars` and interpolation.
//
//   extends: [a.yaml, b.yaml]     relative to the file; maps merge deeply, lists replace, `_delete_: true` in a map
//                                 clears what it would merge with; two bases that set one scalar or list differently:
//                                 an error, unless this file sets it too
//   players.g.optimizer.adam.lr=2e-4     override; the value is YAML and replaces what was there; list items by
//                                 number (layers.3.dense.units=4 or layers[3].dense.units=4); a key takes the
//                                 place of its alternative, of which the caller knows
//   ~sample                              deletion of a key or list item
//   ${a.b}  ${env:NAME,default}          interpolation: a.b is looked up under `vars` first, then in the document; a
//                                        scalar that is only one ${…} takes the value whole (any kind) and its
//                                        position, else its text;
//                        $${ is a literal ${
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "yaml/document.hpp"

namespace duel {

struct Document {
  YamlNode root;                       // resolved: no extends, no vars, no ${…} left
  std::string file;                    // as given
  std::filesystem::path folder;        // relative paths in the document are relative to the file that names them
  std::string text;                    // of the file as written
  std::vector<std::string> overrides;  // as given
  std::vector<std::string> files;      // every file that was read, this one last
};

// Two keys of which a document has one at a time, as paths: an override of one replaces what a file says by the other.
// In a path, * stands for any item of a list.
struct AlternativeKeys {
  std::string one;
  std::string other;
};

// Throws UserError(ExitCode::experiment) with every problem found.
Document load_document(const std::filesystem::path& file, std::span<const std::string> overrides = {},
                       std::span<const AlternativeKeys> alternatives = {});
// The same from memory, for tests and for experiments kept in a run; `file` only names it in messages.
Document load_document_text(const std::string& text, const std::string& file,
                            std::span<const std::string> overrides = {},
                            std::span<const AlternativeKeys> alternatives = {});

// A file with all that it extends, before overrides and interpolation: what one would write without `extends`. `read`
// gives the text of a file by its name. Throws as load_document.
using FileReader = std::function<std::string(const std::filesystem::path&)>;
YamlNode without_extends(const std::string& file, const FileReader& read);

// The path of a file named in the document at `where`: relative to the folder of the file that names it; for a place
// outside any file (line 0: an override of the command line) relative to the current directory.
std::filesystem::path resolve_path(const std::string& path, const Position& where);

}  // namespace duel
