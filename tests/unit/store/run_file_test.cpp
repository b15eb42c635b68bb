#include "store/run_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <limits>
#include <random>
#include <thread>

#include "base/error.hpp"
#include "base/file.hpp"
#include "run_fixture.hpp"
#include "store/run_reader.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Fails unless the evaluations are those of steps 40, 80, …
void expect_sound_evaluations(const RunRecords& records) {
  const RunLayout layout = small_layout();
  EXPECT_EQ(records.evaluations.size(), layout.evaluations.size());
  for (const RunLayout::Evaluations& evaluation : layout.evaluations) {
    const RunRecords::Evaluation& found = records.evaluations.at(evaluation.name);
    EXPECT_EQ(found.metrics.size(), evaluation.metrics.size());
    EXPECT_EQ(found.seconds.size(), found.steps.size());
    for (std::size_t i = 0; i < found.steps.size(); ++i) {
      const auto step = evaluation_period * (static_cast<int64_t>(i) + 1);
      EXPECT_EQ(found.steps[i], step);
      EXPECT_EQ(found.seconds[i], seconds_of(step));
      for (std::size_t k = 0; k < evaluation.metrics.size(); ++k)
        EXPECT_EQ(found.metrics.at(evaluation.metrics[k]).at(i), score_of(step, k));
    }
  }
}

std::size_t evaluations_of(const RunRecords& records) {
  return std::min(records.evaluations.at("while training").steps.size(), records.evaluations.at("few").steps.size());
}

// Fails unless the records are those of append_steps(…, 1, n, …); returns n.
int64_t expect_sound_records(const fs::path& path) {
  const RunLayout layout = small_layout();
  const RunRecords records = read_run(path);
  EXPECT_EQ(records.experiment, layout.experiment);
  EXPECT_EQ(records.provenance, layout.provenance);
  EXPECT_EQ(records.resumes, layout.resumes);
  EXPECT_EQ(records.metrics.size(), layout.metrics.size());
  EXPECT_EQ(records.seconds.size(), records.steps.size());
  for (std::size_t i = 0; i < records.steps.size(); ++i) {
    const auto step = static_cast<int64_t>(i) + 1;
    EXPECT_EQ(records.steps[i], step);
    EXPECT_EQ(records.seconds[i], seconds_of(step));
    for (std::size_t k = 0; k < layout.metrics.size(); ++k)
      EXPECT_EQ(records.metrics.at(layout.metrics[k]).at(i), metric_value(step, k));
  }
  expect_sound_evaluations(records);
  return static_cast<int64_t>(records.steps.size());
}

// Fails unless the samples are those of steps 10, 20, …; returns how many each has at least.
std::size_t expect_sound_samples(const fs::path& path) {
  const RunReader reader(path);
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  for (const RunLayout::Samples& sample : small_layout().samples) {
    const RunReader::Samples samples = reader.samples(sample.name);
    EXPECT_EQ(samples.pictures.row(), sample.picture);
    EXPECT_EQ(samples.values.row(), sample.values);
    for (std::size_t i = 0; i < samples.steps.size(); ++i) {
      const auto step = 10 * (static_cast<int64_t>(i) + 1);
      EXPECT_EQ(samples.steps[i], step);
      std::vector<uint8_t> picture(picture_of(step, sample).size());
      std::vector<float> values(values_of(step, sample).size());
      samples.pictures.read(reader.calls(), static_cast<int64_t>(i), 1, picture.data());
      samples.values.read(reader.calls(), static_cast<int64_t>(i), 1, values.data());
      EXPECT_EQ(picture, picture_of(step, sample));
      EXPECT_EQ(values, values_of(step, sample));
    }
    fewest = std::min(fewest, samples.steps.size());
  }
  return fewest;
}

std::ptrdiff_t entries_of(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

TEST(RunFile, ReadsBackWhatWasAppended) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "run.h5";
  {
    RunFile file = RunFile::create(path, small_layout());
    EXPECT_EQ(file.last_seconds(), 0.0);
    append_steps(file, small_layout(), 1, 3000, 1000000);
    EXPECT_EQ(file.last_seconds(), seconds_of(3000));
  }
  EXPECT_EQ(expect_sound_records(path), 3000);
  EXPECT_EQ(expect_sound_samples(path), 300U);
  EXPECT_EQ(entries_of(folder.path()), 1);
}

