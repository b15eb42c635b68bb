// The page's program and style, made by tools/page/build.mjs when duel is built.
#pragma once

#include <optional>

#include "page/page.hpp"

namespace duel {

// None in a duel that was built without pages (-DDUEL_PAGE=OFF).
std::optional<PageAssets> page_assets();

}  // namespace duel
