// The first pass: live nodes → items. Dead code is dropped, views, assignments and stop_gradient become other names
// of their inputs, broadcasts become access patterns, constant expressions numbers, and x·1, x+0 become x.
#pragma once

#include "plan/items.hpp"

namespace duel {

Items resolve(const Graph& graph);

}  // namespace duel
