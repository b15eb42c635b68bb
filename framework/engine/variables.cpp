#include "base/error.hpp"
#include "engine/engine.hpp"
#include "engine/numbers.hpp"

namespace duel {

VariableStore::Entry& VariableStore::declare(const Slot& slot) {
  const auto [found, is_new] = entries_.try_emplace(slot.name);
  Entry& entry = found->second;
  if (is_new) {
    entry.slot = slot;
    entry.memory = AlignedBuffer(slot.bytes());
  }
  DUEL_CHECK(entry.slot.shape == slot.shape && entry.slot.dtype == slot.dtype,
             "variable '{}' is {}{} and is declared as {}{}", slot.name, to_string(entry.slot.dtype),
             to_string(entry.slot.shape), to_string(slot.dtype), to_string(slot.shape));
  return entry;
}

VariableStore::Entry* VariableStore::find(std::string_view name) {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

const VariableStore::Entry* VariableStore::find(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

std::vector<double> VariableStore::read(std::string_view name) const {
  const Entry* entry = find(name);
  DUEL_CHECK(entry != nullptr, "there is no variable '{}'", name);
  return read_numbers(entry->slot, entry->memory.data());
}

void VariableStore::write(std::string_view name, std::span<const double> values) {
  Entry* entry = find(name);
  DUEL_CHECK(entry != nullptr, "there is no variable '{}'", name);
  write_numbers(entry->slot, entry->memory.data(), values);
}

}  // namespace duel
