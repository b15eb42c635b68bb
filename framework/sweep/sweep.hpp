// A sweep on the disk:
//
//   sweep.yaml    what it does, as it stands now
//   journal       what happened (journal.hpp, state.hpp)
//   sweep.lock    held while somebody writes to the journal
//   sweep.h5      the trials as tables, for other programs (index.hpp)
//   trials/       a run folder for each training: 0007, or 0007-s2 with seeds
//   agents/       a lock for each living agent
//   logs/         what agents printed
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "base/file.hpp"
#include "store/journal.hpp"
#include "sweep/definition.hpp"
#include "sweep/state.hpp"

namespace duel {

// One thread uses it; any number of processes work in one folder.
class Sweep {
 public:
  // A new sweep, or the one that `folder` holds with what may change taken over from `document` (more points, other
  // workers), of which `definition` was read. Throws UserError(ExitCode::experiment) when the folder holds another one.
  static Sweep create(const std::filesystem::path& folder, const Document& document, SweepDefinition definition);
  // The sweep in the folder. Throws UserError for a folder without one, and for an experiment that has changed since
  // the sweep began.
  static Sweep open(const std::filesystem::path& folder, const Registry& registry);
  // What has become of the sweep that the folder holds, if it is of this definition; nothing is written. Throws
  // UserError(ExitCode::experiment) for another one. The definition must outlive it.
  static SweepState look_at(const std::filesystem::path& folder, const Document& document,
                            const SweepDefinition& definition);
  // Throws what open does for a folder without one.
  static void require(const std::filesystem::path& folder);

  const std::filesystem::path& folder() const { return folder_; }
  const SweepDefinition& definition() const { return *definition_; }
  // As of the last call of refresh, or of a call that writes.
  const SweepState& state() const { return state_; }
  void refresh();

  std::string run_name(RunPlace place) const;  // "0007-s2"
  std::filesystem::path run_folder(RunPlace place) const { return folder_ / "trials" / run_name(place); }
  std::optional<int64_t> seed_of(RunPlace place) const;

  // The lock that an agent holds as long as it lives.
  FileLock agent_lock(const std::string& agent) const { return FileLock(agent_file(agent)); }
  std::filesystem::path agent_file(const std::string& agent) const { return folder_ / "agents" / (agent + ".lock"); }
  bool is_alive(const std::string& agent) const;

  // Does no other process use the run's folder, as `duel clean` does? Agents of this sweep that train it do, too.
  bool is_free(RunPlace place) const;

  // Takes the next run for the agent that is free and none of `but`; none when there is nothing left to begin. Throws
  // UserError(ExitCode::experiment), before anything is taken, when the experiment has changed since the sweep began,
  // and when the method is to learn from scores that cannot be compared.
  std::optional<SweepState::Next> claim(const std::string& agent, const std::set<RunPlace>& but = {});
  // Reports a value of the metric at a place of comparison, reached by `step`, and how an evaluation made it; whether
  // the run is to end there: by the comparison, or as its trial has ended by another seed.
  bool report(RunPlace place, double at, double value, const std::optional<EvaluationRecord>& record, int64_t step);
  void end(RunPlace place, const SweepRun& run);
  // A launcher has seen that the agent died, and of what: runs that it had wait again. A run that three agents were
  // seen to die of, or twenty died of unseen (everything may have been killed), without a new checkpoint between, has
  // failed.
  void died(const std::string& agent, const std::string& cause);

 private:
  Sweep(std::filesystem::path folder, Document document, std::shared_ptr<const SweepDefinition> definition);
  void refuse_changes() const;
  void refuse_unlike_scores() const;
  // Runs `work` with the journal read to its end and nobody else writing.
  template <class Work>
  auto locked(Work work);
  void append(const nlohmann::json& record);
  void read_new();  // by whoever holds the lock
  int64_t saved_step(RunPlace place) const;
  void record_death(RunPlace place, const std::string& agent, bool seen, const std::string& cause);

  std::filesystem::path folder_;
  Document document_;  // of which the definition was read
  std::shared_ptr<const SweepDefinition> definition_;
  SweepState state_;
  JournalReader reader_;
};

}  // namespace duel
