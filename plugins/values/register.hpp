// Every value function of this folder, by the name it is called by in expressions.
#pragma once

namespace duel {

class Registry;

void register_values(Registry& registry);

}  // namespace duel