TEST(RunFile, ShowsRecordsToReadersOnlyOnceFlushedAndWhileOpen) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "run.h5";
  RunFile file = RunFile::create(path, small_layout());
  EXPECT_EQ(expect_sound_records(path), 0);
  append_steps(file, small_layout(), 1, 7, 1000);
  EXPECT_EQ(expect_sound_records(path), 0);
  file.flush();
  EXPECT_EQ(expect_sound_records(path), 7);
  append_steps(file, small_layout(), 8, 12, 1);
  EXPECT_EQ(expect_sound_records(path), 12);
  EXPECT_EQ(expect_sound_samples(path), 1U);
}

TEST(RunFile, TakesManyMetricsAndNoneAtAll) {
  const TemporaryFolder folder;
  RunLayout layout;
  RunFile::create(folder.path() / "none.h5", layout).append_metrics(5, 1.0, {});
  EXPECT_THAT(read_run(folder.path() / "none.h5").steps, ElementsAre(5));
  for (int i = 0; i < 100; ++i) layout.metrics.push_back(fmt::format("value {}", i));
  RunFile::create(folder.path() / "many.h5", layout).append_metrics(5, 1.0, std::vector<double>(100, 2.5));
  EXPECT_EQ(read_run(folder.path() / "many.h5").metrics.size(), 100U);
}

TEST(RunFile, KeepsNumbersThatAreNone) {
  const TemporaryFolder folder;
  RunLayout layout;
  layout.metrics = {"loss"};
  const double infinity = std::numeric_limits<double>::infinity();
  {
    RunFile file = RunFile::create(folder.path() / "run.h5", layout);
    file.append_metrics(0, 0, std::vector<double>{std::nan("")});
    file.append_metrics(1, 0, std::vector<double>{infinity});
  }
  const RunRecords records = read_run(folder.path() / "run.h5");
  EXPECT_TRUE(std::isnan(records.metrics.at("loss").at(0)));
  EXPECT_EQ(records.metrics.at("loss").at(1), infinity);
}

