// What a journal keeps through kills, torn lines, failing disks and several writers.
#include "store/journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/support/refusal.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Journal : public testing::Test {
 protected:
  std::filesystem::path file() const { return folder_.path() / "journal"; }
  std::string content() const { return read_text(file()); }
  std::vector<json> records() const { return JournalReader(file()).read(); }
  // As any process would.
  void append(const json& record) const {
    const auto lock = FileLock::waited_for(folder_.path() / "lock");
    JournalReader reader(file());
    if (std::filesystem::exists(file())) reader.read();
    append_record(file(), reader, record);
  }
  // Numbers 0 … count-1.
  void write(int count) const {
    for (int i = 0; i < count; ++i) append({{"number", i}});
  }
  static std::vector<json> numbers(int count) {
    std::vector<json> out;
    for (int i = 0; i < count; ++i) out.push_back({{"number", i}});
    return out;
  }

  TemporaryFolder folder_;
};

TEST_F(Journal, ReadsBackWhatWasAppendedOnceEach) {
  write(3);
  JournalReader reader(file());
  EXPECT_EQ(reader.read(), numbers(3));
  EXPECT_TRUE(reader.read().empty());
  append({{"text", "ümlaut \n \" line"}});
  EXPECT_EQ(reader.read(), (std::vector<json>{{{"text", "ümlaut \n \" line"}}}));
}

// Every length that a kill can leave.
TEST_F(Journal, PassesOverATornLastLineAndTheNextWriterRemovesIt) {
  write(3);
  const std::string whole = content();
  const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
  for (std::size_t length = last; length < whole.size(); ++length) {
    folder_.write("journal", whole.substr(0, length));
    EXPECT_EQ(records(), numbers(2)) << length;
    append({{"number", 2}});
    EXPECT_EQ(content(), whole) << length;
  }
}

TEST_F(Journal, RefusesDamageBeforeItsEnd) {
  write(3);
  const std::string whole = content();
  const std::size_t second = whole.find('\n') + 1;
  for (std::size_t place = 0; place < second; ++place) {
    std::string damaged = whole;
    damaged[place] = damaged[place] == 'x' ? 'y' : 'x';
    folder_.write("journal", damaged);
    EXPECT_THAT(refusal_of([&] { records(); }), HasSubstr("damaged")) << place;
  }
  folder_.write("journal", whole.substr(second));
  EXPECT_THAT(refusal_of([&] { records(); }), HasSubstr("journal:1: this line of the journal is damaged"))
      << "a line is missing";
}

TEST_F(Journal, OfSeveralWritersHasEachRecordOnce) {
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 25; ++i) append({{"writer", writer}, {"i", i}});
    });
  }
  for (std::thread& writer : writers) writer.join();
  std::map<int, int> next;
  for (const json& record : records()) EXPECT_EQ(record["i"].get<int>(), next[record["writer"].get<int>()]++);
  for (int writer = 0; writer < 4; ++writer) EXPECT_EQ(next[writer], 25);
}

// Whichever call of an append fails: what was there stays, and the next append works.
TEST_F(Journal, LosesNothingWhenAWriteFails) {
  write(2);
  JournalReader reader(file());
  reader.read();
  const std::string before = content();
  int failures = 0;
  for (int64_t call = 1;; ++call) {
    inject_fault({call, ENOSPC, false});
    bool failed = false;
    try {
      append_record(file(), reader, {{"number", 2}});
    } catch (const UserError& error) {
      EXPECT_EQ(error.code(), ExitCode::storage);
      failed = true;
    }
    inject_fault({});
    const auto now = records();
    ASSERT_GE(now.size(), 2U);
    EXPECT_EQ(now[1], numbers(2)[1]);
    folder_.write("journal", before);
    if (!failed) break;
    ++failures;
  }
  EXPECT_GE(failures, 4) << "open, cut, write, sync";
}

}  // namespace
}  // namespace duel
