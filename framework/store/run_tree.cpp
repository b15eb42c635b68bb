#include "store/run_tree.hpp"

#include <hdf5.h>
#include <hdf5_hl.h>

#include <set>

#include "store/hdf5_value.hpp"
#include "store/series.hpp"

namespace duel::run_tree {
namespace {

using hdf5::Calls;
using hdf5::Handle;
using hdf5::write_attribute;

constexpr int64_t rows_per_chunk = 1024;
constexpr int64_t evaluations_per_chunk = 64;

const char* article(const std::string& kind) { return kind == "evaluation" ? "an" : "a"; }

void check_names(const Calls& calls, const std::string& kind, const std::vector<std::string>& names,
                 std::set<std::string> taken) {
  Problems problems;
  for (const std::string& name : names) {
    const bool possible =
        !name.empty() && name != "." && name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
    if (!possible)
      problems.add({calls.file().string(), 0, 0}, {},
                   fmt::format("'{}' cannot be the name of {} {}", name, article(kind), kind),
                   "choose a name without '/'");
    if (!taken.insert(name).second)
      problems.add({calls.file().string(), 0, 0}, {},
                   fmt::format("the name '{}' of {} {} is taken", name, article(kind), kind), "choose another name");
  }
  problems.throw_if_any();
}

// A group that viewers open by themselves when they come to its parent.
Handle create_default_group(const Calls& calls, hid_t parent, const std::string& name, const char* nexus_class) {
  Handle group = hdf5::create_group(calls, parent, name);
  write_attribute(calls, group.get(), "NX_class", nexus_class);
  if (!hdf5::has_attribute(calls, parent, "default")) write_attribute(calls, parent, "default", name);
  return group;
}

Series create_scale(const Calls& calls, hid_t group, const char* name, Element element, int64_t chunk) {
  Series scale = Series::create(calls, group, name, element, {}, chunk);
  calls.check(H5DSset_scale(scale.dataset(), name), fmt::format("make '{}' a dimension scale", name));
  return scale;
}

void attach_scale(const Calls& calls, const Series& series, const Series& scale) {
  calls.check(H5DSattach_scale(series.dataset(), scale.dataset(), 0), "attach a dimension scale");
}

// The axes of numbers that are recorded now and then.
struct Clock {
  Series steps;
  Series times;
  int64_t chunk;

