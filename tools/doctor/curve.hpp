// A series of a run drawn in text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace duel {

// Values over steps, which rise.
struct Curve {
  std::vector<int64_t> steps;
  std::vector<double> values;
};

// Six lines of bars with the values at the side and the steps below, each line behind `indent`; every line ends. A
// column of the drawing is the mean of its stretch of steps, and empty where there is no finite value. Where all values
// are positive and the greatest is 1000 times the least, the axis is logarithmic, and says so. "" for no values.
std::string draw(const Curve& curve, const std::string& indent, std::size_t columns = 60);

}  // namespace duel
