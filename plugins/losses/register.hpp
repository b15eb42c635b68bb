// Every loss of this folder, by the name it has in an experiment.
#pragma once

namespace duel {

class Registry;

void register_losses(Registry& registry);

}  // namespace duel
