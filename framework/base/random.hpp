// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
// There is no state: the same (key, counter, element) gives the same number whatever the order or the tiling.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace duel {

using PhiloxCounter = std::array<uint32_t, 4>;

PhiloxCounter philox4x32(PhiloxCounter counter, std::array<uint32_t, 2> key);

// Where in a training a draw is made. Part of the counter, so that a stream never repeats.
struct DrawClock {
  uint64_t step = 0;    // the step being computed; < 2^48
  uint16_t turn = 0;    // index of the turn within the step
  uint16_t repeat = 0;  // repeat of that turn
};

// Names a stream: everything that tells one source of randomness from another, hashed to 64 bits (FNV-1a with a final
// avalanche). Equal arguments give equal keys on every machine and version.
uint64_t stream_key(uint64_t seed, uint64_t attempt, std::string_view name);

// The Philox counter of a draw, block < 2^48:
//   word 0: block, bits 0–31     word 1: block, bits 32–47, and above them repeat
//   word 2: step, bits 0–31      word 3: step, bits 32–47, and above them turn
PhiloxCounter random_counter(const DrawClock& clock, uint64_t block);

// Four consecutive numbers of a stream, elements 4*block … 4*block+3: Philox of random_counter(clock, block) under the
// key {low half, high half}.
std::array<uint32_t, 4> random_bits(uint64_t key, const DrawClock& clock, uint64_t block);

// Conversions of bits. uniform is in [0, 1) with 24 (float: the upper ones) or 32 (double) bits. normal_pair is
// Box-Muller: {r cos φ, r sin φ}, r = √(−2 ln((first + ½) / 2^32)), φ = 2π second / 2^32; |x| reaches 6.7.
float uniform_float(uint32_t bits);
double uniform_double(uint32_t bits);
std::array<double, 2> normal_pair(uint32_t first, uint32_t second);

// A sequential view of one stream, for host code (initializers, data sets): next() walks the elements.
class RandomStream {
 public:
  explicit RandomStream(uint64_t key, DrawClock clock = {}) : key_(key), clock_(clock) {}
  uint32_t bits();
  double uniform();                         // [0, 1)
  double uniform(double low, double high);  // [low, high)
  double normal();                          // mean 0, standard deviation 1
  uint64_t below(uint64_t bound);           // 0 … bound-1, bound > 0, unbiased

 private:
  uint64_t key_;
  DrawClock clock_;
  uint64_t block_ = 0;
  int used_ = 4;
  std::array<uint32_t, 4> words_{};
  bool has_spare_ = false;
  double spare_ = 0;
};

// A keyed permutation of 0 … size-1 by a Feistel network with cycle walking: element i in O(1), nothing stored.
uint64_t permuted_index(uint64_t key, uint64_t size, uint64_t index);

}  // namespace duel
