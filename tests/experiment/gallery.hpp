// The experiments that come with the program.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace duel {

// Files below experiments/, as "points/ring" and, for smoke variants, "points/ring.smoke". Files called base, which
// others extend, are none.
std::vector<std::string> smoke_experiments();
std::vector<std::string> full_experiments();
// The same of sweeps: "sweeps/ring".
std::vector<std::string> smoke_sweeps();
std::vector<std::string> full_sweeps();
std::filesystem::path experiment_file(const std::string& name);

// Whether it reads files of the folder $DUEL_DATA, and that folder is not given.
bool lacks_data(const std::string& name);

// "points/ring.smoke" → "points_ring_smoke", as GoogleTest wants it.
std::string test_name(const std::string& name);

}  // namespace duel
