// Document → Experiment, every problem collected.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/experiment.hpp"
#include "yaml/compose.hpp"

namespace duel {

// Reads what can be read; what is wrong is in `problems`, and the experiment is then fit for further checks only.
Experiment read_experiment(const Document& document, const Registry& registry, Problems& problems);

// An expression that a command's `option` asks for, of an experiment that was read. Throws UserError with every mistake
// in it, names that mean nothing in the experiment included.
Expression read_asked_expression(const std::string& text, const std::string& option, const Experiment& experiment,
                                 const Registry& registry);

// The keys of an experiment, in the order in which a reader expects them.
std::vector<std::string> experiment_keys();

// The text of `duel help SECTION`, or nothing: a section by its key (train), one within by its path (train.until).
std::optional<std::string> section_help(std::string_view name);
std::vector<std::string> section_names();
// A line for each section of an experiment.
std::string sections_help();

// The document as text that stands alone: every path in it absolute. What a run keeps of its experiment.
std::string portable_text(const Document& document, const Registry& registry);

// JSON Schema of a map of declared keys, by its section_info. Parts that are read by hand refer to a definition
// `section_KEY`, which the caller gives or replaces.
nlohmann::json section_schema(const ComponentInfo& info);

// JSON Schema (draft-07) of experiment files, for editors.
nlohmann::json experiment_schema(const Registry& registry);

}  // namespace duel
