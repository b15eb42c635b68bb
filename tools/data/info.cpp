#include <CLI/CLI.hpp>

#include "data/dataset.hpp"
#include "store/png.hpp"
#include "tools/data/contact_sheet.hpp"
#include "tools/data/data.hpp"
#include "tools/data/description.hpp"
#include "tools/data/guess.hpp"
#include "tools/overwrite.hpp"
#include "yaml/compose.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

struct InfoOptions {
  std::string path;
  std::string as;
  std::string sheet;
  bool json = false;
};

// The data set that an experiment names.
YamlNode dataset_of_experiment(const std::string& file) {
  const Document document = load_document(file, {});
  const YamlNode* data = document.root.find("data");
  const YamlNode* train = data != nullptr ? data->find("train") : nullptr;
  if (train == nullptr) {
    throw UserError(ExitCode::experiment, Problem{{file, 0, 0}, "data.train", "the experiment uses no data", {}, {}});
  }
  return *train;
}

YamlNode written_dataset(const InfoOptions& options) {
  if (!options.as.empty()) return parse_yaml(options.as, "--as");
  const std::string extension = fs::path(options.path).extension().string();
  if (extension == ".yaml" || extension == ".yml") return dataset_of_experiment(options.path);
  return guess_dataset(options.path);
}

std::string one_line(const YamlNode& node) {
  if (!node.is_map()) return node.text;
  std::string text;
  for (const YamlNode::Entry& entry : node.entries) {
    const std::string value = entry.value.is_map() ? "{" + one_line(entry.value) + "}" : one_line(entry.value);
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", entry.key, value);
  }
  return text;
}

int info(const InfoOptions& options, const Registry& registry) {
  if (options.path.empty() == options.as.empty()) {
    throw UserError(ExitCode::experiment, "give a path, or --as with a data set as an experiment writes it");
  }
  if (!options.sheet.empty()) refuse_overwrite(options.sheet, OutputKind::picture);
  const YamlNode written = written_dataset(options);
  Problems problems;
  ReadContext context{registry, problems, "data.train"};
  const auto source = registry.datasets.read(written, context);
  problems.throw_if_any();
  const auto dataset = source->open({.skip_bad_files = source->has_separate_files()});
  const DataDescription description = describe_data(*dataset);
  if (!options.sheet.empty()) {
    const Picture picture = contact_sheet(*dataset);
    write_png(options.sheet, picture.height, picture.width, picture.channels, picture.pixels);
  }
  const std::string name = one_line(written);
  print_out(options.json ? description_json(description, name) : description_text(description, name));
  return 0;
}

}  // namespace

void add_info_command(CLI::App& data, CommandLine& line) {
  auto options = std::make_shared<InfoOptions>();
  CLI::App* command = data.add_subcommand("info", "describe a data set: a file, folder, archive or experiment");
  command->add_option("path", options->path, "file, folder, archive, or an experiment that names data");
  command->add_option("--as", options->as,
                      "instead, a data set as written in experiments: 'images: {path: x, size: 64}'");
  command->add_option("-o,--output", options->sheet, "contact sheet to write (PNG)");
  command->add_flag("--json", options->json, "print one JSON object");
  command->callback([options, &line] { line.run = [options, &line] { return info(*options, line.registry); }; });
}

}  // namespace duel
