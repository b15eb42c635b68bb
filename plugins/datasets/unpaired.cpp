#include "plugins/datasets/unpaired.hpp"

#include <fmt/format.h>

#include "base/hash.hpp"
#include "base/random.hpp"

namespace duel {
namespace {

std::vector<Field> named(std::vector<Field> fields, const std::string& side) {
  for (std::size_t i = 0; i < fields.size(); ++i) fields[i].name = i == 0 ? side : side + "_" + fields[i].name;
  return fields;
}

std::vector<Field> joined(const std::vector<Field>& a, const std::vector<Field>& b) {
  std::vector<Field> fields = named(a, "a");
  for (Field& field : named(b, "b")) fields.push_back(std::move(field));
  return fields;
}

class Unpaired final : public Dataset {
 public:
  Unpaired(std::unique_ptr<Dataset> a, std::unique_ptr<Dataset> b)
      : a_(std::move(a)), b_(std::move(b)), fields_(joined(a_->fields(), b_->fields())) {}

  const std::vector<Field>& fields() const override { return fields_; }
  std::optional<int64_t> size() const override { return std::nullopt; }
  bool draws_again() const override { return a_->size() || b_->size() || a_->draws_again() || b_->draws_again(); }
  void read(int64_t index, std::span<float* const> out) const override {
    const std::size_t of_a = a_->fields().size();
    a_->read(row(*a_, index, "unpaired.a"), out.first(of_a));
    b_->read(row(*b_, index, "unpaired.b"), out.subspan(of_a));
  }
  std::string fingerprint() const override {
    return sha256_hex("unpaired " + a_->fingerprint() + " " + b_->fingerprint());
  }
  std::string example_name(int64_t index) const override {
    return fmt::format("{} beside {}", a_->example_name(row(*a_, index, "unpaired.a")),
                       b_->example_name(row(*b_, index, "unpaired.b")));
  }
  std::vector<Problem> skipped_files() const override {
    std::vector<Problem> all = a_->skipped_files();
    for (Problem& problem : b_->skipped_files()) all.push_back(std::move(problem));
    return all;
  }

 private:
  // A side without end has an example of its own at each index.
  static int64_t row(const Dataset& side, int64_t index, const std::string& name) {
    const auto size = side.size();
    if (!size) return index;
    RandomStream random(stream_key(0, static_cast<uint64_t>(index), name));
    return static_cast<int64_t>(random.below(static_cast<uint64_t>(*size)));
  }

  std::unique_ptr<Dataset> a_;
  std::unique_ptr<Dataset> b_;
  std::vector<Field> fields_;
};

}  // namespace

std::unique_ptr<Dataset> UnpairedSource::open(const OpenOptions& options) const {
  const auto open_side = [&](const DatasetSource& side) {
    return side.open({.skip_bad_files = options.skip_bad_files && side.has_separate_files()});
  };
  return std::make_unique<Unpaired>(open_side(*a), open_side(*b));
}

std::optional<std::vector<Field>> UnpairedSource::known_fields() const {
  const auto of_a = a->known_fields(), of_b = b->known_fields();
  if (!of_a || !of_b) return std::nullopt;
  return joined(*of_a, *of_b);
}

void UnpairedSource::declare(Declaration<UnpairedSource>& d) {
  d.help(
      "examples of two data sets, drawn independently and without end: fields a and b, and a_label, b_label where they "
      "have labels");
  d.reference("Zhu et al. 2017, CycleGAN, section 3");
  d.parameter("a", &UnpairedSource::a, "one data set").required();
  d.parameter("b", &UnpairedSource::b, "the other").required();
}

}  // namespace duel
