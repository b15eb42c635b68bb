#include "store/checkpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>
#include <thread>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "run_fixture.hpp"
#include "store/checkpoint_image.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

StoredArray random_array(const Shape& shape, DType dtype, int seed) {
  StoredArray array{shape, dtype, Bytes(static_cast<std::size_t>(shape.elements() * size_of(dtype)))};
  std::mt19937 random(static_cast<unsigned>(seed));
  for (std::byte& byte : array.bytes) byte = static_cast<std::byte>(random());  // every bit pattern, NaNs included
  return array;
}

CheckpointState state_of(int seed) {
  CheckpointState state;
  state.arrays["networks/generator/dense_1/weight"] = random_array({6, 5}, DType::float32, seed);
  state.arrays["networks/generator/dense_1/bias"] = random_array({5}, DType::float32, seed + 1);
  state.arrays["networks/discriminator/conv/weight"] = random_array({3, 3, 2, 4}, DType::float64, seed + 2);
  state.arrays["optimizers/generator/dense_1/weight/m"] = random_array({6, 5}, DType::float32, seed + 3);
  state.arrays["optimizers/generator/scale"] = random_array({}, DType::float64, seed + 4);
  state.arrays["buffers/replay"] = random_array({0, 3}, DType::float32, seed + 5);
  state.arrays["ranks"] = random_array({1, 2, 1, 2, 1, 2, 1, 2}, DType::float32, seed + 6);
  state.counters = {{"step", seed}, {"batches", -5}, {"attempt", std::numeric_limits<int64_t>::max()}};
  state.numbers = {{"best", -0.0}, {"worst", std::numeric_limits<double>::infinity()}, {"some", 0.1}};
  state.texts = {{"experiment", std::string(64, 'a')}, {"empty", ""}, {"größe", "naïve\n"}, {"nul", {"a\0b\0", 4}}};
  return state;
}

// Damage, as a test makes it: in the file itself, without the file layer.
void overwrite(const fs::path& path, const Bytes& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

// Makes the hash right again, as docs/run-folder.md describes it.
void seal(Bytes& image) {
  std::fill_n(image.begin() + 32, 64, std::byte{0});
  const std::string hash = sha256_hex(image);
  std::memcpy(image.data() + 32, hash.data(), hash.size());
}

std::string refusal(const fs::path& path) {
  try {
    read_checkpoint(path);
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), ExitCode::data);
    EXPECT_THAT(error.what(), HasSubstr(path.string() + ": "));
    EXPECT_THAT(error.problems(), SizeIs(1));
    return error.what();
  }
  return {};
}

TEST(Checkpoint, ReadsBackEveryBit) {
  const TemporaryFolder folder;
  const fs::path path = write_checkpoint(folder.path(), 300, state_of(1));
  EXPECT_EQ(path, folder.path() / "step-000300.h5");
  EXPECT_EQ(read_checkpoint(path), state_of(1));
  EXPECT_TRUE(std::signbit(read_checkpoint(path).numbers.at("best")));
  EXPECT_EQ(read_checkpoint(write_checkpoint(folder.path(), 301, {})), CheckpointState{});
}

TEST(Checkpoint, KnowsItsCountersAndNumbersByName) {
  const CheckpointState state = state_of(7);
  EXPECT_EQ(state.counter("step"), 7);
  EXPECT_EQ(state.number("some"), 0.1);
  EXPECT_THROW(state.counter("stop"), UserError);
  EXPECT_THROW(state.number("epoch"), UserError);
}

TEST(Checkpoint, HoldsLargeAndManyValues) {
  CheckpointState state;
  state.arrays["large"] = random_array({1000, 1000}, DType::float32, 1);
  state.texts["long"] = std::string(300000, 'x');
  for (int i = 0; i < 500; ++i) {
    state.counters[fmt::format("counter {}", i)] = i;
    state.arrays[fmt::format("group {}/array {}", i % 40, i)] = random_array({i % 7}, DType::float32, i);
  }
  const TemporaryFolder folder;
  EXPECT_EQ(read_checkpoint(write_checkpoint(folder.path(), 12345678, state)), state);
}

