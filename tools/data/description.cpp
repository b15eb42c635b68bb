#include "tools/data/description.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/parallel.hpp"
#include "base/text.hpp"

namespace duel {
namespace {

constexpr int64_t examples_of_endless = 10000;
constexpr int64_t most_channels = 16;
constexpr int64_t tile_examples = 256;
constexpr std::size_t most_listed = 10;

// Count, mean and sum of squared distances from it, joined as Chan, Golub and LeVeque 1979 do.
struct Moments {
  double count = 0, mean = 0, squares = 0;

  void add(double value) {
    count += 1;
    const double before = value - mean;
    mean += before / count;
    squares += before * (value - mean);
  }
  void join(const Moments& other) {
    if (other.count == 0) return;
    const double all = count + other.count, distance = other.mean - mean;
    squares += other.squares + distance * distance * count * other.count / all;
    mean += distance * other.count / all;
    count = all;
  }
};

struct FieldSums {
  double least = std::numeric_limits<double>::infinity();
  double greatest = -std::numeric_limits<double>::infinity();
  std::vector<Moments> channels;
  std::vector<int64_t> class_counts;

  explicit FieldSums(const Field& field)
      : channels(static_cast<std::size_t>(channels_of(field))), class_counts(static_cast<std::size_t>(field.classes)) {}

  static int64_t channels_of(const Field& field) {
    if (field.shape.rank() == 0 || field.shape[-1] > most_channels) return 1;
    return field.shape[-1];
  }

