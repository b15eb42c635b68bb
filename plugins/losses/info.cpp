#include "plugins/losses/info.hpp"

#include <cmath>
#include <numbers>

#include "graph/op.hpp"
#include "plugins/losses/classes.hpp"
#include "plugins/losses/match.hpp"

namespace duel {

Tensor Info::build(ValueContext& context) const {
  const Tensor predicted = context.evaluate(prediction);
  const Tensor drawn = context.evaluate(code);
  if (predicted.rank() == 0) throw ShapeError("info: the prediction needs a row for each code");
  return distribution == "normal" ? normal(context, predicted, drawn) : categorical(predicted, drawn);
}

Tensor Info::categorical(const Tensor& logits, const Tensor& drawn) const {
  if (logits.rank() < 2) {
    throw ShapeError("info: the prediction needs a last axis of classes, and is " + to_string(logits.shape()));
  }
  const Tensor share = drawn.shape() == logits.shape() ? drawn : class_indicator("info", drawn, logits);
  const int64_t classes[] = {-1};
  return -mean(sum(share * log_softmax(logits), classes));
}

Tensor Info::normal(ValueContext& context, const Tensor& center, const Tensor& drawn) const {
  const Tensor distance = match_shape("info", drawn, center) - center;
  const double of_unit = 0.5 * std::log(2 * std::numbers::pi);
  Tensor surprise = 0.5 * square(distance) + of_unit;
  if (log_deviation) {
    const Tensor spread = match_shape("info", context.evaluate(*log_deviation), center);
    surprise = 0.5 * square(distance * exp(-spread)) + spread + of_unit;
  }
  return sum(surprise) / static_cast<double>(center.shape()[0]);
}

std::string Info::conflict() const {
  return log_deviation && distribution != "normal" ? "'log_deviation' is of distribution: normal" : "";
}

void Info::declare(Declaration<Info>& d) {
  d.help("how badly a network reads the code off what the generator made of it: -E log Q(code | fake)");
  d.reference("Chen et al. 2016, InfoGAN, equations 4 and 5");
  d.parameter("prediction", &Info::prediction, "logits of the classes, or the mean of a continuous code").required();
  d.parameter("code", &Info::code, "what the generator was given: class indices, one-hot rows, or numbers").required();
  d.parameter("distribution", &Info::distribution, "what the code is taken for; normal for all continuous codes")
      .one_of({"categorical", "normal"});
  d.parameter("log_deviation", &Info::log_deviation,
              "logarithm of the normal's deviation, such as another output; when not given, the deviation is 1");
}

}  // namespace duel
