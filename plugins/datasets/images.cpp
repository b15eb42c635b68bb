#include "plugins/datasets/images.hpp"

#include <algorithm>
#include <set>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "data/errors.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// The first folder of a name, behind `prefix`; empty if the file lies right there.
std::string first_folder(const std::string& name, std::size_t prefix) {
  const std::size_t slash = name.find('/', prefix);
  return slash == std::string::npos ? "" : name.substr(prefix, slash - prefix);
}

// The folders right behind a prefix of names, sorted.
std::vector<std::string> folders_behind(const FileTree& tree, const std::string& prefix) {
  std::set<std::string> found;
  for (const std::string& folder : tree.folders()) {
    if (folder.starts_with(prefix)) found.insert(first_folder(folder + "/", prefix.size()));
  }
  return {found.begin(), found.end()};
}

// Which pictures are taken, and what their classes are. A class of -1: there are none.
struct Labelling {
  std::vector<std::string> names;
  std::vector<std::size_t> files;
  std::vector<int64_t> labels;
};

class Classifier {
 public:
  Classifier(const FileTree& tree, const std::vector<std::string>& wanted) : tree_(tree), wanted_(wanted) {
    enter_lone_folders();
    for (const std::string& name : tree.files()) {
      (first_folder(name, prefix_.size()).empty() ? loose_ : sorted_).push_back(&name);
    }
  }

  Labelling without_classes() const {
    Labelling out;
    for (std::size_t file = 0; file < tree_.files().size(); ++file) add(out, file, -1);
    return out;
  }

  Labelling by_folder() const {
    if (sorted_.empty() && wanted_.empty()) return without_classes();
    if (!loose_.empty()) {
      fail_data(tree_.root() / *loose_.front(), "lies beside the folders that are classes",
                "move such files into a folder, or set labels: none");
    }
    Labelling out;
    out.names = wanted_.empty() ? folders_behind(tree_, prefix_) : wanted_;
    check_folders(out.names);
    for (std::size_t file = 0; file < tree_.files().size(); ++file) {
      const auto found = std::ranges::find(out.names, first_folder(tree_.files()[file], prefix_.size()));
      if (found != out.names.end()) add(out, file, found - out.names.begin());
    }
    return out;
  }

 private:
  static void add(Labelling& out, std::size_t file, int64_t label) {
    out.files.push_back(file);
    out.labels.push_back(label);
  }

  // Archives often have one folder around everything.
  void enter_lone_folders() {
    for (;;) {
      const std::vector<std::string> folders = folders_behind(tree_, prefix_);
      if (folders.size() != 1 || std::ranges::find(wanted_, folders.front()) != wanted_.end()) return;
      const std::string inside = prefix_ + folders.front() + "/";
      const auto is_inside = [&](const std::string& name) { return name.starts_with(inside); };
      if (!std::ranges::all_of(tree_.files(), is_inside)) return;
      prefix_ = inside;
    }
  }

  void check_folders(const std::vector<std::string>& names) const {
    const std::vector<std::string> folders = folders_behind(tree_, prefix_);
    for (const std::string& name : names) {
      if (std::ranges::find(folders, name) != folders.end()) continue;
      fail_data(tree_.root(), fmt::format("has no folder '{}' of pictures", name), suggestion(name, folders));
    }
  }

  const FileTree& tree_;
  const std::vector<std::string>& wanted_;
  std::string prefix_;
  std::vector<const std::string*> loose_, sorted_;
};

// Were a class left out, the others would be numbered differently.
void check_classes(const Labelling& labelling, const std::vector<int64_t>& examples, const fs::path& root) {
  std::vector<int64_t> counts(labelling.names.size(), 0);
  for (const int64_t example : examples) {
    const int64_t label = labelling.labels[static_cast<std::size_t>(example)];
    if (label >= 0) ++counts[static_cast<std::size_t>(label)];
  }
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] > 0) continue;
    fail_data(root, fmt::format("class '{}' has no good picture", labelling.names[c]),
              "add some, remove the folder, or name the classes to use in 'classes'");
  }
}

}  // namespace

