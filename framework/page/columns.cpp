#include "page/columns.hpp"

#include <openssl/evp.h>
#include <zlib.h>

#include <bit>
#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace duel {

static_assert(std::endian::native == std::endian::little);

std::string base64(std::span<const std::byte> bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends it with NUL
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

template <class T>
nlohmann::json Columns::append(std::string_view kind, const std::vector<T>& values) {
  bytes_.resize((bytes_.size() + 7) / 8 * 8);  // typed arrays of the browser want to be aligned
  const std::size_t offset = bytes_.size();
  const auto raw = std::as_bytes(std::span(values));
  bytes_.insert(bytes_.end(), raw.begin(), raw.end());
  return {kind, offset, values.size()};
}

nlohmann::json Columns::add_numbers(std::span<const double> values) {
  return append("f", std::vector<float>(values.begin(), values.end()));
}

nlohmann::json Columns::add_indices(std::span<const uint32_t> values) {
  std::vector<uint32_t> rises(values.begin(), values.end());
  for (std::size_t i = rises.size(); i-- > 1;) rises[i] -= rises[i - 1];
  return append("i", rises);
}

nlohmann::json Columns::add_steps(std::span<const int64_t> values) {
  std::vector<double> rises(values.begin(), values.end());
  for (std::size_t i = rises.size(); i-- > 1;) rises[i] -= rises[i - 1];
  return append("d", rises);
}

std::string Columns::packed() const {
  uLongf length = compressBound(bytes_.size());
  std::vector<std::byte> out(length);
  const int result = compress2(reinterpret_cast<Bytef*>(out.data()), &length,
                               reinterpret_cast<const Bytef*>(bytes_.data()), bytes_.size(), Z_DEFAULT_COMPRESSION);
  DUEL_CHECK(result == Z_OK, "zlib fails with {}", result);
  return base64(std::span(out).first(length));
}

}  // namespace duel