TEST(RunFile, RefusesNamesThatItCannotHold) {
  const TemporaryFolder folder;
  const auto with_metric = [&](const std::string& name) {
    RunLayout layout;
    layout.metrics = {"loss", name};
    return refusal_of([&] { RunFile::create(folder.path() / "run.h5", layout); }, ExitCode::experiment);
  };
  EXPECT_THAT(with_metric("a/b"), HasSubstr("'a/b' cannot be the name of a metric"));
  EXPECT_THAT(with_metric("step"), HasSubstr("'step' of a metric is taken"));
  EXPECT_THAT(with_metric("loss"), HasSubstr("'loss' of a metric is taken"));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(RunFile, RefusesToOverwriteARun) {
  const TemporaryFolder folder;
  const fs::path path = folder.write("run.h5", "precious");
  EXPECT_THAT(refusal_of([&] { RunFile::create(path, small_layout()); }, ExitCode::storage),
              HasSubstr("exists already"));
  EXPECT_EQ(read_text(path), "precious");
}

TEST(RunFile, StepsRise) {
  const TemporaryFolder folder;
  const RunLayout layout = small_layout();
  RunFile file = RunFile::create(folder.path() / "run.h5", layout);
  append_steps(file, layout, 1, 10, 1);
  EXPECT_THROW(file.append_metrics(10, 0, std::vector<double>(3)), InternalError);
  EXPECT_THROW(file.append_sample(0, 10, picture_of(10, layout.samples[0]), values_of(10, layout.samples[0])),
               InternalError);
  EXPECT_THROW(file.append_metrics(11, 0, std::vector<double>(2)), InternalError);
}

TEST(RunFile, ResumesFromAnyStep) {
  for (const int64_t last : {0, 1, 9, 10, 255, 256, 999}) {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "run.h5";
    {
      RunFile first = RunFile::create(path, small_layout());
      append_steps(first, small_layout(), 1, 900, 50);
    }
    const int64_t kept = std::min<int64_t>(last, 900);
    RunFile file = RunFile::resume(path, small_layout(), last);
    EXPECT_EQ(file.last_seconds(), seconds_of(kept));
    EXPECT_EQ(expect_sound_records(path), kept);
    EXPECT_EQ(expect_sound_samples(path), static_cast<std::size_t>(kept / 10));
    append_steps(file, small_layout(), kept + 1, 1100, 50);
    file.flush();
    EXPECT_EQ(expect_sound_records(path), 1100);
    EXPECT_EQ(expect_sound_samples(path), 110U);
    EXPECT_EQ(evaluations_of(read_run(path)), 27U);
  }
}

TEST(RunFile, ResumeFillsNewMetricsAndKeepsOldOnes) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "run.h5";
  {
    RunFile first = RunFile::create(path, small_layout());
    append_steps(first, small_layout(), 1, 30, 50);
  }
  const std::string before = read_text(path);

  RunLayout other = small_layout();
  other.samples[1].picture = {5, 8, 1};
  EXPECT_THAT(refusal_of([&] { RunFile::resume(path, other, 20); }), HasSubstr("'moving'"));
  EXPECT_EQ(read_text(path), before);

  RunLayout more = small_layout();
  more.metrics.insert(more.metrics.begin(), "new");
  RunFile::resume(path, more, 20);
  const RunRecords records = read_run(path);
  EXPECT_EQ(records.steps.size(), 20U);
  EXPECT_TRUE(std::isnan(records.metrics.at("new").back()));
  EXPECT_EQ(records.metrics.at("generator.loss").back(), metric_value(20, 1));
  EXPECT_EQ(entries_of(folder.path()), 1);
  RunLayout fewer = small_layout();
  fewer.metrics.pop_back();
  {
    RunFile file = RunFile::resume(path, fewer, 15);
    file.append_metrics(16, 1, std::vector<double>(fewer.metrics.size(), 0.5));
  }
  const std::vector<double> kept = read_run(path).metrics.at("gradient norm");
  ASSERT_EQ(kept.size(), 16U);
  EXPECT_FALSE(std::isnan(kept[14]));
  EXPECT_TRUE(std::isnan(kept[15]));
}

TEST(RunFile, RefusesWhatIsNoRun) {
  const TemporaryFolder folder;
  const auto reading = [&](const fs::path& path) { return refusal_of([&] { read_run(path); }); };
  EXPECT_THAT(reading(folder.path() / "absent.h5"), HasSubstr("absent.h5: cannot read: No such file"));
  EXPECT_THAT(reading(folder.write("text.h5", "hello")), HasSubstr("text.h5: cannot open the run"));
  EXPECT_THAT(reading(folder.write("empty.h5", "")), HasSubstr("empty.h5"));
  EXPECT_THAT(refusal_of([&] { RunFile::resume(folder.path() / "text.h5", small_layout(), 1); }), HasSubstr("text.h5"));
  EXPECT_EQ(read_text(folder.path() / "text.h5"), "hello");
}

// ---- writers that die

TEST(RunFile, IsReadableAndResumableAfterAKillAtAnyMoment) {
  std::mt19937 random(7);
  int64_t total = 0;
  int64_t evaluations = 0;
  for (int round = 0; round < 25 || (total <= 1000 && round < 200);
       ++round) {  // a slow machine needs more rounds, and longer ones
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "run.h5";
    const RunLayout layout = small_layout();
    const pid_t child = start_child([&] {
      RunFile file = RunFile::create(path, layout);
      append_steps(file, layout, 1, 1000000000, round % 2 == 0 ? 1 : 37);
      return 0;
    });
    std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<int>(500, 60000)(random)) *
                                (1 + round / 25));
    ::kill(child, SIGKILL);
    EXPECT_EQ(wait_for(child), -SIGKILL);
    EXPECT_LE(sweep_temporaries(folder.path()), 1);
    if (!fs::exists(path)) continue;  // killed while it was created

    const int64_t steps = expect_sound_records(path);
    const auto samples = static_cast<int64_t>(expect_sound_samples(path));
    total += steps;
    evaluations += static_cast<int64_t>(evaluations_of(read_run(path)));
    const int64_t last = steps / 2;
    RunFile file = RunFile::resume(path, layout, last);
    EXPECT_EQ(expect_sound_records(path), last);
    EXPECT_LE(evaluations_of(read_run(path)), static_cast<std::size_t>(last / evaluation_period));
    EXPECT_EQ(static_cast<int64_t>(expect_sound_samples(path)), std::min(samples, last / 10));
    append_steps(file, layout, last + 1, last + 300, 10);
    EXPECT_GE(expect_sound_records(path), last + 290);
  }
  EXPECT_GT(total, 1000) << "hardly anything was written before the kills";
  EXPECT_GT(evaluations, 20) << "hardly any evaluation was written before the kills";
}

