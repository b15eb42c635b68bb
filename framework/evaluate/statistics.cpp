#include "evaluate/statistics.hpp"

#include <cblas.h>

#include <algorithm>

#include "base/parallel.hpp"
#include "data/errors.hpp"

namespace duel {
namespace {

constexpr int64_t block_rows = 1024;      // that are centred at a time
constexpr int64_t block_columns = 256;    // of a tile of the scatter
constexpr int64_t most_features = 16384;  // whose covariance takes 2 GiB

struct Span {
  int64_t begin;
  int64_t size;
};

Span span_of(int64_t block, int64_t block_size, int64_t total) {
  const int64_t begin = block * block_size;
  return {begin, std::min(block_size, total - begin)};
}

int64_t blocks_of(int64_t total, int64_t block_size) { return (total + block_size - 1) / block_size; }

// Rows added in blocks, so that the rounding of long sums stays small.
std::vector<double> mean_of(const FeatureMatrix& features) {
  const int64_t width = features.width(), count = features.count();
  std::vector<double> mean(static_cast<std::size_t>(width), 0.0);
  for_tiles(blocks_of(width, block_columns), [&](int64_t tile) {
    const Span columns = span_of(tile, block_columns, width);
    std::vector<double> row(static_cast<std::size_t>(columns.size)), sum(row.size());
    double* total = mean.data() + columns.begin;
    for (int64_t block = 0; block < blocks_of(count, block_rows); ++block) {
      const Span rows = span_of(block, block_rows, count);
      std::ranges::fill(sum, 0.0);
      for (int64_t i = rows.begin; i < rows.begin + rows.size; ++i) {
        features.copy_row(i, columns.begin, columns.size, row.data());
        for (std::size_t j = 0; j < row.size(); ++j) sum[j] += row[j];
      }
      for (std::size_t j = 0; j < row.size(); ++j) total[j] += sum[j];
    }
    for (int64_t j = 0; j < columns.size; ++j) total[j] /= static_cast<double>(count);
  });
  return mean;
}

// Rows less the mean, to out [rows.size, width].
void centre(const FeatureMatrix& features, const Span& rows, const std::vector<double>& mean, double* out) {
  constexpr int64_t rows_a_tile = 32;
  const int64_t width = features.width();
  for_tiles(blocks_of(rows.size, rows_a_tile), [&](int64_t tile) {
    const Span part = span_of(tile, rows_a_tile, rows.size);
    for (int64_t i = part.begin; i < part.begin + part.size; ++i) {
      double* row = out + i * width;
      features.copy_row(rows.begin + i, row);
      for (int64_t j = 0; j < width; ++j) row[j] -= mean[static_cast<std::size_t>(j)];
    }
  });
}

// The blocks of the upper triangle of the scatter; those below are copied from them.
std::vector<double> scatter_of(const FeatureMatrix& features, const std::vector<double>& mean) {
  const int64_t width = features.width(), count = features.count();
  const int64_t blocks = blocks_of(width, block_columns);
  const auto stride = static_cast<blasint>(width);
  std::vector<double> scatter(static_cast<std::size_t>(width * width), 0.0);
  std::vector<double> centred(static_cast<std::size_t>(std::min(block_rows, count) * width));
  for (int64_t block = 0; block < blocks_of(count, block_rows); ++block) {
    const Span rows = span_of(block, block_rows, count);
    centre(features, rows, mean, centred.data());
    for_tiles(blocks * blocks, [&](int64_t tile) {
      const Span left = span_of(tile / blocks, block_columns, width),
                 right = span_of(tile % blocks, block_columns, width);
      if (left.begin > right.begin) return;
      cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, static_cast<blasint>(left.size),
                  static_cast<blasint>(right.size), static_cast<blasint>(rows.size), 1.0, centred.data() + left.begin,
                  stride, centred.data() + right.begin, stride, 1.0, scatter.data() + left.begin * width + right.begin,
                  stride);
    });
  }
  for (int64_t i = 0; i < width; ++i) {
    for (int64_t j = 0; j < i; ++j) {
      scatter[static_cast<std::size_t>(i * width + j)] = scatter[static_cast<std::size_t>(j * width + i)];
    }
  }
  return scatter;
}

constexpr const char* one_kind = "join statistics of the same features of samples that were prepared in the same way";

void check_alike(const char* what, const std::string& all, const FeatureStatistics& part, const std::string& of_part,
                 const std::string& place) {
  if (all == of_part) return;
  const auto text = [](const std::string& value) { return value.empty() ? "not known" : "'" + value + "'"; };
  fail_data(part.place, fmt::format("its {} is {}, and that of {} is {}", what, text(of_part), place, text(all)),
            one_kind);
}

void check_joinable(const FeatureStatistics& all, const FeatureStatistics& part) {
  for (const FeatureStatistics* side : {&all, &part}) {
    if (side->count) continue;
    fail_data(side->place, "does not say of how many samples its statistics are, so it cannot be joined with others",
              "keep statistics that are to be joined as FILE.h5; FILE.npz holds no number");
  }
  if (all.width() != part.width()) {
    fail_data(
        part.place,
        fmt::format("its features have a width of {}, and those of {} have {}", part.width(), all.place, all.width()),
        one_kind);
  }
  const FeatureOrigin &a = all.origin, &b = part.origin;
  check_alike("kind of features", a.name, part, b.name, all.place);
  check_alike("hash of the weights", a.hash, part, b.hash, all.place);
  check_alike("preprocessing", a.preprocessing, part, b.preprocessing, all.place);
  check_alike("split", a.split, part, b.split, all.place);
}

}  // namespace

