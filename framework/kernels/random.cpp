// Draws: Philox over 16 blocks at once. Every chunk of 64 elements is computed from its place alone, so that a number
// does not depend on tiles. Normals are computed in double throughout: near its ends the logarithm of a float32 uniform
// would lose half of its digits.
#include "base/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numbers>

#include "kernels/division.hpp"
#include "kernels/makers.hpp"
#include "kernels/simd.hpp"

namespace duel {
namespace {

constexpr int64_t blocks_at_once = 16;
constexpr int64_t words_of_block = 4;
constexpr int64_t chunk = blocks_at_once * words_of_block;
constexpr int64_t tile_elements = 16384;

// words[k][i]: word k of block `first` + i.
struct Words {
  alignas(64) uint32_t at[words_of_block][blocks_at_once];
};

// As base's philox4x32, lane by lane; the compiler makes vectors of these loops.
void philox(uint64_t key, const DrawClock& clock, uint64_t first, Words& words) {
  const PhiloxCounter start = random_counter(clock, first);
  for (int64_t i = 0; i < blocks_at_once; ++i) {
    const uint64_t block = first + static_cast<uint64_t>(i);
    words.at[0][i] = static_cast<uint32_t>(block);
    words.at[1][i] = static_cast<uint32_t>(block >> 32) | (start[1] & 0xffff0000u);
    words.at[2][i] = start[2];
    words.at[3][i] = start[3];
  }
  auto key_0 = static_cast<uint32_t>(key);
  auto key_1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    for (int64_t i = 0; i < blocks_at_once; ++i) {
      const uint64_t product_0 = uint64_t{0xD2511F53} * words.at[0][i];
      const uint64_t product_1 = uint64_t{0xCD9E8D57} * words.at[2][i];
      const auto high_0 = static_cast<uint32_t>(product_0 >> 32);
      const auto high_1 = static_cast<uint32_t>(product_1 >> 32);
      words.at[0][i] = high_1 ^ words.at[1][i] ^ key_0;
      words.at[1][i] = static_cast<uint32_t>(product_1);
      words.at[2][i] = high_0 ^ words.at[3][i] ^ key_1;
      words.at[3][i] = static_cast<uint32_t>(product_0);
    }
    key_0 += 0x9E3779B9;
    key_1 += 0xBB67AE85;
  }
}

void uniforms(const Words& words, float* out) {
  for (int64_t i = 0; i < blocks_at_once; ++i) {
    for (int64_t k = 0; k < words_of_block; ++k) {
      out[i * words_of_block + k] = static_cast<float>(static_cast<int32_t>(words.at[k][i] >> 8)) * 0x1p-24f;
    }
  }
}

void uniforms(const Words& words, double* out) {
  for (int64_t i = 0; i < blocks_at_once; ++i) {
    for (int64_t k = 0; k < words_of_block; ++k) out[i * words_of_block + k] = words.at[k][i] * 0x1p-32;
  }
}

// Box-Muller, as base's normal_pair.
template <class T>
void normals(const Words& words, T* out) {
  using Batch = simd::Batch<double>;
  alignas(64) double unit[blocks_at_once];
  alignas(64) double angle[blocks_at_once];
  alignas(64) double value[2][blocks_at_once];
  for (int64_t pair = 0; pair < words_of_block; pair += 2) {
    for (int64_t i = 0; i < blocks_at_once; ++i) {
      unit[i] = (words.at[pair][i] + 0.5) * 0x1p-32;
      angle[i] = 2 * std::numbers::pi * (words.at[pair + 1][i] * 0x1p-32);
    }
    for (int64_t i = 0; i < blocks_at_once; i += simd::lanes<double>) {
      const Batch radius = xsimd::sqrt(Batch(-2) * xsimd::log(simd::load(unit + i)));
      const auto [sine, cosine] = xsimd::sincos(simd::load(angle + i));
      simd::store(value[0] + i, radius * cosine);
      simd::store(value[1] + i, radius * sine);
    }
    for (int64_t i = 0; i < blocks_at_once; ++i) {
      out[i * words_of_block + pair] = static_cast<T>(value[0][i]);
      out[i * words_of_block + pair + 1] = static_cast<T>(value[1][i]);
    }
  }
}

template <class T>
class RandomKernel final : public Kernel {
 public:
  RandomKernel(Distribution distribution, uint64_t key, const DrawClock& clock, int64_t elements)
      : distribution_(distribution), key_(key), clock_(clock), elements_(elements) {}

  std::string describe() const override {
    return fmt::format("philox {} of {} elements, {} tiles",
                       distribution_ == Distribution::uniform ? "uniform" : "normal", elements_, tiles(0));
  }
  int64_t tiles(int) const override { return divide_up(elements_, tile_elements); }
  void run(int, int64_t tile, const KernelArguments& arguments) const override {
    T* out = reinterpret_cast<T*>(arguments.outputs[0]);
    DrawClock clock = clock_;
    clock.step = arguments.clock->step;
    const int64_t end = std::min(elements_, (tile + 1) * tile_elements);
    for (int64_t begin = tile * tile_elements; begin < end; begin += chunk) {
      if (end - begin >= chunk) {
        draw(clock, begin, out + begin);
      } else {
        T last[chunk];
        draw(clock, begin, last);
        std::copy_n(last, end - begin, out + begin);
      }
    }
  }

 private:
  void draw(const DrawClock& clock, int64_t begin, T* out) const {
    Words words;
    philox(key_, clock, static_cast<uint64_t>(begin / words_of_block), words);
    if (distribution_ == Distribution::uniform) {
      uniforms(words, out);
    } else {
      normals(words, out);
    }
  }

  Distribution distribution_;
  uint64_t key_;
  DrawClock clock_;
  int64_t elements_;
};

}  // namespace

std::unique_ptr<Kernel> make_random_kernel(DType dtype, Distribution distribution, uint64_t key, const DrawClock& clock,
                                           int64_t elements) {
  if (dtype == DType::float32) return std::make_unique<RandomKernel<float>>(distribution, key, clock, elements);
  return std::make_unique<RandomKernel<double>>(distribution, key, clock, elements);
}

}  // namespace duel
