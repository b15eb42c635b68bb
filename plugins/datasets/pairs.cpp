#include "plugins/datasets/pairs.hpp"

#include <algorithm>
#include <array>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "data/content_key.hpp"
#include "data/errors.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// Example i is files[0][i] and files[1][i]. A file without a partner is an example of one bad file.
struct PairedFiles {
  std::array<std::vector<ImageFile>, 2> files;
  std::vector<Problem> alone;
};

std::shared_ptr<const FileTree> open_tree(const fs::path& path) {
  auto tree = std::make_shared<const FileTree>(path, is_picture_name);
  if (tree->files().empty()) fail_data(path, "holds no PNG or JPEG pictures");
  return tree;
}

std::map<std::string, std::size_t> by_stem(const FileTree& tree) {
  std::map<std::string, std::size_t> out;
  for (std::size_t file = 0; file < tree.files().size(); ++file) {
    const std::string stem = fs::path(tree.files()[file]).replace_extension().generic_string();
    const auto [other, added] = out.emplace(stem, file);
    if (!added)
      fail_data(tree.place(file),
                fmt::format("and {} have one name but for the extension", tree.files()[other->second]),
                "remove one of them");
  }
  return out;
}

Problem without_partner(const FileTree& tree, std::size_t file, const FileTree& other) {
  return {{tree.place(file).string(), 0, 0},
          {},
          fmt::format("has no partner of that name in {}", other.root().string()),
          "add it, or remove this one",
          {}};
}

PairedFiles two_folders(const fs::path& a, const fs::path& b) {
  const std::array trees{open_tree(a), open_tree(b)};
  const std::array stems{by_stem(*trees[0]), by_stem(*trees[1])};
  PairedFiles out;
  for (std::size_t side : {0, 1}) {
    for (const auto& [stem, file] : stems[side]) {
      const auto partner = stems[1 - side].find(stem);
      if (partner == stems[1 - side].end()) {
        out.alone.push_back(without_partner(*trees[side], file, *trees[1 - side]));
      } else if (side == 0) {
        out.files[0].push_back({trees[0], file, ImageFile::Part::whole});
        out.files[1].push_back({trees[1], partner->second, ImageFile::Part::whole});
      }
    }
  }
  return out;
}

PairedFiles side_by_side(const fs::path& path, bool a_is_left) {
  const auto tree = open_tree(path);
  PairedFiles out;
  for (std::size_t file = 0; file < tree->files().size(); ++file) {
    out.files[a_is_left ? 0 : 1].push_back({tree, file, ImageFile::Part::left});
    out.files[a_is_left ? 1 : 0].push_back({tree, file, ImageFile::Part::right});
  }
  return out;
}

}  // namespace

struct PairsSource::Opened {
  std::array<std::unique_ptr<ImageStore>, 2> stores;
  GoodExamples good;
  std::vector<Field> fields;
  std::string fingerprint;
};

namespace {

class PairsDataset final : public Dataset {
 public:
  explicit PairsDataset(std::shared_ptr<const PairsSource::Opened> opened) : opened_(std::move(opened)) {}

  const std::vector<Field>& fields() const override { return opened_->fields; }
  std::optional<int64_t> size() const override { return std::ssize(opened_->good.examples); }
  void read(int64_t index, std::span<float* const> out) const override {
    DUEL_CHECK(out.size() == 2, "{} outputs for 2 fields", out.size());
    for (std::size_t side : {0, 1}) opened_->stores[side]->read(pair(index), out[side]);
  }
  std::string fingerprint() const override { return opened_->fingerprint; }
  uint64_t content_key(int64_t index) const override {
    ContentKey key;
    for (const auto& store : opened_->stores) {
      const uint64_t part = store->content_key(pair(index));
      key.add(std::as_bytes(std::span(&part, 1)));
    }
    return key.value();
  }
  std::string example_name(int64_t index) const override { return opened_->stores[0]->name(pair(index)); }
  std::vector<Problem> skipped_files() const override { return opened_->good.skipped; }

 private:
  int64_t pair(int64_t index) const {
    DUEL_CHECK(index >= 0 && index < *size(), "example {} of {}", index, *size());
    return opened_->good.examples[static_cast<std::size_t>(index)];
  }

  std::shared_ptr<const PairsSource::Opened> opened_;
};

}  // namespace

std::string PairsSource::conflict() const {
  const bool two = !a.empty() && !b.empty();
  if (a.empty() != b.empty() || two == !path.empty()) return "give 'a' and 'b', or 'path' alone";
  return image_conflict();
}

std::unique_ptr<Dataset> PairsSource::open(const OpenOptions& options) const {
  return std::make_unique<PairsDataset>(opened_.get(options, [&] { return open_files(options); }));
}

std::shared_ptr<const PairsSource::Opened> PairsSource::open_files(const OpenOptions& options) const {
  auto out = std::make_shared<Opened>();
  PairedFiles paired = path.empty() ? two_folders(a, b) : side_by_side(path, left == "a");
  const auto pairs = std::ssize(paired.files[0]);
  for (std::size_t side : {0, 1}) {
    out->stores[side] = std::make_unique<ImageStore>(std::move(paired.files[side]), *this);
  }
  // The files without a partner count as examples behind the pairs.
  const auto problem_of = [&](int64_t i) -> std::optional<Problem> {
    if (i >= pairs) return paired.alone[static_cast<std::size_t>(i - pairs)];
    const auto& first = out->stores[0]->problem(i);
    return first ? first : out->stores[1]->problem(i);
  };
  out->good = choose_good(pairs + std::ssize(paired.alone), problem_of, options, path.empty() ? a : path);
  out->fields = {{"a", out->stores[0]->shape(), 0}, {"b", out->stores[1]->shape(), 0}};
  Sha256 hash;
  hash.update(fmt::format("pairs {} {} {} {} {} {}\n", to_string(out->fields[0].shape), to_string(out->fields[1].shape),
                          fit, bits, background, left));
  for (const int64_t i : out->good.examples) {
    hash.update(out->stores[0]->file_hash(i) + " " + out->stores[1]->file_hash(i) + "\n");
  }
  out->fingerprint = hash.hex();
  return out;
}

void PairsSource::declare(Declaration<PairsSource>& d) {
  d.help("PNG and JPEG files in pairs: two folders with equal names, or pictures side by side; fields a and b");
  d.reference("Isola et al. 2017, Image-to-image translation with conditional adversarial networks");
  d.parameter("path", &PairsSource::path, "folder or archive of pictures that are two side by side").main();
  d.parameter("a", &PairsSource::a, "instead: folder or archive of the pictures of field a");
  d.parameter("b", &PairsSource::b, "and of field b");
  d.parameter("left", &PairsSource::left, "which field the left half is").one_of({"a", "b"});
  declare_images(d);
}

}  // namespace duel
