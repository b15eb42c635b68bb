// A sweep on a Slurm cluster: its folder lies on a disk that all nodes see, and jobs are agents.
#pragma once

#include <string>

#include "sweep/sweep.hpp"

namespace duel {

// The batch script: grid and random searches are an array with a task a training that is left, of which `parallel` run
// at a time; tpe, whose points follow from those before, and what no array can hold are `parallel` agents that go on
// until nothing is left. Before its time is over a job is warned, saves, and is queued again. Something must be left.
// `threads`: of an agent; 0: as many as its job has CPUs.
std::string slurm_script(const Sweep& sweep, const std::string& program, int threads);

// Writes the script into the folder and submits it; the job's number. Throws UserError(ExitCode::experiment) when there
// is no sbatch, or it refuses.
std::string submit_to_slurm(const Sweep& sweep, const std::string& program, int threads);

}  // namespace duel
