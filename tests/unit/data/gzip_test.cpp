// gzip data against zlib's own writer, and what damaged or hostile data does.
#include "data/gzip.hpp"

#include <gmock/gmock.h>
#include <zlib.h>

#include "base/error.hpp"
#include "tests/support/refusal.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

Bytes gzip(const Bytes& content) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
  Bytes out(deflateBound(&stream, content.size()) + 64);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Bytes some_bytes(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * i / 7);
  return bytes;
}

std::string gzip_refusal(const Bytes& compressed, uint64_t size) {
  const std::string message = refusal_of([&] { gunzip_exactly(compressed, size, "data.gz"); });
  EXPECT_THAT(message, testing::StartsWith("data.gz: "));
  return message;
}

TEST(Gzip, GivesBackWhatWasCompressed) {
  const Bytes content = some_bytes(100000);
  const Bytes compressed = gzip(content);
  EXPECT_TRUE(is_gzip(compressed));
  EXPECT_FALSE(is_gzip(content));
  EXPECT_EQ(gunzip_exactly(compressed, content.size(), "data.gz"), content);
  EXPECT_EQ(gunzip_beginning(compressed, 10, "data.gz"), some_bytes(10));
  EXPECT_EQ(gunzip_beginning(gzip(some_bytes(5)), 10, "data.gz"), some_bytes(5));
}

TEST(Gzip, TakesSeveralMembersAsOneFile) {
  Bytes compressed = gzip(some_bytes(10));
  const Bytes second = gzip(some_bytes(20));
  compressed.insert(compressed.end(), second.begin(), second.end());
  EXPECT_EQ(gunzip_exactly(compressed, 30, "data.gz").size(), 30u);
}

TEST(Gzip, RefusesWhatIsTruncatedAtAnyByte) {
  const Bytes compressed = gzip(some_bytes(300));
  for (std::size_t size = 0; size < compressed.size(); ++size) {
    EXPECT_THAT(gzip_refusal(Bytes(compressed.begin(), compressed.begin() + static_cast<int64_t>(size)), 300),
                HasSubstr("truncated"))
        << size;
  }
}

TEST(Gzip, RefusesOtherSizesThanPromised) {
  const Bytes compressed = gzip(some_bytes(300));
  EXPECT_THAT(gzip_refusal(compressed, 299), HasSubstr("more than the 299 bytes"));
  EXPECT_THAT(gzip_refusal(compressed, 301), HasSubstr("holds 300 bytes where its header promises 301"));
}

TEST(Gzip, RefusesDamageAndBytesBehindTheEnd) {
  Bytes compressed = gzip(some_bytes(300));
  compressed.push_back(std::byte{0});
  EXPECT_THAT(gzip_refusal(compressed, 300), HasSubstr("1 bytes follow the end"));
  compressed.pop_back();
  compressed[compressed.size() - 6] ^= std::byte{1};  // the checksum
  EXPECT_THAT(gzip_refusal(compressed, 300), HasSubstr("damaged"));
}

TEST(Gzip, StopsABombAndTakesNoMemoryForAPromiseThatCannotBeKept) {
  const Bytes bomb = gzip(Bytes(std::size_t{50} << 20));
  EXPECT_THAT(gzip_refusal(bomb, 1000), HasSubstr("more than the 1000 bytes"));
  EXPECT_THAT(gzip_refusal(bomb, uint64_t{1} << 50), HasSubstr("more than"));
}

}  // namespace
}  // namespace duel
