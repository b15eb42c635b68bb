#include "plugins/datasets/only.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/hash.hpp"

namespace duel {
namespace {

// Rows of another data set.
class Selection final : public Dataset {
 public:
  Selection(std::unique_ptr<Dataset> whole, std::vector<int64_t> rows, std::string description)
      : whole_(std::move(whole)), rows_(std::move(rows)), description_(std::move(description)) {}

  const std::vector<Field>& fields() const override { return whole_->fields(); }
  std::optional<int64_t> size() const override { return std::ssize(rows_); }
  void read(int64_t index, std::span<float* const> out) const override { whole_->read(row(index), out); }
  std::string fingerprint() const override { return sha256_hex(whole_->fingerprint() + description_); }
  uint64_t content_key(int64_t index) const override { return whole_->content_key(row(index)); }
  std::string example_name(int64_t index) const override { return whole_->example_name(row(index)); }
  std::vector<Problem> skipped_files() const override { return whole_->skipped_files(); }

 private:
  int64_t row(int64_t index) const { return rows_[static_cast<std::size_t>(index)]; }

  std::unique_ptr<Dataset> whole_;
  std::vector<int64_t> rows_;
  std::string description_;
};

struct Range {
  int64_t begin;
  int64_t end;
};

Range range_of(const Dataset& data, const std::vector<int64_t>& examples) {
  const auto size = data.size();
  if (!size) throw UserError(ExitCode::data, "only: the data set has no end", "give it a `count`");
  if (examples.empty()) return {0, *size};
  if (examples[1] > *size) {
    throw UserError(
        ExitCode::data,
        fmt::format("only: the data set has {} examples, and examples up to {} are asked for", *size, examples[1]));
  }
  return {examples[0], examples[1]};
}

// The class of each example of the range.
std::vector<int64_t> labels_of(const Dataset& data, Range range) {
  const std::vector<Field>& fields = data.fields();
  const auto label = std::ranges::find(fields, "label", &Field::name);
  if (label == fields.end())
    throw UserError(ExitCode::data, "only: the data set has no labels", "give it a file of labels");
  std::vector<std::vector<float>> example;
  std::vector<float*> out;
  for (const Field& field : fields) example.emplace_back(static_cast<std::size_t>(field.shape.elements()));
  for (std::vector<float>& field : example) out.push_back(field.data());
  const float* const value = example[static_cast<std::size_t>(label - fields.begin())].data();
  std::vector<int64_t> labels;
  for (int64_t i = range.begin; i < range.end; ++i) {
    data.read(i, out);
    labels.push_back(static_cast<int64_t>(*value));
  }
  return labels;
}

void require_classes(const std::vector<int64_t>& labels, const std::vector<int64_t>& named) {
  for (const int64_t wanted : named) {
    if (std::ranges::find(labels, wanted) != labels.end()) continue;
    const std::set<int64_t> known(labels.begin(), labels.end());
    throw UserError(ExitCode::data, fmt::format("only: the data set has no example of class {}", wanted),
                    fmt::format("it has: {}", fmt::join(known, ", ")));
  }
}

}  // namespace

std::unique_ptr<Dataset> OnlySource::open(const OpenOptions& options) const {
  std::unique_ptr<Dataset> whole = of->open(options);
  const Range range = range_of(*whole, examples);
  const bool keeps = !classes.empty();
  const std::vector<int64_t>& named = keeps ? classes : except;
  std::vector<int64_t> labels;
  if (!named.empty()) {
    labels = labels_of(*whole, range);
    require_classes(labels, named);
  }
  std::vector<int64_t> rows;
  for (int64_t i = range.begin; i < range.end; ++i) {
    const bool is_named =
        !named.empty() && std::ranges::find(named, labels[static_cast<std::size_t>(i - range.begin)]) != named.end();
    if (is_named == keeps) rows.push_back(i);
  }
  if (rows.empty()) throw UserError(ExitCode::data, "only: no example is left", "leave fewer classes out");
  return std::make_unique<Selection>(
      std::move(whole), std::move(rows),
      fmt::format(" {} {} of {}", keeps ? "only" : "except", fmt::join(named, ","), fmt::join(examples, ":")));
}

std::string OnlySource::conflict() const {
  if (!classes.empty() && !except.empty())
    return "give either 'classes', those that stay, or 'except', those that do not";
  if (classes.empty() && except.empty() && examples.empty()) return "give 'classes' or 'except', or 'examples'";
  if (!examples.empty() && (examples.size() != 2 || examples[0] >= examples[1]))
    return "'examples' must be [FIRST, END], the first of them and the one after the last, counted from 0";
  return "";
}

void OnlySource::declare(Declaration<OnlySource>& d) {
  d.help("the examples of some classes, or of a range, of another data set; labels keep their numbers");
  d.parameter("of", &OnlySource::of, "the other data set").required();
  d.parameter("classes", &OnlySource::classes, "the classes that stay, as numbers").min(0);
  d.parameter("except", &OnlySource::except, "the classes that are left out").min(0);
  d.parameter("examples", &OnlySource::examples, "[FIRST, END]: from this one, counted from 0, to the one before END")
      .min(0);
}

}  // namespace duel
