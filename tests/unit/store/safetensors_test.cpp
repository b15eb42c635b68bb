#include "store/safetensors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.hpp"
#include "base/file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string little_endian(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

// A file put together by hand, as the format's description has it.
std::string file_of(const std::string& header, const std::string& data) {
  return little_endian(header.size(), 8) + header + data;
}

std::string entry(const std::string& type, const std::string& shape, const std::string& offsets) {
  return R"({"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

class Safetensors : public ::testing::Test {
 protected:
  fs::path write(const std::string& bytes) const { return folder_.write("w.safetensors", bytes); }

  // The message about a file of these bytes; of `tensor`, when the file itself is sound.
  std::string refusal(const std::string& bytes, const std::string& tensor = "a") const {
    const fs::path path = write(bytes);
    try {
      SafetensorsFile(path).read(tensor);
    } catch (const UserError& error) {
      EXPECT_EQ(error.code(), ExitCode::data);
      EXPECT_THAT(error.what(), HasSubstr(path.string() + ": "));
      return error.what();
    }
    return "no error";
  }
  std::string refusal_of_header(const std::string& header, std::size_t data = 8) const {
    return refusal(file_of(header, std::string(data, '\0')));
  }

  TemporaryFolder folder_;
};

TEST_F(Safetensors, ReadsEveryTypeOfFloat) {
  const std::string header = R"({"__metadata__":{"format":"pt"},"d":)" + entry("F64", "[1]", "[0,8]") + R"(,"s":)" +
                             entry("F32", "[2,1]", "[8,16]") + R"(,"h":)" + entry("F16", "[4]", "[16,24]") +
                             R"(,"b":)" + entry("BF16", "[]", "[24,26]") + R"(,"none":)" +
                             entry("F32", "[0,3]", "[26,26]") + "}   ";
  const std::string data = little_endian(0x3ff8000000000000, 8) +                         // 1.5
                           little_endian(0xc0200000, 4) + little_endian(0x3e800000, 4) +  // −2.5, 0.25
                           little_endian(0x3c01, 2) + little_endian(0xc500, 2) +          // 1 + 2⁻¹⁰, −5
                           little_endian(0x0001, 2) + little_endian(0x7bff, 2) +          // 2⁻²⁴, 65504
                           little_endian(0xc049, 2);                                      // −3.140625
  const SafetensorsFile file(write(file_of(header, data)));
  EXPECT_THAT(file.read("d"), ElementsAre(1.5));
  EXPECT_THAT(file.read("s"), ElementsAre(-2.5, 0.25));
  EXPECT_THAT(file.read("h"), ElementsAre(1 + std::ldexp(1, -10), -5, std::ldexp(1, -24), 65504));
  EXPECT_THAT(file.read("b"), ElementsAre(-3.140625));
  EXPECT_THAT(file.read("none"), ElementsAre());
  EXPECT_THAT(file.tensors().at("s").extents, ElementsAre(2, 1));
  EXPECT_THAT(file.tensors().at("b").extents, ElementsAre());
  EXPECT_EQ(file.tensors().size(), 5U);
  EXPECT_EQ(file.find("__metadata__"), nullptr);
}

// A state dict counts its batches; nobody reads that.
TEST_F(Safetensors, KnowsOtherTypesButReadsNoWeightsFromThem) {
  const std::string header = R"({"a":)" + entry("I64", "[]", "[0,8]") + "}";
  EXPECT_EQ(SafetensorsFile(write(file_of(header, std::string(8, '\0')))).tensors().at("a").type, "I64");
  EXPECT_THAT(refusal_of_header(header), HasSubstr("'a' holds I64, expected F64, F32, F16 or BF16"));
}

TEST_F(Safetensors, RefusesWhatIsNoHeader) {
  EXPECT_THAT(refusal("{}"), HasSubstr("has no header"));
  EXPECT_THAT(refusal("PK\x03\x04 a zip archive, as torch.save writes"), HasSubstr("is no safetensors file"));
  EXPECT_THAT(refusal(little_endian(UINT64_MAX, 8) + "{}"), HasSubstr("is no safetensors file"));
  EXPECT_THAT(refusal(little_endian(3, 8) + "{}"), HasSubstr("ends within its header"));
  EXPECT_THAT(refusal_of_header("{\"a\":"), HasSubstr("no JSON object"));
  EXPECT_THAT(refusal(little_endian(0, 8)), HasSubstr("no JSON object"));
  EXPECT_THAT(
      refusal_of_header(R"({"a":)" + entry("F32", "[2]", "[0,8]") + R"(,"a":)" + entry("F64", "[]", "[0,8]") + "}"),
      HasSubstr("names 'a' twice"));
  EXPECT_THAT(refusal_of_header("{\"\xff\":1}"), HasSubstr("no JSON object"));
}

TEST_F(Safetensors, RefusesTensorsThatAreNone) {
  const auto refusal_of = [&](const std::string& tensor) { return refusal_of_header(R"({"a":)" + tensor + "}"); };
  EXPECT_THAT(refusal_of("5"), HasSubstr("the tensor 'a' is no object"));
  EXPECT_THAT(refusal_of(R"({"shape":[2],"data_offsets":[0,8]})"), HasSubstr("'a' has no dtype"));
  EXPECT_THAT(refusal_of(R"({"dtype":"F32","shape":2,"data_offsets":[0,8]})"), HasSubstr("'a' has no shape"));
  EXPECT_THAT(refusal_of(R"({"dtype":"F32","shape":[2]})"), HasSubstr("'a' has no data_offsets"));
  EXPECT_THAT(refusal_of(entry("F32", "[2]", "[0]")), HasSubstr("'a' has no two data_offsets"));
  EXPECT_THAT(refusal_of(entry("F33", "[2]", "[0,8]")), HasSubstr("has the type 'F33', which is not known"));
  EXPECT_THAT(refusal_of(entry("F32", "[-2]", "[0,8]")), HasSubstr("something in its shape that is no count"));
  EXPECT_THAT(refusal_of(entry("F32", "[2.0]", "[0,8]")), HasSubstr("something in its shape that is no count"));
  EXPECT_THAT(refusal_of(entry("F32", "[2]", "[0,\"8\"]")), HasSubstr("in its data_offsets that is no count"));
}

TEST_F(Safetensors, RefusesSizesThatDoNotFit) {
  const auto refusal_of = [&](const std::string& tensor) { return refusal_of_header(R"({"a":)" + tensor + "}"); };
  EXPECT_THAT(refusal_of(entry("F32", "[3]", "[0,8]")), HasSubstr("'a' has 8 bytes, F32 of shape [3] take 12"));
  EXPECT_THAT(refusal_of(entry("F32", "[3]", "[0,12]")), HasSubstr("'a' claims the bytes 0 to 12 of 8"));
  EXPECT_THAT(refusal_of(entry("F32", "[2]", "[8,0]")), HasSubstr("'a' claims the bytes 8 to 0 of 8"));
  EXPECT_THAT(refusal_of(entry("F32", "[4294967296,4294967296]", "[0,8]")), HasSubstr("more than fits anywhere"));
  EXPECT_THAT(refusal_of(entry("F32", "[18446744073709551615]", "[0,8]")), HasSubstr("more than fits anywhere"));
  EXPECT_THAT(refusal_of(entry("F32", "[1]", "[0,4]")), HasSubstr("holds 8 bytes of data, its header tells of 4"));
  EXPECT_THAT(refusal_of(entry("F32", "[1]", "[4,8]")), HasSubstr("no tensor claims the byte 0"));
  const std::string two = R"({"a":)" + entry("F32", "[2]", "[0,8]") + R"(,"b":)" + entry("F32", "[1]", "[4,8]") + "}";
  EXPECT_THAT(refusal_of_header(two), HasSubstr("two tensors claim the byte 4"));
}

TEST_F(Safetensors, RefusesWhatIsNotFinite) {
  const std::string header = R"({"a":)" + entry("F16", "[2]", "[0,4]") + "}";
  const std::string one = little_endian(0x3c00, 2);
  EXPECT_THAT(refusal(file_of(header, one + little_endian(0xfc00, 2))), HasSubstr("'a' holds -inf as its element 1"));
  EXPECT_THAT(refusal(file_of(header, little_endian(0x7e00, 2) + one)), HasSubstr("'a' holds nan as its element 0"));
}

TEST_F(Safetensors, RefusesAMissingFile) {
  EXPECT_THROW(SafetensorsFile(folder_.path() / "absent.safetensors"), UserError);
}

StoredArray array_of(const Shape& shape, DType dtype, const std::vector<double>& values) {
  StoredArray array{shape, dtype, Bytes(values.size() * static_cast<std::size_t>(size_of(dtype)))};
  const std::vector<float> floats(values.begin(), values.end());
  const void* source = dtype == DType::float64 ? static_cast<const void*>(values.data()) : floats.data();
  std::memcpy(array.bytes.data(), source, array.bytes.size());
  return array;
}

TEST_F(Safetensors, WritesWhatItReads) {
  const fs::path path = folder_.path() / "written.safetensors";
  const std::map<std::string, StoredArray> tensors{{"a.weight", array_of({3}, DType::float32, {1, -2, 0.5})},
                                                   {"b.weight", array_of({2, 1}, DType::float64, {1.0 / 3, 1e300})},
                                                   {"c", array_of({}, DType::float32, {7})}};
  write_safetensors(path, tensors);
  const SafetensorsFile file(path);
  EXPECT_THAT(file.read("a.weight"), ElementsAre(1, -2, 0.5));
  EXPECT_THAT(file.read("b.weight"), ElementsAre(1.0 / 3, 1e300));
  EXPECT_THAT(file.read("c"), ElementsAre(7));
  EXPECT_THAT(file.tensors().at("b.weight").extents, ElementsAre(2, 1));
  EXPECT_EQ(file.tensors().at("b.weight").begin % 8, 0U) << "the widest type comes first, so that each is aligned";
}

TEST_F(Safetensors, WritesTheBytesOfTheFormat) {
  const fs::path path = folder_.path() / "written.safetensors";
  write_safetensors(path, {{"x", array_of({1}, DType::float32, {1})}});
  std::string header = R"({"x":{"data_offsets":[0,4],"dtype":"F32","shape":[1]}})";
  header.resize(56, ' ');
  EXPECT_EQ(read_text(path), file_of(header, little_endian(0x3f800000, 4)));
}

}  // namespace
}  // namespace duel