TEST(Checkpoint, EqualStatesAreEqualBytes) {
  const TemporaryFolder here;
  const TemporaryFolder there;
  const fs::path first = write_checkpoint(here.path(), 1, state_of(7));
  EXPECT_EQ(wait_for(start_child([&] {
              write_checkpoint(here.path(), 5, state_of(8));
              write_checkpoint(there.path(), 2, state_of(7));
              return 0;
            })),
            0);
  EXPECT_EQ(read_file(first), read_file(there.path() / "step-000002.h5"));
  EXPECT_NE(read_file(first), read_file(here.path() / "step-000005.h5"));
}

TEST(Checkpoint, ThreadsDoNotDisturbOneAnother) {
  const TemporaryFolder folder;
  std::vector<std::thread> threads;
  std::vector<int> sound(4);
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round)
        sound[static_cast<std::size_t>(i)] +=
            read_checkpoint(write_checkpoint(folder.path(), i, state_of(10 * i + round))) == state_of(10 * i + round);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(sound, ::testing::Each(20));
}

TEST(Checkpoint, FindsEveryFlippedBit) {
  const Bytes sound = checkpoint_image("image", state_of(1));
  std::mt19937 random(3);
  for (std::size_t offset = 0; offset < sound.size(); offset += offset < 700 ? 1 : 13) {
    Bytes damaged = sound;
    damaged[offset] ^= std::byte{1} << random() % 8;
    EXPECT_THROW(state_of_image("image", damaged), UserError) << "offset " << offset;
  }
  EXPECT_EQ(state_of_image("image", sound), state_of(1));
}

TEST(Checkpoint, FindsEveryTruncationAndAddition) {
  const TemporaryFolder folder;
  const fs::path path = write_checkpoint(folder.path(), 1, state_of(1));
  const Bytes sound = read_file(path);
  std::vector<std::size_t> sizes{0,   1,   15,  16,  31,  32,   95,   96,   97,   511,
                                 512, 513, 520, 560, 600, 1024, 2048, 4096, 8192, sound.size() / 2};
  for (std::size_t missing = 1; missing < 20; ++missing) sizes.push_back(sound.size() - missing);
  for (std::size_t added = 1; added < 600; added += 100) sizes.push_back(sound.size() + added);
  for (const std::size_t size : sizes) {
    Bytes damaged = sound;
    damaged.resize(size);
    overwrite(path, damaged);
    EXPECT_NE(refusal(path), "") << size << " bytes of " << sound.size();
  }
  overwrite(path, sound);
  EXPECT_EQ(refusal(path), "");
}

TEST(Checkpoint, SaysWhatIsWrong) {
  const TemporaryFolder folder;
  const fs::path path = write_checkpoint(folder.path(), 1, state_of(1));
  const Bytes sound = read_file(path);
  Bytes damaged = sound;
  damaged.back() ^= std::byte{1};
  overwrite(path, damaged);
  EXPECT_THAT(refusal(path), HasSubstr("do not match the SHA-256"));
  overwrite(path, Bytes(sound.begin() + 512, sound.end()));  // the HDF5 file alone
  EXPECT_THAT(refusal(path), HasSubstr("is not a checkpoint of duel"));
  EXPECT_THAT(refusal(folder.path() / "absent.h5"), HasSubstr("No such file"));
}

TEST(Checkpoint, RefusesANewerFormatAndDoesNotPassItOver) {
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), 1, state_of(1));
  const fs::path path = write_checkpoint(folder.path(), 2, state_of(2));
  Bytes newer = read_file(path);
  std::memcpy(newer.data() + 23, "00000002", 8);
  seal(newer);
  overwrite(path, newer);
  EXPECT_THAT(refusal(path), HasSubstr("format 2; this program knows formats up to 1; use the newer version of duel"));
  EXPECT_THROW(load_newest_checkpoint(folder.path()), UserError);
}

// ---- files that someone else made, with a hash that is right

using Fill = std::function<void(hid_t)>;

fs::path write_foreign(const fs::path& path, const Fill& fill) {
  const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
  H5Pset_userblock(creation, 512);
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation, H5P_DEFAULT);
  for (const char* name : {"counters", "numbers", "texts"})
    H5Gclose(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  fill(file);
  H5Fclose(file);
  H5Pclose(creation);
  Bytes image = read_file(path);
  std::memcpy(image.data(), "duel checkpoint\nformat 00000001\n", 32);
  seal(image);
  overwrite(path, image);
  return path;
}