  void add_series(const Calls& calls, hid_t group, const std::string& name, Element element) const {
    const Series series = Series::create(calls, group, name, element, {}, element == Element::text ? 1 : chunk);
    attach_scale(calls, series, steps);
    attach_scale(calls, series, times);
  }
};

Clock create_clock(const Calls& calls, hid_t group, int64_t chunk) {
  Clock clock{create_scale(calls, group, step, Element::int64, chunk),
              create_scale(calls, group, time, Element::float64, chunk), chunk};
  write_attribute(calls, clock.times.dataset(), "units", "s");
  return clock;
}

// By which viewers draw the curves of a group over its steps.
void mark_as_curves(const Calls& calls, hid_t group, const std::vector<std::string>& names) {
  write_attribute(calls, group, "axes", step);
  if (names.empty()) return;
  write_attribute(calls, group, "signal", names.front());
  if (names.size() > 1) write_attribute(calls, group, "auxiliary_signals", std::span(names).subspan(1));
}

void declare_metrics(const Calls& calls, hid_t file, const std::vector<std::string>& names) {
  const Handle entry = create_default_group(calls, file, "metrics", "NXentry");
  const Handle group = create_default_group(calls, entry.get(), "train", "NXdata");
  const Clock clock = create_clock(calls, group.get(), rows_per_chunk);
  for (const std::string& name : names) clock.add_series(calls, group.get(), name, Element::float64);
  mark_as_curves(calls, group.get(), names);
}

void declare_evaluation(const Calls& calls, hid_t entry, const RunLayout::Evaluations& evaluation) {
  const Handle group = create_default_group(calls, entry, evaluation.name, "NXdata");
  const Clock clock = create_clock(calls, group.get(), evaluations_per_chunk);
  const auto declare_series = [&](hid_t parent, Element element) {
    for (const std::string& name : evaluation.metrics) clock.add_series(calls, parent, name, element);
  };
  declare_series(group.get(), Element::float64);
  declare_series(hdf5::create_group(calls, group.get(), uncertainty).get(), Element::float64);
  declare_series(hdf5::create_group(calls, group.get(), floor).get(), Element::float64);
  declare_series(hdf5::create_group(calls, group.get(), records).get(), Element::text);
  mark_as_curves(calls, group.get(), evaluation.metrics);
}

void declare_evaluations(const Calls& calls, hid_t file, const std::vector<RunLayout::Evaluations>& all) {
  const Handle entry = hdf5::create_group(calls, file, evaluations);
  write_attribute(calls, entry.get(), "NX_class", "NXentry");
  for (const RunLayout::Evaluations& evaluation : all) declare_evaluation(calls, entry.get(), evaluation);
}

// The attributes by which viewers know pictures ("HDF5 Image and Palette Specification", version 1.2).
void mark_as_pictures(const Calls& calls, hid_t dataset, int64_t channels) {
  const bool color = channels == 3;
  write_attribute(calls, dataset, "CLASS", "IMAGE");
  write_attribute(calls, dataset, "IMAGE_VERSION", "1.2");
  write_attribute(calls, dataset, "IMAGE_SUBCLASS", color ? "IMAGE_TRUECOLOR" : "IMAGE_GRAYSCALE");
  write_attribute(calls, dataset, "DISPLAY_ORIGIN", "UL");
  if (color) {
    write_attribute(calls, dataset, "INTERLACE_MODE", "INTERLACE_PIXEL");
    write_attribute(calls, dataset, "interpretation", "rgb-image");
  }
  constexpr uint8_t range[] = {0, 255};
  write_attribute(calls, dataset, "IMAGE_MINMAXRANGE", std::span<const uint8_t>(range));
}

void declare_samples(const Calls& calls, hid_t file, const std::vector<RunLayout::Samples>& all) {
  const Handle entry = hdf5::create_group(calls, file, samples);
  write_attribute(calls, entry.get(), "NX_class", "NXentry");
  for (const RunLayout::Samples& sample : all) {
    DUEL_CHECK(sample.picture.rank() == 3 && sample.picture.elements() > 0 && sample.values.elements() > 0,
               "sample {} has pictures of {} and values of {}", sample.name, to_string(sample.picture),
               to_string(sample.values));
    const Handle group = create_default_group(calls, entry.get(), sample.name, "NXdata");
    const Series steps = create_scale(calls, group.get(), step, Element::int64, 1);
    const Series pictures = Series::create(calls, group.get(), picture, Element::uint8, sample.picture);
    const Series raw = Series::create(calls, group.get(), values, Element::float32, sample.values);
    attach_scale(calls, pictures, steps);
    attach_scale(calls, raw, steps);
    mark_as_pictures(calls, pictures.dataset(), sample.picture[2]);
    write_attribute(calls, group.get(), "signal", picture);
    const std::vector<std::string> axes{step, ".", ".", "."};
    write_attribute(calls, group.get(), "axes", axes);
  }
}

void declare_resumes(const Calls& calls, hid_t file, const std::vector<std::map<std::string, std::string>>& all) {
  const Handle group = hdf5::create_group(calls, file, resumes);
  for (std::size_t i = 0; i < all.size(); ++i) hdf5::create_texts(calls, group.get(), std::to_string(i + 1), all[i]);
}

}  // namespace

void declare(const Calls& calls, hid_t file, const RunLayout& layout) {
  std::vector<std::string> sample_names;
  for (const RunLayout::Samples& sample : layout.samples) sample_names.push_back(sample.name);
  check_names(calls, "metric", layout.metrics, {step, time});
  check_names(calls, "sample", sample_names, {});
  std::vector<std::string> evaluation_names;
  for (const RunLayout::Evaluations& evaluation : layout.evaluations) {
    evaluation_names.push_back(evaluation.name);
    check_names(calls, "metric", evaluation.metrics, {step, time, uncertainty, floor, records});
  }
  check_names(calls, "evaluation", evaluation_names, {});

  const Handle root = hdf5::open_group(calls, file, "/");
  write_attribute(calls, root.get(), format_key, format_name);
  write_attribute(calls, root.get(), version_key, version);
  write_attribute(calls, root.get(), "NX_class", "NXroot");
  declare_metrics(calls, root.get(), layout.metrics);
  declare_samples(calls, root.get(), layout.samples);
  declare_evaluations(calls, root.get(), layout.evaluations);
  hdf5::create_texts(calls, root.get(), experiment, layout.experiment);
  hdf5::create_texts(calls, root.get(), provenance, layout.provenance);
  declare_resumes(calls, root.get(), layout.resumes);
}

}  // namespace duel::run_tree
