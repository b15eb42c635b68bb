// The files that no case could hold in itself.
#include <hdf5.h>
#include <zlib.h>

#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>

#include "tests/error/case.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& file, const std::string& content) { std::ofstream(file, std::ios::binary) << content; }

std::string repeated(const std::string& piece, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += piece;
  return out;
}

// A file of that size that takes no room on the disk.
void make_sparse(const fs::path& file, uintmax_t size) {
  write(file, "name: huge\n");
  fs::resize_file(file, size);
}

// The first `kept` bytes of a gzip file that holds `content`.
std::string gzipped(const std::string& content) {
  std::string out(content.size() + 100, '\0');
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("zlib");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("zlib");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string big_endian(uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16), static_cast<char>(number >> 8),
          static_cast<char>(number)};
}

// The header of an IDX file of bytes.
std::string idx_header(const std::vector<uint32_t>& extents) {
  std::string out{'\0', '\0', '\x08', static_cast<char>(extents.size())};
  for (const uint32_t extent : extents) out += big_endian(extent);
  return out;
}

struct NamedArray {
  const char* name;
  std::vector<hsize_t> extents;
  std::vector<float> values;
};

void make_hdf5(const fs::path& file, const std::vector<NamedArray>& arrays) {
  const hid_t id = H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  herr_t written = 0;
  for (const NamedArray& array : arrays) {
    const hid_t space = H5Screate_simple(static_cast<int>(array.extents.size()), array.extents.data(), nullptr);
    const hid_t set = H5Dcreate2(id, array.name, H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    written |= H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, array.values.data());
    H5Dclose(set);
    H5Sclose(space);
  }
  if (H5Fclose(id) < 0 || written < 0) throw std::runtime_error("HDF5");
}

// The data set points: 1000 × 2 numbers.
void make_points(const fs::path& file) { make_hdf5(file, {{"points", {1000, 2}, std::vector<float>(2000, 0.5f)}}); }

void make_statistics(const fs::path& file) { make_hdf5(file, {{"mu", {2}, {0, 0}}, {"sigma", {2, 2}, {1, 0, 0, 1}}}); }

void make_truncated_points(const fs::path& file) {
  make_points(file);
  fs::resize_file(file, fs::file_size(file) / 2);
}

// numpy.save of an array of float32.
std::string npy(const std::string& shape, std::size_t bytes) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }";
  header.resize(117, ' ');
  return "\x93NUMPY" + std::string("\x01\x00\x76\x00", 4) + header + "\n" + std::string(bytes, '\0');
}

using Generator = std::function<void(const fs::path&)>;

const std::map<std::string, Generator>& generators() {
  static const std::map<std::string, Generator> all{
      {"gigabyte.yaml", [](const fs::path& file) { make_sparse(file, uintmax_t{1} << 30); }},
      {"million-brackets.yaml", [](const fs::path& file) { write(file, repeated("[", 1000000)); }},
      {"million-dashes.yaml", [](const fs::path& file) { write(file, repeated("- ", 500000)); }},
      {"million-braces.yaml", [](const fs::path& file) { write(file, repeated("{a: ", 250000)); }},
      {"million-anchors.yaml", [](const fs::path& file) { write(file, "[" + repeated("&a x,", 200000) + "]"); }},
      {"truncated.idx",
       [](const fs::path& file) {
         write(file, idx_header({10, 28, 28}) + std::string(5000, 'x'));
       }},
      {"overfull.idx",
       [](const fs::path& file) {
         write(file, idx_header({10, 2, 2}) + std::string(41, 'x'));
       }},
      {"giant.idx",
       [](const fs::path& file) {
         write(file, idx_header({60000, 60000, 60000}) + "x");
       }},
      {"images.idx",
       [](const fs::path& file) {
         write(file, idx_header({10, 2, 2}) + std::string(40, 'x'));
       }},
      {"nine-labels.idx", [](const fs::path& file) { write(file, idx_header({9}) + std::string(9, '\1')); }},
      {"truncated.idx.gz",
       [](const fs::path& file) {
         const std::string whole = gzipped(idx_header({10, 28, 28}) + repeated("0123456789", 784));
         write(file, whole.substr(0, whole.size() / 2));
       }},
      {"bomb.idx.gz",
       [](const fs::path& file) {
         write(file, gzipped(idx_header({10, 2, 2}) + std::string(30 << 20, '\0')));
       }},
      {"liar.idx.gz",
       [](const fs::path& file) {
         write(file, gzipped(idx_header({60000, 1000, 28}) + std::string(100, '\0')));
       }},
      {"truncated.npy", [](const fs::path& file) { write(file, npy("(100, 2)", 700)); }},
      {"headless.npy", [](const fs::path& file) { write(file, npy("(100, 2)", 0).substr(0, 60)); }},
      {"first.npy", [](const fs::path& file) { write(file, npy("(1, 3, 8, 8)", 768)); }},
      {"giant.npy", [](const fs::path& file) { write(file, npy("(4611686018427387904, 16)", 8)); }},
      {"points.h5", make_points},
      {"statistics.h5", make_statistics},
      {"truncated.h5", make_truncated_points},
  };
  return all;
}

}  // namespace

void generate_file(const fs::path& file) {
  const auto found = generators().find(file.filename().string());
  if (found == generators().end()) throw std::runtime_error("nothing generates " + file.filename().string());
  found->second(file);
}

}  // namespace duel