void add_dataset(hid_t file, const std::vector<hsize_t>& extents, hid_t type,
                 const std::function<void(hid_t)>& change) {
  const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  change(properties);
  const hid_t space = H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
  H5Dclose(H5Dcreate2(file, "array", type, space, H5P_DEFAULT, properties, H5P_DEFAULT));
  H5Sclose(space);
  H5Pclose(properties);
}

TEST(Checkpoint, RefusesWhatDuelDoesNotWrite) {
  const TemporaryFolder folder;
  const fs::path secret = folder.write("secret", std::string(64, 'k'));
  const auto nothing = [](hid_t) {};
  const std::vector<std::pair<std::string, Fill>> files = {
      {"links", [](hid_t file) { H5Lcreate_soft("/", file, "loop", H5P_DEFAULT, H5P_DEFAULT); }},
      {"links", [&](hid_t file) { H5Lcreate_external("other.h5", "/", file, "out", H5P_DEFAULT, H5P_DEFAULT); }},
      {"without end", [](hid_t file) { H5Lcreate_hard(file, "/", file, "circle", H5P_DEFAULT, H5P_DEFAULT); }},
      {"without end",
       [](hid_t file) {
         for (const char* name : {"a", "b", "c"}) H5Lcreate_hard(file, "/", file, name, H5P_DEFAULT, H5P_DEFAULT);
       }},
      {"does not write",
       [&](hid_t file) {
         add_dataset(file, {16}, H5T_IEEE_F32LE, [&](hid_t p) { H5Pset_external(p, secret.c_str(), 0, 64); });
       }},
      {"does not write",
       [&](hid_t file) {
         add_dataset(file, {16}, H5T_IEEE_F32LE, [](hid_t p) {
           const hsize_t chunk = 16;
           H5Pset_chunk(p, 1, &chunk);
           H5Pset_deflate(p, 9);
         });
       }},
      {"more elements",
       [&](hid_t file) {
         add_dataset(file, {1000000, 1000000}, H5T_IEEE_F32LE, nothing);
       }},
      {"not of type", [&](hid_t file) { add_dataset(file, {4}, H5T_STD_I32LE, nothing); }},
      {"shape", [&](hid_t file) { add_dataset(file, std::vector<hsize_t>(9, 1), H5T_IEEE_F32LE, nothing); }},
      {"neither a group nor an array",
       [](hid_t file) {
         const hid_t type = H5Tcopy(H5T_NATIVE_INT);
         H5Tcommit2(file, "type", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
         H5Tclose(type);
       }},
      {"find the attribute|open the group", [](hid_t file) { H5Ldelete(file, "texts", H5P_DEFAULT); }},
      {"'n' is not of the kind",
       [](hid_t file) {
         const hid_t group = H5Gopen2(file, "counters", H5P_DEFAULT);
         const hsize_t count = 1000;
         const hid_t space = H5Screate_simple(1, &count, nullptr);
         H5Aclose(H5Acreate2(group, "n", H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT));
         H5Sclose(space);
         H5Gclose(group);
       }},
  };
  int number = 0;
  for (const auto& [reason, fill] : files) {
    const fs::path path = write_foreign(folder.path() / fmt::format("foreign-{}.h5", number++), fill);
    EXPECT_THAT(refusal(path), ::testing::ContainsRegex(reason)) << path;
  }
  EXPECT_EQ(refusal(write_foreign(folder.path() / "plain.h5",
                                  [&](hid_t file) { add_dataset(file, {4}, H5T_IEEE_F32LE, nothing); })),
            "");
}

// ---- folders of checkpoints

TEST(Checkpoints, KnowsTheirSteps) {
  const TemporaryFolder folder;
  EXPECT_THAT(checkpoint_steps(folder.path() / "absent"), IsEmpty());
  EXPECT_EQ(load_newest_checkpoint(folder.path() / "absent"), std::nullopt);
  for (const int64_t step : {20, 3, 1000000, 0}) write_checkpoint(folder.path(), step, {});
  for (const char* name : {"step-000004.h5.tmp", "step-4.h5", "step-.h5", "step--00001.h5", "other.h5",
                           "step-99999999999999999999.h5", "step-0000x7.h5"})
    folder.write(name, "");
  EXPECT_THAT(checkpoint_steps(folder.path()), ElementsAre(0, 3, 20, 1000000));
}

TEST(Checkpoints, FallBackToASoundOneWithAWarning) {
  const TemporaryFolder folder;
  for (const int step : {1, 2, 3}) write_checkpoint(folder.path(), step, state_of(step));
  auto loaded = load_newest_checkpoint(folder.path());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->state, state_of(3));
  EXPECT_THAT(loaded->warnings, IsEmpty());

  folder.write("step-000003.h5", "short");
  Bytes flipped = read_file(folder.path() / "step-000002.h5");
  flipped[flipped.size() / 2] ^= std::byte{4};
  overwrite(folder.path() / "step-000002.h5", flipped);
  loaded = load_newest_checkpoint(folder.path());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->file, folder.path() / "step-000001.h5");
  EXPECT_EQ(loaded->state, state_of(1));
  EXPECT_THAT(loaded->warnings, ElementsAre(HasSubstr("step-000003.h5"), HasSubstr("step-000002.h5")));

  folder.write("step-000001.h5", "");
  try {
    load_newest_checkpoint(folder.path());
    FAIL() << "all are damaged";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), ExitCode::data);
    EXPECT_THAT(error.problems(), SizeIs(3));
  }
}

