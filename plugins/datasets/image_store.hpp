// Files of pictures brought to one form, checked, decoded when asked for, and kept as far as memory goes: what the data
// sets of picture files have in common.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "data/dataset.hpp"
#include "data/file_tree.hpp"
#include "data/image.hpp"
#include "data/image_cache.hpp"

namespace duel {

// The parameters that say what form.
struct ImageOptions {
  std::vector<int64_t> size;        // [height, width] or one number for both; empty: that of the first picture
  std::string fit = "crop";         // how another size is reached: crop | stretch
  std::optional<int64_t> channels;  // 1, 3 or 4; else 1 if all are grey, else 3
  int64_t bits = 8;
  int64_t background = 0;
  std::string check = "content";
  std::string cache = "1 GiB";

  // What is wrong with them, or "".
  std::string image_conflict() const;
  int64_t cache_bytes() const;

  template <class Component>
  static void declare_images(Declaration<Component>& d) {
    d.parameter("size", &Component::size, "height and width in pixels, or one number for both; default: all have one")
        .min(1)
        .max(1 << 14);
    d.parameter("fit", &Component::fit,
                "how pictures of another size reach it: cut out the middle, or change the ratio")
        .one_of({"crop", "stretch"});
    d.parameter("channels", &Component::channels, "1 grey, 3 colours, 4 and alpha; default: 1 if all are grey, else 3")
        .min(1)
        .max(4);
    d.parameter("bits", &Component::bits, "8, or 16 to keep what 16-bit pictures have").min(8).max(16);
    d.parameter("background", &Component::background, "grey behind transparent pixels, unless channels is 4")
        .min(0)
        .max(255);
    d.parameter("check", &Component::check,
                "what is looked at when opened: all pixels, or what files say of themselves")
        .one_of({"content", "headers"});
    d.parameter("cache", &Component::cache, "memory for decoded pictures: a size, or none; the rest is decoded anew");
  }
};

// Whether a name looks like that of a picture, in a format that is read or not.
bool is_picture_name(const std::string& name);

// A file, or one half of the picture in it.
struct ImageFile {
  enum class Part { whole, left, right };
  std::shared_ptr<const FileTree> tree;
  std::size_t file = 0;
  Part part = Part::whole;
};

// Immutable once made, but for the cache; thread-safe. Decodes on several threads when made.
class ImageStore {
 public:
  // Looks at all files. What is wrong with one of them is noted (problem()), not thrown.
  ImageStore(std::vector<ImageFile> files, const ImageOptions& options);

  int64_t size() const { return static_cast<int64_t>(entries_.size()); }
  // Height, width, channels of all of them; without elements if none could be read.
  const Shape& shape() const { return shape_; }
  const std::optional<Problem>& problem(int64_t image) const { return entry(image).problem; }
  // The file below its root.
  const std::string& name(int64_t image) const { return entry(image).name; }
  // SHA-256 of the file.
  const std::string& file_hash(int64_t image) const { return entry(image).file_hash; }

  // What follows is for images without a problem; throws UserError(ExitCode::data) for a file that has changed.
  void read(int64_t image, float* out) const;
  uint64_t content_key(int64_t image) const;

 private:
  struct Entry {
    ImageFile source;
    std::string name;
    ImageHeader header;
    std::string file_hash;
    std::optional<Problem> problem;
    std::optional<uint64_t> key;
  };

  const Entry& entry(int64_t image) const { return entries_[static_cast<std::size_t>(image)]; }
  void read_headers();
  void choose_form();
  void check_sizes(const Entry& first);
  void check_contents();
  Bytes decode(const Entry& entry) const;
  Bytes resized(const Image& image) const;

  ImageOptions options_;
  std::vector<Entry> entries_;
  Shape shape_{0, 0, 0};
  std::unique_ptr<ImageCache> cache_;
};

// Which of `count` examples are good; `problem_of(example)` is what is wrong with it. Throws UserError for the first
// bad one, unless told to skip it, and when none is left; `root` is named then.
struct GoodExamples {
  std::vector<int64_t> examples;
  std::vector<Problem> skipped;
};
GoodExamples choose_good(int64_t count, const std::function<std::optional<Problem>(int64_t)>& problem_of,
                         const OpenOptions& options, const std::filesystem::path& root);

// Makes a value once for each choice of options: an experiment's data is opened when it is checked and again when it is
// trained, and its pictures need not be decoded twice.
template <class Value>
class OpenedOnce {
 public:
  template <class Make>
  std::shared_ptr<const Value> get(const OpenOptions& options, Make&& make) const {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<const Value>& value = values_[options.skip_bad_files];
    if (value == nullptr) value = make();
    return value;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::map<bool, std::shared_ptr<const Value>> values_;
};

}  // namespace duel