struct ImagesSource::Opened {
  Labelling labelling;
  std::unique_ptr<ImageStore> store;
  GoodExamples good;
  std::vector<Field> fields;
  std::string fingerprint;
};

namespace {

class ImagesDataset final : public Dataset {
 public:
  explicit ImagesDataset(std::shared_ptr<const ImagesSource::Opened> opened) : opened_(std::move(opened)) {}

  const std::vector<Field>& fields() const override { return opened_->fields; }
  std::optional<int64_t> size() const override { return std::ssize(opened_->good.examples); }
  void read(int64_t index, std::span<float* const> out) const override {
    DUEL_CHECK(out.size() == opened_->fields.size(), "{} outputs for {} fields", out.size(), opened_->fields.size());
    const int64_t image = image_of(index);
    opened_->store->read(image, out[0]);
    if (out.size() > 1) *out[1] = static_cast<float>(opened_->labelling.labels[static_cast<std::size_t>(image)]);
  }
  std::string fingerprint() const override { return opened_->fingerprint; }
  uint64_t content_key(int64_t index) const override { return opened_->store->content_key(image_of(index)); }
  std::string example_name(int64_t index) const override { return opened_->store->name(image_of(index)); }
  std::vector<Problem> skipped_files() const override { return opened_->good.skipped; }

 private:
  int64_t image_of(int64_t index) const {
    DUEL_CHECK(index >= 0 && index < *size(), "example {} of {}", index, *size());
    return opened_->good.examples[static_cast<std::size_t>(index)];
  }

  std::shared_ptr<const ImagesSource::Opened> opened_;
};

}  // namespace

std::string ImagesSource::conflict() const {
  const bool twice = std::set(classes.begin(), classes.end()).size() < classes.size();
  if (twice) return "'classes' names a folder twice";
  if (labels == "none" && !classes.empty()) return "'classes' has no meaning with labels: none";
  return image_conflict();
}

std::unique_ptr<Dataset> ImagesSource::open(const OpenOptions& options) const {
  return std::make_unique<ImagesDataset>(opened_.get(options, [&] { return open_files(options); }));
}

std::shared_ptr<const ImagesSource::Opened> ImagesSource::open_files(const OpenOptions& options) const {
  auto out = std::make_shared<Opened>();
  const auto tree = std::make_shared<const FileTree>(path, is_picture_name);
  if (tree->files().empty()) fail_data(path, "holds no PNG or JPEG pictures");
  const Classifier classifier(*tree, classes);
  out->labelling = labels == "none" ? classifier.without_classes() : classifier.by_folder();
  std::vector<ImageFile> files;
  for (const std::size_t file : out->labelling.files) files.push_back({tree, file, ImageFile::Part::whole});
  out->store = std::make_unique<ImageStore>(std::move(files), *this);
  const ImageStore& store = *out->store;
  out->good = choose_good(
      store.size(), [&](int64_t i) { return store.problem(i); }, options, path);
  check_classes(out->labelling, out->good.examples, path);

  const auto& names = out->labelling.names;
  out->fields.push_back({"image", store.shape(), 0});
  if (!names.empty()) out->fields.push_back({"label", {}, std::ssize(names), names});
  Sha256 hash;
  hash.update(fmt::format("images {} {} {} {}\n", to_string(store.shape()), fit, bits, background));
  for (const int64_t i : out->good.examples) {
    hash.update(fmt::format("{} {}\n", store.file_hash(i), out->labelling.labels[static_cast<std::size_t>(i)]));
  }
  out->fingerprint = hash.hex();
  return out;
}

void ImagesSource::declare(Declaration<ImagesSource>& d) {
  d.help("PNG and JPEG files of a folder, or of a tar or zip archive; fields image and, by sub-folders, label");
  d.parameter("path", &ImagesSource::path, "the folder or archive").main().required();
  d.parameter("labels", &ImagesSource::labels, "where the class comes from").one_of({"folders", "none"});
  d.parameter("classes", &ImagesSource::classes,
              "the folders to use, in the order of their labels; default: all, by name");
  declare_images(d);
}

}  // namespace duel
