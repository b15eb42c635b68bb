// The neighbourhoods of output pixels as the rows of a matrix of taps × channels columns: what turns a convolution into
// a product of matrices. For the convolution kernels only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include "ops/window.hpp"

namespace duel {

// Some output pixels, counted through all images of the batch; some taps of the window; one group.
struct NeighbourhoodPart {
  int64_t pixel = 0;
  int64_t pixels = 0;
  int64_t tap = 0;
  int64_t taps = 0;
  int64_t group = 0;
};

// What a tile lays out at once stays in the cache: the size of the buffer that it has on its stack.
template <class T>
constexpr int64_t row_buffer_elements = 192 * 1024 / sizeof(T);

// For the rare row of more channels than that, memory of the thread that grows at the first use.
template <class T>
T* rows_within(T (&buffer)[row_buffer_elements<T>], int64_t elements) {
  if (elements <= row_buffer_elements<T>) return buffer;
  static thread_local std::vector<T> large;
  if (std::ssize(large) < elements) large.resize(static_cast<std::size_t>(elements));
  return large.data();
}

class Neighbourhoods {
 public:
  explicit Neighbourhoods(const ConvolutionShape& shape) : shape_(shape) {}

  int64_t columns(const NeighbourhoodPart& part) const { return part.taps * shape_.group_channels(); }
  // Where the part lies in the weights and in the output, in elements.
  int64_t weight_offset(const NeighbourhoodPart& part) const {
    return part.tap * shape_.group_channels() * shape_.outputs + part.group * shape_.group_outputs();
  }
  int64_t output_offset(const NeighbourhoodPart& part) const {
    return part.pixel * shape_.outputs + part.group * shape_.group_outputs();
  }

  // images → rows[pixels][columns]; beyond the image there are zeros.
  template <class T>
  void lay_out(const NeighbourhoodPart& part, const T* images, T* rows) const {
    const int64_t width = columns(part);
    for_each_pixel(part, [&](int64_t i, const Corner& corner) {
      T* row = rows + i * width;
      for_each_run(
          part, corner,
          [&](int64_t place, int64_t column, int64_t count) { std::copy_n(images + place, count, row + column); },
          [&](int64_t column, int64_t count) { std::fill_n(row + column, count, T(0)); });
    });
  }

  // Adds rows[pixels][columns] to the pixels of the images that they came from.
  template <class T>
  void add_back(const NeighbourhoodPart& part, const T* rows, T* images) const {
    const int64_t width = columns(part);
    for_each_pixel(part, [&](int64_t i, const Corner& corner) {
      const T* row = rows + i * width;
      for_each_run(
          part, corner,
          [&](int64_t place, int64_t column, int64_t count) {
            for (int64_t k = 0; k < count; ++k) images[place + k] += row[column + k];
          },
          [](int64_t, int64_t) {});
    });
  }

 private:
  // The first pixel of a window; it may lie beyond the image.
  struct Corner {
    int64_t image = 0;
    int64_t top = 0;
    int64_t left = 0;
  };

  template <class Body>
  void for_each_pixel(const NeighbourhoodPart& part, Body body) const {
    const int64_t of_image = shape_.output[0] * shape_.output[1];
    int64_t image = part.pixel / of_image;
    int64_t y = part.pixel % of_image / shape_.output[1], x = part.pixel % shape_.output[1];
    for (int64_t i = 0; i < part.pixels; ++i) {
      body(i, Corner{image, y * shape_.how.stride[0] - shape_.how.before[0],
                     x * shape_.how.stride[1] - shape_.how.before[1]});
      if (++x < shape_.output[1]) continue;
      x = 0;
      if (++y < shape_.output[0]) continue;
      y = 0;
      ++image;
    }
  }

  // Calls inside(element of the images, column, count) and outside(column, count) for the runs of one row that lie
  // within the image and beyond it. Neighbouring taps of one row of the window are one run where their channels touch.
  template <class Inside, class Outside>
  void for_each_run(const NeighbourhoodPart& part, const Corner& corner, Inside inside, Outside outside) const {
    const Convolution& how = shape_.how;
    const int64_t channels = shape_.group_channels();
    const bool touching = how.dilation[1] == 1 && how.groups == 1;
    const int64_t end = part.tap + part.taps;
    for (int64_t tap = part.tap; tap < end;) {
      const int64_t tap_x = tap % shape_.kernel[1];
      const int64_t y = corner.top + tap / shape_.kernel[1] * how.dilation[0];
      const int64_t x = corner.left + tap_x * how.dilation[1];
      int64_t run = touching ? std::min(shape_.kernel[1] - tap_x, end - tap) : 1;
      const int64_t column = (tap - part.tap) * channels;
      const bool in_row = y >= 0 && y < shape_.input[0];
      if (in_row && x >= 0 && x < shape_.input[1]) {
        run = std::min(run, shape_.input[1] - x);
        const int64_t place = ((corner.image * shape_.input[0] + y) * shape_.input[1] + x) * shape_.channels;
        inside(place + part.group * channels, column, run * channels);
      } else {
        if (in_row && x < 0) run = std::min(run, -x);
        outside(column, run * channels);
      }
      tap += run;
    }
  }

  ConvolutionShape shape_;
};

}  // namespace duel
