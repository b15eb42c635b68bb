// Runs plans on TBB. After the first run of an Executable, run() neither allocates nor locks.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/parallel.hpp"
#include "plan/plan.hpp"

namespace duel {

// 64-byte aligned, zeroed memory. Move-only. Throws UserError(ExitCode::storage) when there is none.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(int64_t bytes);
  ~AlignedBuffer();
  AlignedBuffer(AlignedBuffer&& other) noexcept;
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept;
  std::byte* data() const { return data_; }
  int64_t size() const { return size_; }

 private:
  std::byte* data_ = nullptr;
  int64_t size_ = 0;
};

// The variables of a training, by name: what a checkpoint saves. Shared by all executables of a run (one variant of a
// step each), which see each other's updates. Addresses are stable. Not thread-safe.
class VariableStore {
 public:
  struct Entry {
    Slot slot;
    AlignedBuffer memory;
  };

  // The entry of that name, made (zeroed) if absent; a different shape or type of one that exists fails a check.
  Entry& declare(const Slot& slot);
  Entry* find(std::string_view name);
  const Entry* find(std::string_view name) const;
  const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }

  // Values as doubles, whatever the type.
  std::vector<double> read(std::string_view name) const;
  void write(std::string_view name, std::span<const double> values);

 private:
  std::map<std::string, Entry, std::less<>> entries_;
};

// A plan with its memory. The store and the pool must outlive it.
class Executable {
 public:
  Executable(Plan plan, VariableStore& variables, ThreadPool& pool);
  ~Executable();
  Executable(Executable&&) noexcept;

  const Plan& plan() const;

  // Memory of an input, to be filled before run(). Fails a check for a name the plan lacks; nullptr from find_input.
  std::byte* input(std::string_view name);
  std::byte* find_input(std::string_view name);
  void set_input(std::string_view name, std::span<const double> values);

  // One step. `step` is the clock of the random ops.
  void run(uint64_t step);

  // What each call took, added up over the runs since profile() and over threads. Calls of a launch run at once, so the
  // times add up to more than a step. Timing costs about 50 ns a tile.
  struct CallTime {
    const Call* call = nullptr;  // of plan()
    double seconds = 0;
    int64_t runs = 0;
  };
  void profile();
  std::vector<CallTime> call_times() const;  // empty before profile()

  // Results of the last run; views into the arena, valid until the next run. read_output converts to double.
  const std::byte* output(std::string_view name) const;
  std::vector<double> read_output(std::string_view name) const;
  double scalar_output(std::string_view name) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace duel
