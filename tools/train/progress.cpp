#include "tools/train/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.hpp"
#include "tools/command.hpp"
#include "tools/train/live_line.hpp"

namespace duel {
namespace {

using Time = std::chrono::steady_clock::time_point;

double since(Time time) { return std::chrono::duration<double>(std::chrono::steady_clock::now() - time).count(); }

// Steps a second over the steps of this process, for rates and the time left.
class Rate {
 public:
  void start(int64_t step) {
    first_ = step;
    began_ = std::chrono::steady_clock::now();
  }
  double steps_per_second(int64_t step) const {
    const double seconds = since(began_);
    return seconds > 0 ? static_cast<double>(step - first_) / seconds : 0;
  }

 private:
  int64_t first_ = 0;
  Time began_ = std::chrono::steady_clock::now();
};

std::vector<std::string> metric_texts(const Session& session, const StepReport& report) {
  std::vector<std::string> texts;
  const auto& names = session.metric_names();
  for (std::size_t i = 0; i < session.told_metrics(); ++i) {
    if (std::isnan(report.metrics[i])) continue;  // a loss that the phase does not play
    texts.push_back(fmt::format("{} {:.4g}", names[i], report.metrics[i]));
  }
  return texts;
}

// Characters of a line of the terminal, less one, so that the cursor stays on it.
std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10 ? size.ws_col - 1u : 79u;
}

std::string newest_picture(const std::filesystem::path& run) {
  std::filesystem::path newest;
  for (const auto& entry : std::filesystem::directory_iterator(run / "samples")) {
    if (entry.path().extension() != ".png") continue;
    if (newest.empty() || entry.last_write_time() > std::filesystem::last_write_time(newest)) newest = entry.path();
  }
  return newest.string();
}

std::string closing_words(Run& run, TrainEnd end) {
  const std::string folder = run.folder().string();
  if (end == TrainEnd::stopped) return fmt::format("stopped and saved; go on with: duel resume {}\n", folder);
  if (end == TrainEnd::was_complete) {
    return fmt::format("already complete at step {}; for more: duel resume {} {}.steps=…\n", run.session().step(),
                       folder, run.session().experiment().train.phases.back().path);
  }
  const std::string picture = newest_picture(run.folder());
  std::string text = fmt::format("done: {}\n", folder);
  if (!picture.empty()) text += fmt::format("picture: {}\n", picture);
  return text;
}

const char* status_of(TrainEnd end) {
  switch (end) {
    case TrainEnd::complete:
      return "complete";
    case TrainEnd::stopped:
      return "stopped";
    case TrainEnd::was_complete:
      return "already complete";
  }
  return "";
}

class QuietProgress : public Progress {
 public:
  void started(const Session&, const std::filesystem::path&) override {}
  void stepped(const Session&, const StepReport&, double) override {}
  void sampled(const std::filesystem::path&) override {}
  void evaluating(int64_t, int64_t) override {}
  void evaluated(int64_t, const std::string&, std::span<const EvaluationRecord>) override {}
  void kept_best(const BestCheckpoint&) override {}
  void saved(const std::filesystem::path&) override {}
  void warned(const std::string& text) override { fmt::print(stderr, "warning: {}\n", text); }
  void ended(const std::string&) override {}
  void done(Run&, TrainEnd) override {}
};

class LineProgress : public Progress {
 public:
  LineProgress() {
    live_ = isatty(STDOUT_FILENO) == 1;
    const char* no_color = std::getenv("NO_COLOR");
    colour_ = live_ && (no_color == nullptr || *no_color == '\0');
  }
  ~LineProgress() override { end_line(); }

  void started(const Session& session, const std::filesystem::path& folder) override {
    const Experiment& experiment = session.experiment();
    print_out(fmt::format("{}: steps {} to {}, {} thread{}, {}\n", experiment.name, session.step() + 1,
                          session.total_steps(), session.threads(), session.threads() == 1 ? "" : "s",
                          folder.string()));
    rate_.start(session.step());
    shown_ = std::chrono::steady_clock::now();
  }

  void stepped(const Session& session, const StepReport& report, double) override {
    const bool last = report.step == session.total_steps();
    const double interval = live_ ? 0.1 : 5.0;
    if (since(shown_) < interval && !last) return;
    shown_ = std::chrono::steady_clock::now();
    const double rate = rate_.steps_per_second(report.step);
    const double left = rate > 0 ? static_cast<double>(session.total_steps() - report.step) / rate : 0;
    std::string head = fmt::format("step {}/{}", report.step, session.total_steps());
    if (!session.phase().name.empty()) head += fmt::format("  {}", session.phase().name);
    if (session.epoch() > 0) head += fmt::format("  epoch {:.1f}", session.epoch());
    std::string tail = fmt::format("{:.0f} images/s", rate * static_cast<double>(session.images_per_step()));
    if (!last) tail += fmt::format("  {} left", format_duration(left));
    const std::size_t width = live_ ? terminal_width() : std::numeric_limits<std::size_t>::max();
    show(live_line(head, metric_texts(session, report), tail, width));
  }

