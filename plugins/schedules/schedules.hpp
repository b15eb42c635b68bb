// One function a file of this folder: it adds the file's kinds.
#pragma once

#include "registry/registry.hpp"
#include "registry/schedule.hpp"

namespace duel {

void add_cosine(KindRegistry<Schedule>& schedules);
void add_decays(KindRegistry<Schedule>& schedules);
void add_linear(KindRegistry<Schedule>& schedules);
void add_piecewise(KindRegistry<Schedule>& schedules);
void add_warmup(KindRegistry<Schedule>& schedules);

}  // namespace duel