  void add(const std::vector<float>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      least = std::min<double>(least, values[i]);
      greatest = std::max<double>(greatest, values[i]);
      channels[i % channels.size()].add(values[i]);
    }
    if (!class_counts.empty()) ++class_counts[static_cast<std::size_t>(values[0])];
  }
  void join(const FieldSums& other) {
    least = std::min(least, other.least);
    greatest = std::max(greatest, other.greatest);
    for (std::size_t c = 0; c < channels.size(); ++c) channels[c].join(other.channels[c]);
    for (std::size_t c = 0; c < class_counts.size(); ++c) class_counts[c] += other.class_counts[c];
  }
};

std::vector<FieldSums> empty_sums(const Dataset& dataset) { return {dataset.fields().begin(), dataset.fields().end()}; }

// Of the examples [begin, end), and their keys.
std::vector<FieldSums> sums_of(const Dataset& dataset, int64_t begin, int64_t end, std::vector<uint64_t>& keys) {
  std::vector<FieldSums> sums = empty_sums(dataset);
  std::vector<std::vector<float>> values;
  std::vector<float*> out;
  for (const Field& field : dataset.fields()) {
    out.push_back(values.emplace_back(static_cast<std::size_t>(field.shape.elements())).data());
  }
  for (int64_t i = begin; i < end; ++i) {
    dataset.read(i, out);
    for (std::size_t f = 0; f < sums.size(); ++f) sums[f].add(values[f]);
    keys[static_cast<std::size_t>(i)] = dataset.content_key(i);
  }
  return sums;
}

void find_duplicates(const Dataset& dataset, const std::vector<uint64_t>& keys, DataDescription& out) {
  std::vector<std::pair<uint64_t, int64_t>> sorted;
  for (std::size_t i = 0; i < keys.size(); ++i) sorted.emplace_back(keys[i], static_cast<int64_t>(i));
  std::ranges::sort(sorted);
  for (std::size_t i = 1, first = 0; i < sorted.size(); ++i) {
    if (sorted[i].first != sorted[first].first) {
      first = i;
      continue;
    }
    ++out.duplicates;
    if (out.equal_examples.size() == most_listed) continue;
    out.equal_examples.emplace_back(dataset.example_name(sorted[i].second), dataset.example_name(sorted[first].second));
  }
}

std::string class_name(const Field& field, std::size_t index) {
  return field.class_names.empty() ? fmt::format("{}", index) : field.class_names[index];
}

std::string numbers(const std::vector<double>& values) {
  std::vector<std::string> texts;
  for (const double value : values) texts.push_back(fmt::format("{:.4g}", value));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string field_text(const FieldDescription& description) {
  const Field& field = description.field;
  std::string text = fmt::format("  {} {}", field.name, to_string(field.shape));
  if (field.classes == 0) {
    return text + fmt::format(": {:.6g} to {:.6g}, mean {}, deviation {}\n", description.least, description.greatest,
                              numbers(description.mean), numbers(description.deviation));
  }
  text += fmt::format(": {} classes\n", field.classes);
  for (std::size_t c = 0; c < description.class_counts.size(); ++c) {
    text += fmt::format("    {:<3} {:<20} {}\n", c, class_name(field, c), description.class_counts[c]);
  }
  return text;
}

}  // namespace

DataDescription describe_data(const Dataset& dataset) {
  DataDescription out;
  out.endless = !dataset.size().has_value();
  out.examples = dataset.size().value_or(examples_of_endless);
  out.bad_files = dataset.skipped_files();
  std::vector<uint64_t> keys(static_cast<std::size_t>(out.examples));
  const int64_t tiles = (out.examples + tile_examples - 1) / tile_examples;
  std::vector<std::vector<FieldSums>> parts(static_cast<std::size_t>(tiles));
  for_tiles(tiles, [&](int64_t tile) {
    const int64_t begin = tile * tile_examples;
    parts[static_cast<std::size_t>(tile)] =
        sums_of(dataset, begin, std::min(begin + tile_examples, out.examples), keys);
  });
  std::vector<FieldSums> all = empty_sums(dataset);
  for (const auto& part : parts) {
    for (std::size_t f = 0; f < all.size(); ++f) all[f].join(part[f]);
  }
  for (std::size_t f = 0; f < all.size(); ++f) {
    FieldDescription field{dataset.fields()[f], all[f].least, all[f].greatest, {}, {}, std::move(all[f].class_counts)};
    for (const Moments& channel : all[f].channels) {
      field.mean.push_back(channel.mean);
      field.deviation.push_back(std::sqrt(channel.squares / channel.count));
    }
    out.fields.push_back(std::move(field));
  }
  find_duplicates(dataset, keys, out);
  return out;
}

std::string description_text(const DataDescription& description, const std::string& source) {
  std::string text = fmt::format("{}\n  {} examples{}\n", source, description.examples,
                                 description.endless ? ", the first of a data set without end" : "");
  for (const FieldDescription& field : description.fields) text += field_text(field);
  text += fmt::format("  {} duplicate{}\n", description.duplicates, description.duplicates == 1 ? "" : "s");
  for (const auto& [later, earlier] : description.equal_examples) {
    text += fmt::format("    {} is the same as {}\n", later, earlier);
  }
  text += fmt::format("  {} bad file{}\n", description.bad_files.size(), description.bad_files.size() == 1 ? "" : "s");
  for (std::size_t i = 0; i < std::min(description.bad_files.size(), most_listed); ++i) {
    text += fmt::format("    {}\n", to_string(description.bad_files[i]));
  }
  return text;
}

std::string description_json(const DataDescription& description, const std::string& source) {
  using Json = nlohmann::ordered_json;
  Json out{{"data", source}, {"examples", description.examples}, {"endless", description.endless}};
  out["fields"] = Json::array();
  for (const FieldDescription& described : description.fields) {
    const auto extents = described.field.shape.span();
    Json field{{"name", described.field.name}, {"shape", std::vector<int64_t>(extents.begin(), extents.end())}};
    if (described.field.classes == 0) {
      field["range"] = {described.least, described.greatest};
      field["mean"] = described.mean;
      field["deviation"] = described.deviation;
    } else {
      field["classes"] = Json::array();
      for (std::size_t c = 0; c < described.class_counts.size(); ++c) {
        field["classes"].push_back({{"name", class_name(described.field, c)}, {"count", described.class_counts[c]}});
      }
    }
    out["fields"].push_back(std::move(field));
  }
  out["duplicates"] = description.duplicates;
  out["equal_examples"] = description.equal_examples;
  out["bad_files"] = Json::array();
  for (const Problem& problem : description.bad_files) {
    out["bad_files"].push_back({{"file", problem.where.file}, {"what", problem.what}});
  }
  return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace duel
