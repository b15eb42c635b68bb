// What can be said of a data set from its examples.
#pragma once

#include <string>
#include <vector>

#include "data/dataset.hpp"

namespace duel {

struct FieldDescription {
  Field field;
  double least = 0;
  double greatest = 0;
  // Of each element of the last axis (channels, coordinates) if there are at most 16, else one for all.
  std::vector<double> mean;
  std::vector<double> deviation;
  std::vector<int64_t> class_counts;  // of a label
};

struct DataDescription {
  int64_t examples = 0;  // described
  bool endless = false;  // they are the first of a data set without end
  std::vector<FieldDescription> fields;
  int64_t duplicates = 0;                                           // examples that equal an earlier one but for labels
  std::vector<std::pair<std::string, std::string>> equal_examples;  // some of them, with the earlier one
  std::vector<Problem> bad_files;
};

// Reads every example, on several threads. The numbers do not depend on how many.
DataDescription describe_data(const Dataset& dataset);

std::string description_text(const DataDescription& description, const std::string& source);
std::string description_json(const DataDescription& description, const std::string& source);

}  // namespace duel
