// The experiments that come with the program.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace duel {

// Files below experiments/, as "points/ring" and, for smoke and full variants, "points/ring.smoke" and
// "points/ring.full". Files called base, which others extend, are none.
std::vector<std::string> gallery_experiments();
std::vector<std::string> smoke_experiments();
std::vector<std::string> full_experiments();
// The same of sweeps, which have no full variants: "sweeps/ring".
std::vector<std::string> gallery_sweeps();
std::vector<std::string> smoke_sweeps();
std::filesystem::path experiment_file(const std::string& name);

// Whether it reads files of the folder $DUEL_DATA, and that folder is not given.
bool lacks_data(const std::string& name);

// "points/ring.smoke" → "points_ring_smoke", as GoogleTest wants it.
std::string test_name(const std::string& name);

}  // namespace duel
