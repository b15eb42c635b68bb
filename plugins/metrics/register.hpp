// Every metric of this folder, by the name it has on the command line.
#pragma once

namespace duel {

class Registry;

void register_metrics(Registry& registry);

}  // namespace duel
