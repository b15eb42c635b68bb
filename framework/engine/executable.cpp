#include <algorithm>
#include <atomic>
#include <chrono>

#include "base/error.hpp"
#include "engine/engine.hpp"
#include "engine/numbers.hpp"

namespace duel {
namespace {

// A call with addresses.
struct BoundCall {
  const Kernel* kernel = nullptr;
  std::vector<const std::byte*> inputs;
  std::vector<std::byte*> outputs;
  KernelArguments arguments;
  std::size_t number = 0;  // among all calls of the plan
};

// What runs at once: one phase of every call of a launch that has it, as one row of tiles.
struct Wave {
  int phase = 0;
  std::vector<const BoundCall*> calls;
  std::vector<int64_t> first_tiles;  // of each call in the row, ascending
  int64_t tiles = 0;

  void run(int64_t tile) const {
    const std::size_t call = call_of(tile);
    calls[call]->kernel->run(phase, tile - first_tiles[call], calls[call]->arguments);
  }

  void run_timed(int64_t tile, std::atomic<int64_t>* nanoseconds) const {
    const auto begin = std::chrono::steady_clock::now();
    run(tile);
    const auto taken = std::chrono::steady_clock::now() - begin;
    nanoseconds[calls[call_of(tile)]->number].fetch_add(
        std::chrono::duration_cast<std::chrono::nanoseconds>(taken).count(), std::memory_order_relaxed);
  }

  std::size_t call_of(int64_t tile) const {
    const auto after = std::ranges::upper_bound(first_tiles, tile);
    return static_cast<std::size_t>(after - first_tiles.begin()) - 1;
  }
};

}  // namespace

struct Executable::Implementation {
  Implementation(Plan the_plan, VariableStore& variables, ThreadPool& the_pool)
      : plan(std::move(the_plan)),
        pool(the_pool),
        arena(plan.arena_bytes),
        constants(static_cast<int64_t>(plan.constants.size())) {
    std::ranges::copy(plan.constants, constants.data());
    for (const Slot& slot : plan.variables) variable_memory.push_back(variables.declare(slot).memory.data());
    for (const Slot& slot : plan.inputs) inputs.emplace_back(slot.bytes());
    bind_calls();
    make_waves();
  }

  std::byte* address(const Location& location) const {
    const auto index = static_cast<std::size_t>(location.index);
    switch (location.space) {
      case Location::Space::arena:
        return arena.data() + location.offset;
      case Location::Space::constant:
        return constants.data() + location.offset;
      case Location::Space::variable:
        return variable_memory[index] + location.offset;
      case Location::Space::input:
        return inputs[index].data() + location.offset;
    }
    DUEL_CHECK(false, "a location is in no space");
  }

  void bind_calls() {
    for (const Launch& launch : plan.launches) {
      auto& bound = calls.emplace_back(launch.calls.size());
      for (std::size_t i = 0; i < bound.size(); ++i) {
        bind(launch.calls[i], bound[i]);
        bound[i].number = call_count++;
      }
    }
  }

  void bind(const Call& call, BoundCall& bound) {
    bound.kernel = call.kernel.get();
    for (const Location& input : call.inputs) bound.inputs.push_back(address(input));
    for (const Location& output : call.outputs) bound.outputs.push_back(address(output));
    bound.arguments = {.inputs = bound.inputs.data(),
                       .outputs = bound.outputs.data(),
                       .workspace = call.workspace.bytes > 0 ? address(call.workspace) : nullptr,
                       .clock = &clock};
  }

  void make_waves() {
    for (const auto& launch : calls) {
      int phases = 0;
      for (const BoundCall& call : launch) phases = std::max(phases, call.kernel->phases());
      for (int phase = 0; phase < phases; ++phase) add_wave(launch, phase);
    }
  }

  void add_wave(const std::vector<BoundCall>& launch, int phase) {
    Wave wave{.phase = phase, .calls = {}, .first_tiles = {}, .tiles = 0};
    for (const BoundCall& call : launch) {
      if (phase >= call.kernel->phases() || call.kernel->tiles(phase) == 0) continue;
      wave.calls.push_back(&call);
      wave.first_tiles.push_back(wave.tiles);
      wave.tiles += call.kernel->tiles(phase);
    }
    if (wave.tiles > 0) waves.push_back(std::move(wave));
  }

