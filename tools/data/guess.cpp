#include "tools/data/guess.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>

#include "data/errors.hpp"
#include "data/file_tree.hpp"
#include "data/gzip.hpp"
#include "data/npy_header.hpp"
#include "plugins/datasets/cifar10.hpp"
#include "plugins/datasets/image_store.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

YamlNode component(const std::string& kind, const std::vector<std::pair<std::string, std::string>>& parameters) {
  YamlNode inner;
  inner.kind = YamlNode::Kind::map;
  for (const auto& [key, text] : parameters) inner.entries.push_back({key, {}, YamlNode::scalar(text, {}, true)});
  YamlNode out;
  out.kind = YamlNode::Kind::map;
  out.entries.push_back({kind, {}, inner});
  return out;
}

// The file of labels that lies beside a file of images, by the names that MNIST and its relatives use.
std::optional<fs::path> labels_beside(const fs::path& images) {
  std::string name = images.filename().string();
  for (const auto& [from, to] : {std::pair{"images", "labels"}, std::pair{"idx3", "idx1"}}) {
    const std::size_t at = name.find(from);
    if (at != std::string::npos) name.replace(at, std::strlen(from), to);
  }
  const fs::path labels = images.parent_path() / name;
  std::error_code error;
  if (labels == images || !fs::exists(labels, error)) return std::nullopt;
  return labels;
}

YamlNode idx(const fs::path& images) {
  std::vector<std::pair<std::string, std::string>> parameters{{"images", images.string()}};
  if (const auto labels = labels_beside(images)) parameters.emplace_back("labels", labels->string());
  return component("idx", parameters);
}

YamlNode pictures_or_cifar10(const fs::path& path) {
  const auto file_name = [](const std::string& name) { return fs::path(name).filename().string(); };
  const FileTree tree(
      path, [&](const std::string& name) { return is_picture_name(name) || is_cifar10_name(file_name(name)); });
  if (std::ranges::any_of(tree.files(), is_cifar10_name, file_name)) {
    return component("cifar10", {{"path", path.string()}, {"part", "all"}});
  }
  if (tree.files().empty()) fail_data(path, "holds no data of a known kind", "say what it is with --as");
  return component("images", {{"path", path.string()}});
}

YamlNode guess_folder(const fs::path& folder) {
  std::set<fs::path> images;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path& path = entry->path();
    const std::string name = path.filename().string();
    if (name.find("-images-idx3-ubyte") != std::string::npos && !name.ends_with(".part")) images.insert(path);
  }
  if (error) fail_data(folder, "cannot list the folder: " + error.message());
  if (images.empty()) return pictures_or_cifar10(folder);
  return idx(*images.rbegin());  // train-…, rather than t10k-…
}

// The first bytes, of what is inside if it is gzip.
Bytes beginning(const fs::path& file) {
  constexpr std::size_t enough = 4096;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) fail_data(file, "cannot be read");
  std::vector<char> text(enough);
  stream.read(text.data(), std::ssize(text));
  const auto read = std::as_bytes(std::span(text)).first(static_cast<std::size_t>(stream.gcount()));
  const Bytes bytes(read.begin(), read.end());
  if (!is_gzip(bytes)) return bytes;
  return gunzip_beginning(read_file(file), 512, file);
}

bool begins_with(const Bytes& bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

bool is_idx(const Bytes& bytes) {
  const auto byte = [&](std::size_t i) { return std::to_integer<int>(bytes[i]); };
  return bytes.size() >= 8 && byte(0) == 0 && byte(1) == 0 && byte(2) >= 0x08 && byte(2) <= 0x0e && byte(3) >= 1 &&
         byte(3) <= 4;
}

YamlNode guess_file(const fs::path& file) {
  const Bytes bytes = beginning(file);
  if (bytes.empty()) fail_data(file, "is empty (0 bytes)", "fetch or make the file again");
  if (is_idx(bytes)) return idx(file);
  if (begins_with(bytes, "\x93NUMPY")) {
    const bool image = parse_npy_header(bytes, file).extents.size() >= 3;
    return component("npy", {{image ? "image" : "point", file.string()}});
  }
  if (begins_with(bytes, "\x89HDF\r\n\x1a\n")) {
    fail_data(file, "is an HDF5 file, which may hold anything",
              "say what it is: --as 'hdf5: {path: " + file.string() + ", image: NAME}'");
  }
  if (is_cifar10_name(file.filename().string())) {
    fail_data(file, "is one of the batches of CIFAR-10", "give their folder");
  }
  if (is_picture_name(file.string())) fail_data(file, "is a single file", "give a folder or an archive of pictures");
  if (file.extension() == ".csv") return component("csv", {{"path", file.string()}});
  return pictures_or_cifar10(file);
}

}  // namespace

YamlNode guess_dataset(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) fail_data(path, "there is no such folder or file");
  return fs::is_directory(status) ? guess_folder(path) : guess_file(path);
}

}  // namespace duel
