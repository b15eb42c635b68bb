#include <algorithm>
#include <cmath>

#include "plugins/schedules/counter.hpp"
#include "plugins/schedules/schedules.hpp"

namespace duel {
namespace {

struct Piecewise final : Schedule {
  std::vector<double> boundaries;
  std::vector<double> values;
  std::string between = "constant";
  std::string by = "step";

  static void declare(Declaration<Piecewise>& d) {
    d.help("constant pieces, or straight lines between points");
    d.parameter("at", &Piecewise::boundaries, "where the pieces meet, or where the points lie: rising numbers")
        .required()
        .min(0);
    d.parameter("values", &Piecewise::values, "constant: one a piece, one more than in `at`; linear: one a point")
        .required();
    d.parameter("between", &Piecewise::between, "constant pieces, the next one beginning at its boundary, or lines")
        .one_of({"constant", "linear"});
    d.parameter("by", &Piecewise::by, counter_help).one_of(counters);
  }

  std::string conflict() const {
    if (boundaries.empty()) return "'at' needs a number or more";
    if (std::ranges::adjacent_find(boundaries, std::greater_equal()) != boundaries.end()) {
      return "the numbers of 'at' must rise";
    }
    const std::size_t wanted = boundaries.size() + (between == "constant" ? 1 : 0);
    if (values.size() == wanted) return "";
    return fmt::format("{} numbers in 'at' go with {} in 'values', not {}, when pieces are {}", boundaries.size(),
                       wanted, values.size(), between);
  }

  bool counts_updates() const override { return by == "update"; }
  double at(const Clock& clock) const override {
    const double now = count_of(clock, by);
    const auto next = static_cast<std::size_t>(std::ranges::upper_bound(boundaries, now) - boundaries.begin());
    if (between == "constant") return values[next];
    if (next == 0) return values.front();
    if (next == boundaries.size()) return values.back();
    const double share = (now - boundaries[next - 1]) / (boundaries[next] - boundaries[next - 1]);
    return std::lerp(values[next - 1], values[next], share);
  }
};

}  // namespace

void add_piecewise(KindRegistry<Schedule>& schedules) { schedules.add<Piecewise>("piecewise"); }

}  // namespace duel