TEST(RunFile, IsReadableWhileAnotherProcessWrites) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "run.h5";
  const RunLayout layout = small_layout();
  RunFile::create(path, layout);
  const pid_t child = start_child([&] {
    RunFile file = RunFile::resume(path, layout, 0);
    append_steps(file, layout, 1, 4000, 3);
    return 0;
  });
  int64_t seen = 0;
  while (::waitpid(child, nullptr, WNOHANG) == 0) {
    const int64_t now = expect_sound_records(path);
    EXPECT_GE(now, seen);
    seen = now;
    expect_sound_samples(path);
  }
  EXPECT_EQ(expect_sound_records(path), 4000);
}

// A disk that is full after `limit` bytes, at every size that matters: the writer reports it, leaves in peace (HDF5's
// clean-up at exit included), and what it had written before can be read and resumed.
TEST(RunFile, FullDiskIsReportedAndLosesNothing) {
  const TemporaryFolder folder;
  const RunLayout layout = small_layout();
  int failures = 0;
  int readable = 0;
  for (rlim_t limit = 0;; limit += 4999) {
    const fs::path path = folder.path() / fmt::format("run-{}.h5", limit);
    const pid_t child = start_child([&] {
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit size{limit, limit};
      ::setrlimit(RLIMIT_FSIZE, &size);
      int64_t written = 0;
      try {
        RunFile file = RunFile::create(path, layout);
        for (; written < 200; ++written) append_steps(file, layout, written + 1, written + 1, 1);
        return 0;
      } catch (const UserError& error) {
        const std::string what = error.what();
        const bool named =
            what.find(path.string()) != std::string::npos && what.find("File too large") != std::string::npos;
        return named && error.code() == ExitCode::storage ? 5 : 98;
      }
    });
    const int code = wait_for(child);
    if (code == 0) break;
    ASSERT_EQ(code, 5) << "limit " << limit;
    ++failures;
    EXPECT_FALSE(fs::exists(folder.path() / fmt::format(".duel-{}-run.tmp", child)));
    if (!fs::exists(path)) continue;
    ++readable;
    const int64_t steps = expect_sound_records(path);
    expect_sound_samples(path);
    RunFile file = RunFile::resume(path, layout, steps);
    append_steps(file, layout, steps + 1, steps + 5, 1);
    EXPECT_EQ(expect_sound_records(path), steps + 5);
  }
  EXPECT_GT(failures, 10);
  EXPECT_GT(readable, 5);
}

TEST(RunFile, AFailedResumeLeavesTheOldFile) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "run.h5";
  const RunLayout layout = small_layout();
  {
    RunFile file = RunFile::create(path, layout);
    append_steps(file, layout, 1, 50, 7);
  }
  const Bytes before = read_file(path);
  for (const rlim_t limit : {0, 1000, 20000, 60000}) {
    const pid_t child = start_child([&] {
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit size{limit, limit};
      ::setrlimit(RLIMIT_FSIZE, &size);
      try {
        RunFile::resume(path, layout, 50);
      } catch (const UserError& error) {
        return static_cast<int>(error.code());
      }
      return 0;
    });
    EXPECT_EQ(wait_for(child), 5) << "limit " << limit;
    EXPECT_EQ(read_file(path), before);
    EXPECT_EQ(entries_of(folder.path()), 1);
  }
  for (int64_t call = 1; call <= 3; ++call) {  // open for sync, sync, rename
    inject_fault({call, EIO, false});
    EXPECT_NE(refusal_of([&] { RunFile::resume(path, layout, 50); }, ExitCode::storage), "accepted");
    inject_fault({});
    EXPECT_EQ(read_file(path), before);
    EXPECT_EQ(entries_of(folder.path()), 1);
  }
  RunFile::resume(path, layout, 50);
  EXPECT_EQ(expect_sound_records(path), 50);
}

