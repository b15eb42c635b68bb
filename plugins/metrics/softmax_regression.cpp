#include "plugins/metrics/softmax_regression.hpp"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/parallel.hpp"
#include "data/errors.hpp"

namespace duel {
namespace {

[[noreturn]] void fail_too_large(const FeatureMatrix& rows) {
  fail_data(rows.place(), "some features are too large for a classifier", "scale the features of both sides");
}

// out[i, k] = x_i · w_k + b_k
void logits_of(const double* rows, int64_t count, const double* weights, const double* intercepts, int64_t width,
               int64_t classes, std::vector<double>& out) {
  out.resize(static_cast<std::size_t>(count * classes));
  for (int64_t i = 0; i < count; ++i) std::copy_n(intercepts, classes, out.begin() + i * classes);
  const auto n = static_cast<blasint>(count), k = static_cast<blasint>(classes), d = static_cast<blasint>(width);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, k, d, 1.0, rows, d, weights, d, 1.0, out.data(), k);
}

// Turns the logits of one row into softmax − one-hot; returns −ln softmax[label].
double turn_into_residual(double* logits, std::size_t classes, std::size_t label) {
  const double greatest = *std::max_element(logits, logits + classes), of_label = logits[label] - greatest;
  double sum = 0;
  for (std::size_t k = 0; k < classes; ++k) sum += logits[k] = std::exp(logits[k] - greatest);
  for (std::size_t k = 0; k < classes; ++k) logits[k] /= sum;
  logits[label] -= 1;
  return std::log(sum) - of_label;
}

// The function that is minimised; its point is [weights, intercepts].
class Objective {
 public:
  // The rows and how they are standardised must outlive it.
  Objective(const FeatureMatrix& rows, const Standardisation& standardisation, const std::vector<int64_t>& classes,
            double decay, int64_t memory)
      : rows_(rows),
        standardisation_(standardisation),
        count_(rows.count()),
        width_(rows.width()),
        classes_(std::ssize(classes)),
        decay_(decay) {
    if (count_ * width_ * static_cast<int64_t>(sizeof(double)) <= memory) keep_features();
    for (const int64_t label : rows.labels()) {
      labels_.push_back(static_cast<std::size_t>(std::ranges::lower_bound(classes, label) - classes.begin()));
    }
    parts_.resize(static_cast<std::size_t>(std::min(most_parts, (count_ + block_rows - 1) / block_rows)));
    for (Part& part : parts_) part.gradient.resize(size());
  }

  std::size_t size() const { return static_cast<std::size_t>(classes_ * (width_ + 1)); }

  double operator()(const std::vector<double>& point, std::vector<double>& gradient) {
    const int64_t parts = std::ssize(parts_);
    for_tiles(parts, [&](int64_t part) {
      compute(parts_[static_cast<std::size_t>(part)], part * count_ / parts, (part + 1) * count_ / parts, point);
    });
    const auto n = static_cast<double>(count_);
    const auto weights = static_cast<std::size_t>(classes_ * width_);
    double value = 0, squares = 0;
    std::ranges::fill(gradient, 0.0);
    for (const Part& part : parts_) {
      value += part.loss;
      for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += part.gradient[i];
    }
    for (double& element : gradient) element /= n;
    for (std::size_t i = 0; i < weights; ++i) {
      gradient[i] += decay_ * point[i];
      squares += point[i] * point[i];
    }
    return value / n + decay_ / 2 * squares;
  }

 private:
  static constexpr int64_t block_rows = 256, most_parts = 16;

  // Sums over some of the rows: few, so that they take little memory, and always the same.
  struct Part {
    double loss = 0;
    std::vector<double> gradient;
  };

  void keep_features() {
    features_.resize(static_cast<std::size_t>(count_ * width_));
    const RowBlocks blocks(count_, width_);
    for_tiles(blocks.size(), [&](int64_t tile) {
      standardisation_.apply(rows_, blocks[tile], features_.data() + blocks[tile].begin * width_);
    });
  }

  // Some rows, standardised: those that are kept, or made in `room`.
  const double* features_of(RowRange range, std::vector<double>& room) const {
    if (!features_.empty()) return features_.data() + range.begin * width_;
    room.resize(static_cast<std::size_t>(range.rows * width_));
    standardisation_.apply(rows_, range, room.data());
    return room.data();
  }

  void compute(Part& part, int64_t begin, int64_t end, const std::vector<double>& point) const {
    part.loss = 0;
    std::ranges::fill(part.gradient, 0.0);
    const double* intercepts = point.data() + classes_ * width_;
    double* slopes = part.gradient.data() + classes_ * width_;
    const auto k = static_cast<blasint>(classes_), d = static_cast<blasint>(width_);
    std::vector<double> residuals, room;
    for (int64_t block = begin; block < end; block += block_rows) {
      const int64_t rows = std::min(block_rows, end - block);
      const double* features = features_of({block, rows}, room);
      logits_of(features, rows, point.data(), intercepts, width_, classes_, residuals);
      for (int64_t i = 0; i < rows; ++i) {
        double* residual = residuals.data() + i * classes_;
        part.loss += turn_into_residual(residual, static_cast<std::size_t>(classes_),
                                        labels_[static_cast<std::size_t>(block + i)]);
        for (int64_t c = 0; c < classes_; ++c) slopes[c] += residual[c];
      }
      cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, k, d, static_cast<blasint>(rows), 1.0, residuals.data(), k,
                  features, d, 1.0, part.gradient.data(), d);
    }
  }

