// NPY files that numpy wrote (make_npy.py), in all orders of axes and bytes.
#include "data/npy_array.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/support/refusal.hpp"
#include "tests/support/vectors.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

Bytes bytes_of_hex(const std::string& text) {
  Bytes out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    out.push_back(static_cast<std::byte>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return out;
}

nlohmann::json vectors() { return read_vectors(std::filesystem::path(DUEL_SOURCE_DIR) / "tests/unit/data/npy.json"); }

TEST(NpyArrays, AreReadAsNumpyReadsThem) {
  const nlohmann::json all = vectors();
  for (const auto& [name, vector] : all.items()) {
    const NpyArray array = decode_npy(bytes_of_hex(vector.at("file")), name + ".npy");
    EXPECT_EQ(array.extents, vector.at("shape").get<std::vector<int64_t>>()) << name;
    std::vector<double> values(vector.at("values").size());
    ASSERT_EQ(array.bytes.size() - array.offset, values.size() * static_cast<std::size_t>(size_of(array.type))) << name;
    convert_elements(array.type, array.bytes.data() + array.offset, std::ssize(values), values.data());
    EXPECT_EQ(values, vector.at("values").get<std::vector<double>>()) << name;
  }
}

// Whatever is done to the elements afterwards must not come before the check of their number.
TEST(NpyArrays, ThatAreCutShortAreRefused) {
  const nlohmann::json all = vectors();
  for (const auto& [name, vector] : all.items()) {
    Bytes content = bytes_of_hex(vector.at("file"));
    if (vector.at("values").empty()) continue;
    content.pop_back();
    EXPECT_THAT(refusal_of([&] { decode_npy(content, "a.npy"); }), HasSubstr("a.npy: holds ")) << name;
  }
}

TEST(Images, WithTheirChannelsFirstAreRefused) {
  const auto refused = [](const std::vector<int64_t>& extents) {
    return refusal_of([&] { image_shape(extents, "a.npy"); });
  };
  EXPECT_EQ(refused({3, 32, 32}),
            "a.npy: its examples of 3 × 32 × 32 look like images with their channels first, and duel takes images × "
            "height × width × channels; write it with numpy.moveaxis(x, 1, -1)");
  EXPECT_THAT(refused({1, 28, 20}), HasSubstr("channels first"));
  for (const std::vector<int64_t>& extents : {std::vector<int64_t>{32, 32, 3}, {4, 4, 512}, {2, 2, 3}, {4, 64, 3}}) {
    EXPECT_EQ(refused(extents), "accepted");
  }
}

}  // namespace
}  // namespace duel