// A checkpoint may be written only when the records before it are on the disk: sync goes through the file layer, which
// counts its calls and can make them fail.
TEST(RunFile, SyncReachesTheDiskOrFails) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "run.h5";
  const RunLayout layout = small_layout();
  RunFile file = RunFile::create(path, layout);
  append_steps(file, layout, 1, 15, 1000);
  inject_fault({});
  file.sync();
  EXPECT_EQ(file_calls_since_injection(), 2) << "open for sync, sync";
  EXPECT_EQ(expect_sound_records(path), 15) << "what waited was written before";

  append_steps(file, layout, 16, 20, 1000);
  inject_fault({2, EIO, false});
  EXPECT_THAT(refusal_of([&] { file.sync(); }, ExitCode::storage), HasSubstr("run.h5: cannot sync"));
  inject_fault({});
  EXPECT_NE(refusal_of([&] { file.sync(); }, ExitCode::storage), "accepted") << "what the disk lost is not there later";
}

TEST(RunFile, RefusesANewerFormat) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "run.h5";
  RunFile::create(path, small_layout());
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t attribute = H5Aopen(file, "file_format_version", H5P_DEFAULT);
  const int64_t newer = 2;
  H5Awrite(attribute, H5T_NATIVE_INT64, &newer);
  H5Aclose(attribute);
  H5Fclose(file);
  EXPECT_THAT(refusal_of([&] { read_run(path); }), HasSubstr("format 2; this program knows formats"));
}

// Left to itself, HDF5 reads a damaged record again and again, for ever.
TEST(RunFile, GivesUpOnADamagedFile) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "run.h5";
  RunFile::create(path, small_layout());
  std::string bytes = read_text(path);
  bytes[24] ^= 1;  // in the first of the records that have a checksum
  folder.write("run.h5", bytes);
  EXPECT_THAT(refusal_of([&] { read_run(path); }), HasSubstr("checksum"));
}

// What keeps a kill from leaving half of a record: see run_file.cpp.
TEST(RunFile, HasPagesOfTheSizeOfMemorys) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "run.h5";
  RunFile::create(path, small_layout());
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t creation = H5Fget_create_plist(file);
  H5F_fspace_strategy_t strategy = H5F_FSPACE_STRATEGY_NONE;
  hbool_t persist = true;
  hsize_t value = 0;
  EXPECT_GE(H5Pget_file_space_strategy(creation, &strategy, &persist, &value), 0);
  EXPECT_EQ(strategy, H5F_FSPACE_STRATEGY_PAGE);
  EXPECT_GE(H5Pget_file_space_page_size(creation, &value), 0);
  EXPECT_EQ(::sysconf(_SC_PAGESIZE) % static_cast<long>(value), 0);
  H5Pclose(creation);
  H5Fclose(file);
}

TEST(RunFile, AppendsCheaply) {
  const TemporaryFolder folder;
  RunLayout layout;
  for (int i = 0; i < 10; ++i) layout.metrics.push_back(fmt::format("value {}", i));
  RunFile file = RunFile::create(folder.path() / "run.h5", layout);
  const std::vector<double> values(10, 1.0);
  constexpr int64_t steps = 20000;
  const auto start = std::chrono::steady_clock::now();
  for (int64_t step = 1; step <= steps; ++step) file.append_metrics(step, 1.0, values);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
  RecordProperty("microseconds_a_step", std::to_string(took.count() / steps));  // 1 to 2 on a machine at rest
  EXPECT_LT(took.count() / steps, 50.0);  // a machine under load must not fail the test
}

}  // namespace
}  // namespace duel
