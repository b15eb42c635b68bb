// Means over the rows that a discriminator says most of.
#pragma once

#include <memory>

#include "registry/value.hpp"

namespace duel {

// The mean of `terms` over the k rows whose `scores` are greatest, k = ceil(share · rows) (registry/value.hpp says it
// exactly); at equal scores the earlier rows are taken. Both are [rows, …]; of a row with several scores their mean
// counts. The choice of rows has no derivative. A share of 1 is the mean of all, the same bits as mean(terms). Sinha et
// al. 2020, "Top-k Training of GANs: Improving GAN Performance by Throwing Away Bad Samples", section 3.
Tensor mean_of_top(ValueContext& context, const Tensor& terms, const Tensor& scores, const Schedule& share);

// Is it 1 throughout?
bool takes_all(const Schedule& share);

template <class Component>
void declare_top(Declaration<Component>& d, const char* help) {
  d.parameter("top", &Component::top, help).default_value("1").above(0).max(1);
}

}  // namespace duel
