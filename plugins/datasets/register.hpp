// Every data set of this folder, by the name it has in an experiment.
#pragma once

namespace duel {

class Registry;

void register_datasets(Registry& registry);

}  // namespace duel
