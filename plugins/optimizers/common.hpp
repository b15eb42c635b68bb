// What several optimizers share. Everything that depends on the step alone is a number of the host, in double
// precision, so that the program that runs over the weights stays short.
#pragma once

#include <string>

#include "registry/optimizer.hpp"

namespace duel {

template <class Component>
void declare_learning_rate(Declaration<Component>& d, const std::string& keras, const std::string& torch) {
  d.parameter("lr", &Component::lr, "learning rate; may be a schedule").main().min(0).preset(keras, torch);
}

// The learning rate's present value.
Tensor learning_rate(OptimizerContext& context, const Optimizer& optimizer);

// decay·old + (1 − decay)·value
Tensor moving_average(const Tensor& old, const Tensor& value, double decay);

// The gradient with that of ½·decay·|weight|² added to it: weight decay as a penalty.
Tensor with_penalty(const Tensor& gradient, const Tensor& weight, double decay);

// weight·(1 − lr·decay): decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2, with the schedule in lr).
Tensor with_decay(OptimizerContext& context, const Optimizer& optimizer, const Tensor& weight, double decay);

// 1 − beta^t for the t-th update, counted from 1: the share of a moving average that started as 0 which data has
// filled.
double filled(double beta, const Clock& clock);

// What is wrong with the decays of moving averages, which must be less than 1; else "".
std::string decay_conflict(double first, double second);

}  // namespace duel
