#include "plugins/datasets/cifar10.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "data/arrays.hpp"
#include "data/errors.hpp"
#include "data/file_tree.hpp"
#include "data/gzip.hpp"
#include "plugins/datasets/published.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t side = 32;
constexpr std::size_t plane = side * side;
constexpr std::size_t record = 1 + 3 * plane;  // the label, then the planes of red, green and blue

// A batch has 10,000 examples; many more are allowed, yet no file can take all memory.
constexpr uint64_t most_bytes = uint64_t{1} << 30;

const std::vector<std::string> class_names{"airplane", "automobile", "bird",  "cat",  "deer",
                                           "dog",      "frog",       "horse", "ship", "truck"};

std::string without_folders(const std::string& name) { return fs::path(name).filename().string(); }

// The names that the batches of a part have, without ".gz".
std::vector<std::string> batch_names(const std::string& part) {
  std::vector<std::string> names;
  for (int i = 1; part != "test" && i <= 5; ++i) names.push_back(fmt::format("data_batch_{}.bin", i));
  if (part != "train") names.push_back("test_batch.bin");
  return names;
}

std::string without_gz(const std::string& name) {
  return name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name;
}

Bytes read_batch(const FileTree& tree, std::size_t file) {
  const fs::path place = tree.place(file);
  Bytes content = tree.read(file);
  if (is_gzip(content)) content = gunzip_all(content, most_bytes, place);
  if (content.empty() || content.size() % record != 0) {
    fail_data(place, fmt::format("has {} bytes, expected a multiple of {}", content.size(), record),
              "fetch the file again");
  }
  return content;
}

// The folder or archive of the batches. The archive as published may also lie in the folder, where `duel data fetch`
// puts it.
FileTree open_batches(const fs::path& path) {
  const auto is_batch = [](const std::string& name) { return is_cifar10_name(without_folders(name)); };
  require_published(path, "cifar10", path.has_extension() ? path.parent_path() : path);
  FileTree tree(path, is_batch);
  const fs::path archive = path / "cifar-10-binary.tar.gz";
  return tree.files().empty() && fs::exists(archive) ? FileTree(archive, is_batch) : std::move(tree);
}

struct Examples {
  Bytes images;
  Bytes labels;
};

void add_examples(const Bytes& batch, const fs::path& file, Examples& out) {
  const std::size_t before = out.images.size();
  out.images.resize(before + batch.size() / record * 3 * plane);
  std::byte* image = out.images.data() + before;
  for (std::size_t at = 0; at < batch.size(); at += record, image += 3 * plane) {
    if (std::to_integer<std::size_t>(batch[at]) >= class_names.size()) {
      fail_data(
          file,
          fmt::format("label {} (counted from 0) is {}, expected 0 to 9", at / record, std::to_integer<int>(batch[at])),
          "is it CIFAR-10 in its binary form?");
    }
    out.labels.push_back(batch[at]);
    const std::byte* planes = batch.data() + at + 1;
    for (std::size_t i = 0; i < plane; ++i) {
      for (std::size_t c = 0; c < 3; ++c) image[3 * i + c] = planes[c * plane + i];
    }
  }
}

}  // namespace

bool is_cifar10_name(const std::string& name) {
  const auto names = batch_names("all");
  return std::ranges::find(names, without_gz(name)) != names.end();
}

std::unique_ptr<Dataset> Cifar10Source::open(const OpenOptions&) const {
  const FileTree tree = open_batches(path);
  std::map<std::string, std::size_t> found;
  for (std::size_t file = 0; file < tree.files().size(); ++file) {
    found[without_gz(without_folders(tree.files()[file]))] = file;
  }
  Examples examples;
  std::string missing;
  for (const std::string& name : batch_names(part)) {
    const auto batch = found.find(name);
    if (batch == found.end()) {
      if (missing.empty()) missing = name;
      continue;
    }
    const bool gap = !missing.empty() && name != "test_batch.bin";
    if (gap) fail_data(path, fmt::format("holds {} but not {}", name, missing), "fetch the missing batch");
    add_examples(read_batch(tree, batch->second), tree.place(batch->second), examples);
  }
  if (examples.labels.empty()) {
    fail_data(path, fmt::format("holds no {}, plain or as .gz", missing), "fetch it: duel data fetch cifar10");
  }
  std::vector<ExampleArray> arrays;
  arrays.push_back({{"image", {side, side, 3}, 0}, ElementType::u8, std::move(examples.images), 0, path});
  arrays.push_back(
      {{"label", {}, std::ssize(class_names), class_names}, ElementType::u8, std::move(examples.labels), 0, path});
  return make_array_dataset(std::move(arrays));
}

void Cifar10Source::declare(Declaration<Cifar10Source>& d) {
  d.help("CIFAR-10 in its binary form: the folder of its batches, or the archive; fields image and label");
  d.reference("Krizhevsky 2009, Learning multiple layers of features from tiny images");
  d.parameter("path", &Cifar10Source::path, "folder or tar archive with data_batch_1.bin …, test_batch.bin")
      .main()
      .required();
  d.parameter("part", &Cifar10Source::part, "which batches").one_of({"train", "test", "all"});
}

}  // namespace duel