StatisticsAccumulator::StatisticsAccumulator(int64_t width) : width_(width) {
  DUEL_CHECK(width > 0, "features of width {}", width);
}

void StatisticsAccumulator::add(const FeatureMatrix& batch) {
  DUEL_CHECK(batch.width() == width_, "features of width {} among those of {}", batch.width(), width_);
  StatisticsAccumulator part(width_);
  part.count_ = batch.count();
  part.mean_ = mean_of(batch);
  part.scatter_ = scatter_of(batch, part.mean_);
  merge(part);
}

void StatisticsAccumulator::merge(const StatisticsAccumulator& other) {
  DUEL_CHECK(other.width_ == width_, "features of width {} among those of {}", other.width_, width_);
  if (other.count_ == 0) return;
  if (count_ == 0) {
    *this = other;
    return;
  }
  const auto width = static_cast<std::size_t>(width_);
  const auto here = static_cast<double>(count_), there = static_cast<double>(other.count_);
  std::vector<double> apart(width);
  for (std::size_t i = 0; i < width; ++i) apart[i] = other.mean_[i] - mean_[i];
  for (std::size_t i = 0; i < width; ++i) {
    for (std::size_t j = 0; j < width; ++j) {
      scatter_[i * width + j] += other.scatter_[i * width + j] + apart[i] * apart[j] * (here * there / (here + there));
    }
    mean_[i] += apart[i] * (there / (here + there));
  }
  count_ += other.count_;
}

StatisticsAccumulator::StatisticsAccumulator(const FeatureStatistics& statistics)
    : width_(statistics.width()),
      count_(statistics.count.value()),
      mean_(statistics.mean),
      scatter_(statistics.covariance) {
  for (double& value : scatter_) value *= static_cast<double>(count_ - 1);
}

FeatureStatistics StatisticsAccumulator::statistics(const std::string& place, FeatureOrigin origin) const {
  if (count_ < 2) fail_data(place, fmt::format("has {} rows, and a covariance needs 2 or more", count_));
  FeatureStatistics out{count_, mean_, scatter_, std::move(origin), place};
  for (double& value : out.covariance) value /= static_cast<double>(count_ - 1);
  return out;
}

FeatureStatistics statistics_of(const FeatureMatrix& features) {
  features.require_rows(2, "a covariance");
  if (features.width() > most_features) {
    fail_data(features.place(),
              fmt::format("a covariance of {} features is more than this program takes (at most {})", features.width(),
                          most_features),
              "score features of fewer numbers");
  }
  StatisticsAccumulator accumulator(features.width());
  accumulator.add(features);
  return accumulator.statistics(features.place(), features.origin());
}

void join_statistics(FeatureStatistics& all, const FeatureStatistics& part) {
  check_joinable(all, part);
  StatisticsAccumulator joined(all);
  joined.merge(StatisticsAccumulator(part));
  all = joined.statistics(all.place, all.origin);
}

}  // namespace duel