  void sampled(const std::filesystem::path&) override {}
  void evaluating(int64_t done, int64_t total) override {
    if (done == total) {
      show(fmt::format("evaluating: {} examples", total));
    } else if (live_ && since(shown_) > 0.1) {
      shown_ = std::chrono::steady_clock::now();
      show(fmt::format("evaluating: {} of {} examples", done, total));
    }
  }
  void evaluated(int64_t step, const std::string& name, std::span<const EvaluationRecord> records) override {
    std::string text = fmt::format("step {}  {}:", step, name);
    for (const EvaluationRecord& record : records) {
      text += fmt::format("  {} {:.5g}", record.metric, record.value);
      if (record.uncertainty) text += fmt::format(" ± {:.2g}", *record.uncertainty);
      if (record.floor) text += fmt::format(" (floor {:.4g})", record.floor->value);
    }
    end_line();
    print_out(text + "\n");
    for (const EvaluationRecord& record : records) {
      for (const std::string& warning : record.warnings) {
        const std::string told = fmt::format("{}: {}: {}", name, record.metric, warning);
        if (told_.insert(told).second) warned(told);
      }
    }
  }
  void kept_best(const BestCheckpoint& best) override {
    end_line();
    print_out(fmt::format("best: {} {:.6g} at step {}, {}\n", best.metric, best.value, best.step, best.file.string()));
  }
  void ended(const std::string& why) override {
    end_line();
    print_out(fmt::format("complete: {}\n", why));
  }
  void done(Run& run, TrainEnd end) override {
    end_line();
    print_out(closing_words(run, end));
  }
  void saved(const std::filesystem::path&) override {}
  void warned(const std::string& text) override {
    end_line();
    fmt::print(stderr, "{}warning:{} {}\n", colour_ ? "\033[33m" : "", colour_ ? "\033[0m" : "", text);
  }

 private:
  void show(const std::string& text) {
    if (!live_) {
      print_out(text + "\n");
      return;
    }
    fmt::print("\r\033[K{}{}{}", colour_ ? "\033[36m" : "", text, colour_ ? "\033[0m" : "");
    std::fflush(stdout);
    open_line_ = true;
  }
  void end_line() {
    if (open_line_) fmt::print("\n");
    std::fflush(stdout);
    open_line_ = false;
  }

  bool live_ = false;
  bool colour_ = false;
  bool open_line_ = false;
  Rate rate_;
  Time shown_;
  std::set<std::string> told_;  // warnings of evaluations: each once, not each time
};

// One JSON object a line, for programs. docs/run-folder.md lists the events and their keys.
class JsonProgress : public Progress {
 public:
  void started(const Session& session, const std::filesystem::path& folder) override {
    rate_.start(session.step());
    print({{"event", "started"},
           {"run", folder.string()},
           {"step", session.step()},
           {"total_steps", session.total_steps()},
           {"threads", session.threads()}});
  }
  void stepped(const Session& session, const StepReport& report, double seconds) override {
    nlohmann::json metrics = nlohmann::json::object();
    const auto& names = session.metric_names();
    for (std::size_t i = 0; i < names.size(); ++i) metrics[names[i]] = report.metrics[i];
    const double rate = rate_.steps_per_second(report.step) * static_cast<double>(session.images_per_step());
    last_ = {{"event", "step"},    {"step", report.step},  {"epoch", session.epoch()},
             {"seconds", seconds}, {"images_per_s", rate}, {"metrics", metrics}};
    const bool is_recorded = report.step % session.experiment().train.log_every == 0;
    if (is_recorded || report.step == session.total_steps()) print_last();
  }
  void sampled(const std::filesystem::path& picture) override {
    print({{"event", "sample"}, {"file", picture.string()}});
  }
  void evaluating(int64_t, int64_t) override {}
  void evaluated(int64_t step, const std::string& name, std::span<const EvaluationRecord> records) override {
    nlohmann::json list = nlohmann::json::array();
    for (const EvaluationRecord& record : records) list.push_back(record_json(record));
    print({{"event", "evaluation"}, {"step", step}, {"name", name}, {"records", list}});
  }
  void kept_best(const BestCheckpoint& best) override {
    print({{"event", "best"},
           {"step", best.step},
           {"file", best.file.string()},
           {"metric", best.metric},
           {"value", best.value}});
  }
  void ended(const std::string& why) override {
    print_last();  // it turned out to be the last step, which is always recorded
    print({{"event", "complete"}, {"text", why}});
  }
  void done(Run& run, TrainEnd end) override {
    print({{"event", "done"},
           {"status", status_of(end)},
           {"run", run.folder().string()},
           {"step", run.session().step()},
           {"picture", newest_picture(run.folder())}});
  }
  void saved(const std::filesystem::path& checkpoint) override {
    print({{"event", "checkpoint"}, {"file", checkpoint.string()}});
  }
  void warned(const std::string& text) override { print({{"event", "warning"}, {"text", text}}); }

 private:
  static void print(const nlohmann::json& event) { print_out(event.dump() + "\n"); }
  void print_last() {
    if (!last_.is_null()) print(last_);
    last_ = nullptr;
  }

  Rate rate_;
  nlohmann::json last_;  // event of the step done last, unless it has been printed
};

}  // namespace

std::unique_ptr<Progress> make_progress(ProgressStyle style) {
  if (style == ProgressStyle::quiet) return std::make_unique<QuietProgress>();
  if (style == ProgressStyle::json) return std::make_unique<JsonProgress>();
  return std::make_unique<LineProgress>();
}

}  // namespace duel
