#include "tools/sample/sample_file.hpp"

#include <vector>

#include "base/file.hpp"
#include "data/npy_header.hpp"
#include "store/array_file.hpp"
#include "store/png.hpp"

namespace duel {
namespace {

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

SampleFormat sample_format(const std::filesystem::path& file, const std::string& format) {
  const std::string end = file.extension().string();
  if (format == "png" || (format.empty() && (end == ".png" || file.empty()))) return SampleFormat::png;
  if (format == "npy" || (format.empty() && end == ".npy")) return SampleFormat::npy;
  if (format == "hdf5" || (format.empty() && (end == ".h5" || end == ".hdf5"))) return SampleFormat::hdf5;
  throw UserError(ExitCode::experiment, fmt::format("--output {}: nothing is written under such a name", file.string()),
                  "give FILE.png for a picture, FILE.npy or FILE.h5 for the values, or say which by --format");
}

std::string default_sample_name(SampleFormat format) {
  switch (format) {
    case SampleFormat::npy:
      return "samples.npy";
    case SampleFormat::hdf5:
      return "samples.h5";
    case SampleFormat::png:
      break;
  }
  return "samples.png";
}

OutputKind output_kind(SampleFormat format) {
  switch (format) {
    case SampleFormat::npy:
      return OutputKind::numpy;
    case SampleFormat::hdf5:
      return OutputKind::values;
    case SampleFormat::png:
      break;
  }
  return OutputKind::picture;
}

void write_sample(const std::filesystem::path& file, SampleFormat format, const DrawnSample& drawn) {
  const HostTensor& samples = drawn.values.samples;
  const Picture& picture = drawn.picture;
  switch (format) {
    case SampleFormat::png:
      write_png(file, picture.height, picture.width, picture.channels, picture.pixels);
      break;
    case SampleFormat::npy:
      write_npy(file, samples, drawn.precision);
      break;
    case SampleFormat::hdf5:
      write_array_file(file, "values", samples.shape, samples.values, drawn.precision);
      break;
  }
}

}  // namespace duel
