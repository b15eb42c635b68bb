#include "evaluate/side.hpp"

#include "data/errors.hpp"

namespace duel {
namespace {

constexpr const char* pixels = "pixels";

// What both sides say, or what only one of them knows.
std::string common(const std::string& real, const std::string& fake, const std::string& what,
                   std::vector<std::string>& warnings) {
  if (real.empty() || fake.empty() || real == fake) return real.empty() ? fake : real;
  warnings.push_back(fmt::format("the sides have unlike {}: {} (real), {} (fake)", what, real, fake));
  return fmt::format("{} | {}", real, fake);
}

void check_comparable(const SideSource& real, const SideSource& fake) {
  const std::string remedy = "both sides need the same features";
  const Shape *real_image = real.image_shape(), *fake_image = fake.image_shape();
  if (real_image != nullptr && fake_image != nullptr && *real_image != *fake_image) {
    fail_data(fake.place(),
              fmt::format("its images are of {}, and those of {} of {}", to_string(*fake_image), real.place(),
                          to_string(*real_image)),
              "bring both sides to one size");
  }
  if (real.width() != fake.width()) {
    fail_data(fake.place(),
              fmt::format("its features have a width of {}, and those of {} have {}", fake.width(), real.place(),
                          real.width()),
              remedy);
  }
  const std::string &a = real.origin().hash, &b = fake.origin().hash;
  if (!a.empty() && !b.empty() && a != b) {
    fail_data(fake.place(), fmt::format("its features were made by other weights than those of {}", real.place()),
              remedy);
  }
}

}  // namespace

SideSource::SideSource(const FeatureMatrix* rows, const FeatureStatistics* statistics, bool images)
    : rows_(rows), statistics_(statistics), images_(images) {
  DUEL_CHECK(rows_ != nullptr || statistics_ != nullptr, "a source of nothing");
  origin_ = statistics_ != nullptr ? statistics_->origin : rows_->origin();
  if (images_) origin_.name = pixels;
}

const std::string& SideSource::place() const { return rows_ != nullptr ? rows_->place() : statistics_->place; }

int64_t SideSource::width() const { return rows_ != nullptr ? rows_->width() : statistics_->width(); }

Side::Side(const SideData& data) : data_(data) {
  const auto &features = data.features, &images = data.images;
  DUEL_CHECK(features || images || data.statistics, "a side without anything");
  DUEL_CHECK(!images || (images->holds_images() && images->type() == ElementType::u8),
             "{}: pixels that are no bytes, or examples that are no images", images->place());
  DUEL_CHECK(!features || !images || features->count() == images->count(), "{}: features of {} examples, {} images",
             features->place(), features->count(), images->count());
  DUEL_CHECK(!features || !data.statistics || features->width() == data.statistics->width(),
             "{}: features and statistics of unlike widths", features->place());
}

const FeatureMatrix* Side::images() const {
  if (data_.images) return &*data_.images;
  return data_.features && data_.features->holds_images() ? &*data_.features : nullptr;
}

const FeatureMatrix* Side::rows(SideNeed need) const {
  if (need == SideNeed::nothing) return nullptr;
  if (need == SideNeed::images) return images();
  return data_.features ? &*data_.features : nullptr;
}

SideSource Side::source(SideNeed need, const std::string& metric) const {
  DUEL_CHECK(need != SideNeed::nothing, "a source of nothing for {}", metric);
  const FeatureStatistics* given = need == SideNeed::statistics && data_.statistics ? &*data_.statistics : nullptr;
  const FeatureMatrix* found = rows(need);
  if (found != nullptr || given != nullptr) {
    if (need == SideNeed::labelled_rows && found->labels().empty()) {
      fail_data(found->place(), fmt::format("does not say the classes of its examples, which {} needs", metric));
    }
    if (need == SideNeed::maps && !found->holds_images()) {
      fail_data(found->place(),
                fmt::format("holds examples of shape {}, and {} needs feature maps", to_string(found->shape()), metric),
                "give features before they are pooled: height, width, channels");
    }
    return {found, given, need == SideNeed::images};
  }
  if (data_.features) {
    fail_data(
        data_.features->place(),
        fmt::format("holds examples of shape {}, and {} needs images", to_string(data_.features->shape()), metric),
        "give images: height, width, channels");
  }
  if (data_.images) {
    fail_data(data_.images->place(), fmt::format("holds images alone, and {} needs features of them", metric));
  }
  fail_data(data_.statistics->place, fmt::format("holds statistics alone, and {} needs the samples themselves", metric),
            need == SideNeed::images ? "give the images" : "give their features");
}

EvaluationSide Side::provide(SideNeed need, const std::string& metric) {
  if (need == SideNeed::nothing) return {};
  const SideSource from = source(need, metric);
  if (need != SideNeed::statistics) return {from.rows(), nullptr};
  if (from.statistics() != nullptr) return {from.rows(), from.statistics()};
  if (!computed_) computed_ = statistics_of(*from.rows());
  return {from.rows(), &*computed_};
}

std::optional<int64_t> Side::count(SideNeed need) const {
  if (need == SideNeed::statistics && data_.statistics && data_.statistics->count) return data_.statistics->count;
  const FeatureMatrix* found = rows(need);
  return found != nullptr ? std::optional(found->count()) : std::nullopt;
}

const std::string& Side::content_hash(SideNeed need) {
  const FeatureMatrix* found = rows(need);
  DUEL_CHECK(found != nullptr, "the content of no rows");
  std::optional<std::string>& hash = data_.features && found == &*data_.features ? features_hash_ : images_hash_;
  if (!hash) hash = found->content_hash();
  return *hash;
}

Protocol protocol_of(const SideSource& real, const SideSource& fake, std::vector<std::string>& warnings) {
  check_comparable(real, fake);
  const FeatureOrigin &a = real.origin(), &b = fake.origin();
  Protocol protocol;
  protocol.features = common(a.name, b.name, "features", warnings);
  protocol.features_hash = a.hash.empty() ? b.hash : a.hash;
  protocol.preprocessing = common(a.preprocessing, b.preprocessing, "preprocessing", warnings);
  protocol.split = a.split;
  for (const SideSource* side : {&real, &fake}) {
    if (side->origin().name.empty()) {
      warnings.push_back(fmt::format("{} does not say what its features are", side->place()));
    }
  }
  return protocol;
}

Protocol protocol_of(const SideSource& fake) {
  const FeatureOrigin& origin = fake.origin();
  return {origin.name, origin.hash, origin.preprocessing, {}, {}, {}};
}

}  // namespace duel
