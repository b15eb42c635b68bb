// What value functions that draw random numbers share.
#pragma once

#include <optional>
#include <string>

#include "registry/value.hpp"

namespace duel {

class RandomValue : public ValueFunction {
 public:
  std::string redraw;  // step | turn; empty: as the experiment's train.redraw says

 protected:
  // The stream called `name` of this value. One function never asks for one name twice.
  RandomSource stream(ValueContext& context, const std::string& name) const {
    return context.random(name, redraw.empty() ? context.redraws_each_turn() : redraw == "turn");
  }

  template <class Component>
  static void declare_redraw(Declaration<Component>& d) {
    d.parameter("redraw", &Component::redraw,
                "draw anew for each step or for each turn; when not given, as train.redraw says")
        .one_of({"step", "turn"});
  }
};

// A value made of nothing but random numbers: [batch, shape…].
class RandomSourceValue : public RandomValue {
 public:
  std::optional<int64_t> batch;

 protected:
  int64_t rows(const ValueContext& context) const { return context.rows(batch); }

  template <class Component>
  static void declare_source(Declaration<Component>& d) {
    d.parameter("batch", &Component::batch, "rows; when not given, as many as the batch has").min(1);
    declare_redraw(d);
  }
};

}  // namespace duel
