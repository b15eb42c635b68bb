#include "tools/score/side.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "data/errors.hpp"
#include "data/npy_array.hpp"
#include "plugins/datasets/hdf5_array.hpp"
#include "tools/data/guess.hpp"
#include "tools/score/image_data.hpp"
#include "yaml/document.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

constexpr const char* forms =
    "give FILE.npy, FILE.h5:/DATASET, statistics as FILE.npz or FILE.h5, a folder or archive of images, or a data set "
    "as "
    "experiments write it, 'images: {path: photos, size: 64}'";

// An array file, whatever its format.
struct Array {
  std::string place;
  std::vector<int64_t> extents;
  ElementType type;
  Bytes bytes;
  std::size_t offset;
};

bool holds_images(const Array& array) {
  constexpr int64_t most_channels = 4;
  return array.extents.size() == 3 || (array.extents.size() == 4 && array.extents[3] <= most_channels);
}

NamedSide images_of(Array array, const SideOptions& options) {
  const Shape shape = image_shape(std::span(array.extents).subspan(1), array.place);
  const FeatureMatrix values(array.extents[0], shape, array.type, std::move(array.bytes), array.offset, array.place,
                             {"pixels", {}, "none", {}});
  NamedSide side;
  side.range_applies = array.type != ElementType::u8;
  if (side.range_applies) {
    Pixels pixels = pixels_of(values, options.range);
    side.data.images = std::move(pixels.images);
    side.warnings = std::move(pixels.warnings);
  } else {
    side.data.images = values;
  }
  return side;
}

NamedSide side_of(Array array, const SideOptions& options) {
  if (array.extents.empty()) fail_data(array.place, "holds a lone number, expected an array of examples");
  const auto width = checked_product(std::span(array.extents).subspan(1));
  if (!width) fail_data(array.place, fmt::format("has impossible extents, {}", extents_text(array.extents)));
  check_channels_last(std::span(array.extents).subspan(1), array.place, "if they are no images: x.reshape(len(x), -1)");
  if (holds_images(array)) return images_of(std::move(array), options);
  const FeatureOrigin origin{"values", {}, array.extents.size() > 2 ? "flattened" : "none", {}};
  NamedSide side;
  side.data = FeatureMatrix(array.extents[0], Shape{*width}, array.type, std::move(array.bytes), array.offset,
                            array.place, origin);
  return side;
}

Array read_npy(const std::string& file) {
  NpyArray array = decode_npy(read_file(file, largest_array), file);
  return {file, std::move(array.extents), array.type, std::move(array.bytes), array.offset};
}

// FILE.h5:/DATASET, and behind it [INDEX] or [step=STEP].
struct DatasetName {
  std::string file;
  std::string dataset;
  std::optional<int64_t> index;  // of the first axis
  std::optional<int64_t> step;   // that the data set `step` beside has in the place of the index

  std::string steps() const { return dataset.substr(0, dataset.rfind('/') + 1) + "step"; }
};

DatasetName parse_dataset_name(const std::string& name, std::size_t colon) {
  DatasetName out{name.substr(0, colon), name.substr(colon + 1), {}, {}};
  const std::size_t bracket = out.dataset.rfind('[');
  if (!out.dataset.ends_with(']') || bracket == std::string::npos) return out;
  std::string_view inside(out.dataset);
  inside = inside.substr(bracket + 1, inside.size() - bracket - 2);
  constexpr std::string_view step = "step=";
  const bool is_step = inside.starts_with(step);
  const auto number = parse_integer(is_step ? inside.substr(step.size()) : inside);
  if (!number) {
    throw UserError(ExitCode::experiment, fmt::format("{}: '{}' names no entry of the data set", name, inside),
                    "write [0], [-1] for the last, or [step=600]");
  }
  (is_step ? out.step : out.index) = *number;
  out.dataset.resize(bracket);
  return out;
}

// Which entry is that of the step.
int64_t index_of_step(const Hdf5File& file, const DatasetName& name) {
  const Hdf5File::Array array = file.read(name.steps(), true);
  std::vector<double> steps(array.bytes.size() / static_cast<std::size_t>(size_of(array.type)));
  convert_elements(array.type, array.bytes.data(), std::ssize(steps), steps.data());
  const auto found = std::ranges::find(steps, static_cast<double>(*name.step));
  if (found == steps.end()) {
    fail_data(name.file, fmt::format("{} has no entry of step {}", name.dataset, *name.step),
              fmt::format("it has those of {}", fmt::join(steps, ", ")));
  }
  return found - steps.begin();
}

Array read_dataset(const std::string& name, std::size_t colon) {
  DatasetName parsed = parse_dataset_name(name, colon);
  const Hdf5File file(parsed.file);
  if (parsed.step) parsed.index = index_of_step(file, parsed);
  // A run's samples: the first axis would be taken for the examples.
  if (!parsed.index && file.holds(parsed.dataset) && file.holds(parsed.steps())) {
    fail_data(
        parsed.file, fmt::format("{} holds the snapshots of several steps", parsed.dataset),
        fmt::format("say which: {}[-1] is the newest, {}[step=600] that of a step", parsed.dataset, parsed.dataset));
  }
  Hdf5File::Array array = file.read(parsed.dataset, true, parsed.index);
  return {name, array.extents, array.type, std::move(array.bytes), 0};
}

NamedSide images_at(const std::string& name, const YamlNode& written, const Registry& registry) {
  NamedSide side;
  side.data.images = read_images(name, written, registry);
  return side;
}

bool exists(const std::string& name) {
  std::error_code ignored;
  return fs::exists(name, ignored);
}

// The folder or archive as an experiment would write it.
YamlNode guessed(const std::string& name) {
  try {
    return guess_dataset(name);
  } catch (const UserError& error) {
    Problem problem = error.problems().front();
    problem.remedy = forms;  // the guess's own is for `duel data info`
    throw UserError(error.code(), problem);
  }
}

}  // namespace

NamedSide read_side(const std::string& name, const SideOptions& options) {
  const bool is_written_out = name.find(": ") != std::string::npos || name.find('{') != std::string::npos;
  if (is_written_out && !exists(name)) return images_at(name, parse_yaml(name, options.role), options.registry);
  const std::size_t colon = name.rfind(":/");
  if (colon != std::string::npos) {
    return side_of(read_dataset(name, colon), options);
  }
  if (fs::path(name).extension() == ".npy") return side_of(read_npy(name), options);
  if (is_statistics_name(name)) {
    NamedSide side;
    side.data = read_statistics(name);
    return side;
  }
  if (exists((fs::path(name) / "run.h5").string())) {
    throw UserError(
        ExitCode::experiment, fmt::format("{}: a run folder is no folder of images", name),
        fmt::format("score its samples, '{}/run.h5:/samples/NAME/values[-1]', or the run: 'duel evaluate {}'", name,
                    name));
  }
  if (exists(name)) return images_at(name, guessed(name), options.registry);
  throw UserError(ExitCode::experiment, fmt::format("{}: neither there nor features or statistics by its name", name),
                  forms);
}

}  // namespace duel
