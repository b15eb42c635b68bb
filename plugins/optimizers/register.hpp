// Every optimizer of this folder, by the name it has in an experiment.
#pragma once

namespace duel {

class Registry;

void register_optimizers(Registry& registry);

}  // namespace duel
