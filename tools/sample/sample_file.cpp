#include "tools/sample/sample_file.hpp"

#include <vector>

#include "base/file.hpp"
#include "data/npy_header.hpp"
#include "store/array_file.hpp"
#include "store/png.hpp"

namespace duel {
namespace {

enum class SampleFormat { none, png, npy, hdf5 };

SampleFormat format_of(const std::filesystem::path& file) {
  const std::string name = file.extension().string();
  if (name == ".png") return SampleFormat::png;
  if (name == ".npy") return SampleFormat::npy;
  return name == ".h5" || name == ".hdf5" ? SampleFormat::hdf5 : SampleFormat::none;
}

void write_npy(const std::filesystem::path& file, const HostTensor& samples, DType precision) {
  const bool is_double = precision == DType::float64;
  std::string content = npy_header(is_double ? ElementType::f64 : ElementType::f32, samples.shape.span());
  const auto append = [&](const auto& values) {
    content.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
  };
  if (is_double) {
    append(samples.values);
  } else {
    append(std::vector<float>(samples.values.begin(), samples.values.end()));
  }
  write_file_atomically(file, content);
}

}  // namespace

void check_sample_name(const std::filesystem::path& file) {
  if (format_of(file) != SampleFormat::none) return;
  throw UserError(ExitCode::experiment, fmt::format("--output {}: nothing is written under such a name", file.string()),
                  "give FILE.png for a picture, FILE.npy or FILE.h5 for the values");
}

void write_sample(const std::filesystem::path& file, const DrawnSample& drawn) {
  const HostTensor& samples = drawn.values.samples;
  const Picture& picture = drawn.picture;
  switch (format_of(file)) {
    case SampleFormat::png:
      write_png(file, picture.height, picture.width, picture.channels, picture.pixels);
      break;
    case SampleFormat::npy:
      write_npy(file, samples, drawn.precision);
      break;
    case SampleFormat::hdf5:
      write_array_file(file, "values", samples.shape, samples.values, drawn.precision);
      break;
    case SampleFormat::none:
      check_sample_name(file);
  }
}

}  // namespace duel