  void run_waves() const {
    for (const Wave& wave : waves) {
      if (nanoseconds != nullptr) {
        for_tiles(wave.tiles, [this, &wave](int64_t tile) { wave.run_timed(tile, nanoseconds.get()); });
      } else {
        for_tiles(wave.tiles, [&wave](int64_t tile) { wave.run(tile); });
      }
    }
  }

  std::size_t input_index(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::find(plan.inputs, name, &Slot::name) - plan.inputs.begin());
  }

  const OutputSlot& output(std::string_view name) const {
    const auto found = std::ranges::find(plan.outputs, name,
                                         [](const OutputSlot& slot) -> const std::string& { return slot.slot.name; });
    DUEL_CHECK(found != plan.outputs.end(), "the plan has no output '{}'", name);
    return *found;
  }

  Plan plan;
  ThreadPool& pool;
  AlignedBuffer arena;
  AlignedBuffer constants;
  std::vector<AlignedBuffer> inputs;
  std::vector<std::byte*> variable_memory;
  std::vector<std::vector<BoundCall>> calls;  // by launch
  std::vector<Wave> waves;
  std::size_t call_count = 0;
  std::unique_ptr<std::atomic<int64_t>[]> nanoseconds;  // by call number; null: not timed
  int64_t timed_runs = 0;
  DrawClock clock;
};

Executable::Executable(Plan plan, VariableStore& variables, ThreadPool& pool)
    : implementation_(std::make_unique<Implementation>(std::move(plan), variables, pool)) {}

Executable::~Executable() = default;
Executable::Executable(Executable&&) noexcept = default;

const Plan& Executable::plan() const { return implementation_->plan; }

std::byte* Executable::find_input(std::string_view name) {
  const std::size_t index = implementation_->input_index(name);
  return index < implementation_->inputs.size() ? implementation_->inputs[index].data() : nullptr;
}

std::byte* Executable::input(std::string_view name) {
  std::byte* memory = find_input(name);
  DUEL_CHECK(memory != nullptr, "the plan has no input '{}'", name);
  return memory;
}

void Executable::set_input(std::string_view name, std::span<const double> values) {
  std::byte* memory = input(name);
  write_numbers(implementation_->plan.inputs[implementation_->input_index(name)], memory, values);
}

void Executable::run(uint64_t step) {
  Implementation& self = *implementation_;
  self.clock.step = step;
  if (self.nanoseconds != nullptr) ++self.timed_runs;
  self.pool.run([&self] { self.run_waves(); });  // one pointer: std::function holds it without allocating
}

void Executable::profile() {
  implementation_->nanoseconds = std::make_unique<std::atomic<int64_t>[]>(implementation_->call_count);
  implementation_->timed_runs = 0;
}

std::vector<Executable::CallTime> Executable::call_times() const {
  std::vector<CallTime> times;
  if (implementation_->nanoseconds == nullptr) return times;
  for (const Launch& launch : implementation_->plan.launches) {
    for (const Call& call : launch.calls) {
      const int64_t taken = implementation_->nanoseconds[times.size()].load(std::memory_order_relaxed);
      times.push_back({&call, 1e-9 * static_cast<double>(taken), implementation_->timed_runs});
    }
  }
  return times;
}

const std::byte* Executable::output(std::string_view name) const {
  return implementation_->address(implementation_->output(name).location);
}

std::vector<double> Executable::read_output(std::string_view name) const {
  return read_numbers(implementation_->output(name).slot, output(name));
}

double Executable::scalar_output(std::string_view name) const {
  const Slot& slot = implementation_->output(name).slot;
  DUEL_CHECK(slot.shape.elements() == 1, "output '{}' is no scalar: it has {} elements", name, slot.shape.elements());
  const std::byte* memory = output(name);
  if (slot.dtype == DType::float64) return *reinterpret_cast<const double*>(memory);
  return *reinterpret_cast<const float*>(memory);
}

}  // namespace duel
