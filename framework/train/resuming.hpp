// What may and may not change when a run is taken up again, and what is left to do for it. For framework/train's own
// sources.
#pragma once

#include <string>
#include <vector>

#include "store/run_file.hpp"
#include "train/session.hpp"

namespace duel {

// All that a run draws follows from its seed: with two of them it would be the run of neither. Throws
// UserError(ExitCode::experiment) for another one than run.h5 says.
void refuse_other_seed(const RunRecords& kept, const Experiment& experiment);

// Session::load. Where the state does not fit, the error names the overrides that may be the reason.
void load_state(Session& session, const CheckpointState& state, const std::vector<std::string>& overrides);

// Throws UserError(ExitCode::experiment) where the training would end before the step at which the session stands.
void refuse_passed_end(const Session& session);

// The steps of a sample's pictures, and of an evaluation's records; none where run.h5 does not know it yet.
std::vector<int64_t> steps_of(const RunRecords& records, const SampleSpec& spec);
std::vector<int64_t> steps_of(const RunRecords& records, const EvaluationSpec& spec);

}  // namespace duel
