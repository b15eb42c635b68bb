// Mean and covariance of features, in float64.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "evaluate/features.hpp"

namespace duel {

struct FeatureStatistics {
  std::optional<int64_t> count;    // none: the file does not say
  std::vector<double> mean;        // [width]
  std::vector<double> covariance;  // [width, width], divided by count − 1
  FeatureOrigin origin;
  std::string place;  // for messages

  int64_t width() const { return static_cast<int64_t>(mean.size()); }
};

// Collects mean and scatter batch by batch. Each batch takes two passes; batches and shards are joined by the formula
// of Chan, Golub and LeVeque, Algorithms for computing the sample variance (1983). The same batches in the same order
// give the same bits on any number of threads.
class StatisticsAccumulator {
 public:
  explicit StatisticsAccumulator(int64_t width);
  // Of samples that were collected before; the statistics have a count.
  explicit StatisticsAccumulator(const FeatureStatistics& statistics);

  void add(const FeatureMatrix& batch);
  // `other` has the same width.
  void merge(const StatisticsAccumulator& other);

  int64_t count() const { return count_; }
  // Throws UserError(ExitCode::data) naming `place` for fewer than two samples.
  FeatureStatistics statistics(const std::string& place, FeatureOrigin origin = {}) const;

 private:
  int64_t width_;
  int64_t count_ = 0;
  std::vector<double> mean_;
  std::vector<double> scatter_;  // sum of (x − mean)(x − mean)ᵀ
};

FeatureStatistics statistics_of(const FeatureMatrix& features);

// Makes `all` the statistics of its samples and those of `part`, which are others; its place stays. Throws
// UserError(ExitCode::data) naming `part` or `all` where one of them does not say how many samples it is of, and naming
// `part` where the two are not of the same features: widths or any text of their origins differ.
void join_statistics(FeatureStatistics& all, const FeatureStatistics& part);

// Files of statistics: .npz with `mu` and `sigma`, as they are exchanged, which say nothing of their origin; and HDF5
// with the same two data sets and the attributes n, features, features_hash, preprocessing and split, as far as known.
// Writing is atomic. Reading throws UserError(ExitCode::data) naming the file for anything that is no mean and no
// symmetric matrix of one width, or is not finite.
void write_statistics(const std::filesystem::path& file, const FeatureStatistics& statistics);
FeatureStatistics read_statistics(const std::filesystem::path& file);

// Whether the name is that of a file of statistics that write_statistics can write: .npz, .h5 or .hdf5.
bool is_statistics_name(const std::filesystem::path& file);
// Throws UserError(ExitCode::experiment) naming the option where the name is of none of these.
void check_statistics_name(const std::string& option, const std::filesystem::path& file);

}  // namespace duel