  const FeatureMatrix& rows_;
  const Standardisation& standardisation_;
  int64_t count_;
  int64_t width_;
  int64_t classes_;
  double decay_;
  std::vector<double> features_;     // [count, width], standardised; empty where that is too much memory
  std::vector<std::size_t> labels_;  // places in the list of classes
  std::vector<Part> parts_;
};

std::vector<int64_t> classes_of(const FeatureMatrix& rows) {
  std::vector<int64_t> classes = rows.labels();
  std::ranges::sort(classes);
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  return classes;
}

}  // namespace

Standardisation::Standardisation(const FeatureMatrix& rows)
    : mean_(static_cast<std::size_t>(rows.width())), deviation_(mean_.size()) {
  constexpr int64_t columns_a_tile = 64;
  const auto n = static_cast<double>(rows.count());
  for_tiles((rows.width() + columns_a_tile - 1) / columns_a_tile, [&](int64_t tile) {
    const int64_t first = tile * columns_a_tile, columns = std::min(columns_a_tile, rows.width() - first);
    double *mean = mean_.data() + first, *deviation = deviation_.data() + first;
    std::vector<double> row(static_cast<std::size_t>(columns));
    for (int64_t i = 0; i < rows.count(); ++i) {
      rows.copy_row(i, first, columns, row.data());
      for (int64_t c = 0; c < columns; ++c) mean[c] += row[static_cast<std::size_t>(c)] / n;
    }
    for (int64_t i = 0; i < rows.count(); ++i) {
      rows.copy_row(i, first, columns, row.data());
      for (int64_t c = 0; c < columns; ++c) {
        const double apart = row[static_cast<std::size_t>(c)] - mean[c];
        deviation[c] += apart * apart;
      }
    }
    for (int64_t c = 0; c < columns; ++c) {
      deviation[c] = std::sqrt(deviation[c] / n);
      if (!std::isfinite(deviation[c])) fail_too_large(rows);
      if (deviation[c] <= std::numeric_limits<double>::epsilon() * n * std::abs(mean[c])) deviation[c] = 1;
    }
  });
}

void Standardisation::apply(const FeatureMatrix& rows, RowRange range, double* out) const {
  constexpr double farthest = 1e100;  // products of as many columns as there may be stay finite
  for (int64_t i = 0; i < range.rows; ++i) {
    double* row = out + i * rows.width();
    rows.copy_row(range.begin + i, row);
    for (std::size_t c = 0; c < mean_.size(); ++c) {
      row[c] = (row[c] - mean_[c]) / deviation_[c];
      if (!(std::abs(row[c]) <= farthest)) fail_too_large(rows);
    }
  }
}

SoftmaxRegression fit_softmax_regression(const FeatureMatrix& rows, const Standardisation& standardisation,
                                         double decay, int64_t iterations, int64_t memory) {
  DUEL_CHECK(!rows.labels().empty(), "{}: rows without labels", rows.place());
  SoftmaxRegression out;
  out.classes = classes_of(rows);
  Objective objective(rows, standardisation, out.classes, decay, memory);
  const LbfgsMinimum minimum =
      minimise(std::ref(objective), std::vector<double>(objective.size()), {.iterations = iterations});
  const auto split = minimum.point.end() - std::ssize(out.classes);
  out.weights.assign(minimum.point.begin(), split);
  out.intercepts.assign(split, minimum.point.end());
  out.slope = minimum.slope;
  out.iterations = minimum.iterations;
  out.converged = minimum.found;
  return out;
}

std::vector<int64_t> classify(const SoftmaxRegression& classifier, const Standardisation& standardisation,
                              const FeatureMatrix& rows) {
  const RowBlocks blocks(rows.count(), rows.width());
  const int64_t classes = std::ssize(classifier.classes);
  std::vector<int64_t> labels(static_cast<std::size_t>(rows.count()));
  for_tiles(blocks.size(), [&](int64_t tile) {
    const RowRange range = blocks[tile];
    std::vector<double> features(static_cast<std::size_t>(range.rows * rows.width())), logits;
    standardisation.apply(rows, range, features.data());
    logits_of(features.data(), range.rows, classifier.weights.data(), classifier.intercepts.data(), rows.width(),
              classes, logits);
    for (int64_t i = 0; i < range.rows; ++i) {
      const auto row = logits.begin() + i * classes;
      labels[static_cast<std::size_t>(range.begin + i)] =
          classifier.classes[static_cast<std::size_t>(std::max_element(row, row + classes) - row)];
    }
  });
  return labels;
}

}  // namespace duel
