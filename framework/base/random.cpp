#include "base/random.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

#include "base/error.hpp"

namespace duel {
namespace {

constexpr uint32_t philox_multiplier_0 = 0xD2511F53;
constexpr uint32_t philox_multiplier_1 = 0xCD9E8D57;
constexpr uint32_t philox_weyl_0 = 0x9E3779B9;  // golden ratio
constexpr uint32_t philox_weyl_1 = 0xBB67AE85;  // sqrt(3) - 1
constexpr int philox_rounds = 10;

constexpr uint64_t fnv_offset = 0xcbf29ce484222325;
constexpr uint64_t fnv_prime = 0x100000001b3;

constexpr uint64_t low_48_bits = (uint64_t{1} << 48) - 1;

uint32_t low(uint64_t word) { return static_cast<uint32_t>(word); }
uint32_t high(uint64_t word) { return static_cast<uint32_t>(word >> 32); }

// MurmurHash3's finaliser: every bit of the input flips about half the bits of the output.
uint64_t avalanche(uint64_t word) {
  word ^= word >> 33;
  word *= 0xff51afd7ed558ccd;
  word ^= word >> 33;
  word *= 0xc4ceb9fe1a85ec53;
  word ^= word >> 33;
  return word;
}

uint64_t fnv_byte(uint64_t hash, uint8_t byte) { return (hash ^ byte) * fnv_prime; }

uint64_t fnv_word(uint64_t hash, uint64_t word) {
  for (int shift = 0; shift < 64; shift += 8) hash = fnv_byte(hash, static_cast<uint8_t>(word >> shift));
  return hash;
}

// A Feistel network over 2 * half_bits bits. Eight rounds of a strong mixer leave no visible structure even where the
// halves have a single bit.
uint64_t feistel(uint64_t key, int half_bits, uint64_t index) {
  constexpr int rounds = 8;
  const uint64_t mask = (uint64_t{1} << half_bits) - 1;
  uint64_t left = index >> half_bits;
  uint64_t right = index & mask;
  for (int round = 0; round < rounds; ++round) {
    const uint64_t mixed = avalanche(avalanche(key + static_cast<uint64_t>(round) * 0x9e3779b97f4a7c15) ^ right);
    left ^= mixed & mask;
    std::swap(left, right);
  }
  return (left << half_bits) | right;
}

}  // namespace

PhiloxCounter philox4x32(PhiloxCounter counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < philox_rounds; ++round) {
    const uint64_t product_0 = uint64_t{philox_multiplier_0} * counter[0];
    const uint64_t product_1 = uint64_t{philox_multiplier_1} * counter[2];
    counter = {high(product_1) ^ counter[1] ^ key[0], low(product_1), high(product_0) ^ counter[3] ^ key[1],
               low(product_0)};
    key[0] += philox_weyl_0;
    key[1] += philox_weyl_1;
  }
  return counter;
}

uint64_t stream_key(uint64_t seed, uint64_t attempt, std::string_view name) {
  uint64_t hash = fnv_word(fnv_word(fnv_offset, seed), attempt);
  for (const char c : name) hash = fnv_byte(hash, static_cast<uint8_t>(c));
  return avalanche(hash);
}

PhiloxCounter random_counter(const DrawClock& clock, uint64_t block) {
  DUEL_CHECK(block <= low_48_bits, "block {} of a random stream does not fit 48 bits", block);
  DUEL_CHECK(clock.step <= low_48_bits, "step {} does not fit 48 bits", clock.step);
  return {low(block), high(block) | (uint32_t{clock.repeat} << 16), low(clock.step),
          high(clock.step) | (uint32_t{clock.turn} << 16)};
}

std::array<uint32_t, 4> random_bits(uint64_t key, const DrawClock& clock, uint64_t block) {
  return philox4x32(random_counter(clock, block), {low(key), high(key)});
}

float uniform_float(uint32_t bits) { return static_cast<float>(bits >> 8) * 0x1p-24f; }

double uniform_double(uint32_t bits) { return bits * 0x1p-32; }

std::array<double, 2> normal_pair(uint32_t first, uint32_t second) {
  const double radius = std::sqrt(-2 * std::log((first + 0.5) * 0x1p-32));
  const double angle = 2 * std::numbers::pi * uniform_double(second);
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

uint32_t RandomStream::bits() {
  if (used_ == 4) {
    words_ = random_bits(key_, clock_, block_++);
    used_ = 0;
  }
  return words_[static_cast<std::size_t>(used_++)];
}

double RandomStream::uniform() { return uniform_double(bits()); }

double RandomStream::uniform(double low_end, double high_end) {
  const double value = low_end + (high_end - low_end) * uniform();
  return value < high_end ? value : low_end;  // rounding can reach the open end
}

double RandomStream::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const uint32_t first = bits();
  const auto [value, spare] = normal_pair(first, bits());
  spare_ = spare;
  has_spare_ = true;
  return value;
}

uint64_t RandomStream::below(uint64_t bound) {
  DUEL_CHECK(bound > 0, "no number is below 0");
  const uint64_t rejected = (0 - bound) % bound;  // 2^64 mod bound: what would favour the small numbers
  for (;;) {
    const uint64_t upper = bits();
    const uint64_t value = (upper << 32) | bits();
    if (value >= rejected) return value % bound;
  }
}

uint64_t permuted_index(uint64_t key, uint64_t size, uint64_t index) {
  DUEL_CHECK(index < size, "index {} of a permutation of {}", index, size);
  DUEL_CHECK(size <= (uint64_t{1} << 62), "a permutation of {} elements", size);
  const int half_bits = std::max(1, (static_cast<int>(std::bit_width(size - 1)) + 1) / 2);
  do {
    index = feistel(key, half_bits, index);
  } while (index >= size);
  return index;
}

}  // namespace duel
