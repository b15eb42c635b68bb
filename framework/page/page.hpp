// The page as one HTML text: its program, its style and its data within it. It opens from a file, asks the network for
// nothing, and runs no script but its own: its content security policy names that by its hash.
#pragma once

#include <string>
#include <string_view>

#include "page/page_data.hpp"

namespace duel {

struct PageAssets {
  std::string_view script;  // holds no "</script"
  std::string_view style;   // holds no "</style"
};

std::string page_html(const PageData& data, const PageAssets& assets);

// The same data alone, as a live page asks for them: {"data": …, "columns": "…"}.
std::string page_answer(const PageData& data);

}  // namespace duel
