// The line that tells how far a training is.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace duel {

// `head`, the metrics, `tail`, two spaces between. Where that is more than `width` characters, metrics are left out
// from the last one on and "…" stands for them; if not even head and tail fit, the line ends at the width.
std::string live_line(const std::string& head, std::span<const std::string> metrics, const std::string& tail,
                      std::size_t width);

}  // namespace duel