TEST(Checkpoints, PruneKeepsTheNewestAndTheChosen) {
  const TemporaryFolder folder;
  for (int64_t step = 1; step <= 6; ++step) write_checkpoint(folder.path(), step, {});
  prune_checkpoints(folder.path(), 2, {3, 77});
  EXPECT_THAT(checkpoint_steps(folder.path()), ElementsAre(3, 5, 6));
  prune_checkpoints(folder.path(), 10);
  EXPECT_THAT(checkpoint_steps(folder.path()), ElementsAre(3, 5, 6));
  EXPECT_THROW(prune_checkpoints(folder.path(), 0), InternalError);
}

// Whatever call fails, the checkpoint before it or the new one loads, and no temporary file stays.
TEST(Checkpoints, SurviveEveryFaultOfTheDisk) {
  for (const int error : {ENOSPC, EIO, 0}) {
    for (const bool persistent : {false, true}) {
      for (int64_t call = 1;; ++call) {
        const TemporaryFolder folder;
        write_checkpoint(folder.path(), 1, state_of(1));
        inject_fault({call, error, persistent});
        bool failed = false;
        try {
          write_checkpoint(folder.path(), 2, state_of(2));
        } catch (const UserError& refused) {
          failed = true;
          EXPECT_EQ(refused.code(), ExitCode::storage);
        }
        const int64_t calls = file_calls_since_injection();
        inject_fault({});
        const auto loaded = load_newest_checkpoint(folder.path());
        ASSERT_TRUE(loaded);
        EXPECT_THAT(loaded->warnings, IsEmpty());
        const int64_t step = loaded->state.counters.at("step");
        EXPECT_EQ(loaded->state, state_of(static_cast<int>(step)));
        EXPECT_TRUE(failed || step == 2);
        EXPECT_LE(sweep_temporaries(folder.path()), persistent ? 1 : 0);
        if (call > calls) break;  // it was not reached: nothing failed
        ASSERT_LT(call, 100);
      }
    }
  }
}

TEST(Checkpoints, SurviveAKillAtAnyMoment) {
  std::mt19937 random(5);
  for (int round = 0; round < 15; ++round) {
    const TemporaryFolder folder;
    write_checkpoint(folder.path(), 0, state_of(0));
    const pid_t child = start_child([&] {
      for (int step = 1;; ++step) {
        write_checkpoint(folder.path(), step, state_of(step));
        prune_checkpoints(folder.path(), 2);
      }
      return 0;
    });
    std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<int>(500, 30000)(random)));
    ::kill(child, SIGKILL);
    EXPECT_EQ(wait_for(child), -SIGKILL);
    const auto loaded = load_newest_checkpoint(folder.path());
    ASSERT_TRUE(loaded);
    EXPECT_THAT(loaded->warnings, IsEmpty());
    EXPECT_EQ(loaded->state, state_of(static_cast<int>(loaded->state.counters.at("step"))));
  }
}

}  // namespace
}  // namespace duel
