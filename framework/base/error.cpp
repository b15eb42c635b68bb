#include "base/error.hpp"

#include <algorithm>
#include <tuple>

namespace duel {
namespace {

std::string single_line(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += fmt::format("\\x{:02x}", byte);
    }
  }
  return out;
}

std::string joined(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += '\n';
    text += to_string(problem);
  }
  return text;
}

auto reading_order(const Problem& problem) {
  return std::tie(problem.where.file, problem.where.line, problem.where.column);
}

}  // namespace

std::string to_string(const Position& position) {
  if (position.line <= 0) return position.file;
  if (position.column <= 0) return fmt::format("{}:{}", position.file, position.line);
  return fmt::format("{}:{}:{}", position.file, position.line, position.column);
}

std::string to_string(const Problem& problem) {
  std::string text;
  if (!problem.where.file.empty()) text += to_string(problem.where) + ": ";
  if (!problem.path.empty()) text += problem.path + ": ";
  text += problem.what;
  if (!problem.remedy.empty()) text += "; " + problem.remedy;
  if (!problem.origin.empty()) text += fmt::format(" (from {})", problem.origin);
  return single_line(text);
}

UserError::UserError(ExitCode code, std::vector<Problem> problems)
    : std::runtime_error(joined(problems)), code_(code), problems_(std::move(problems)) {}

UserError::UserError(ExitCode code, Problem problem) : UserError(code, std::vector<Problem>{std::move(problem)}) {}

UserError::UserError(ExitCode code, const std::string& what, const std::string& remedy)
    : UserError(code, Problem{{}, {}, what, remedy, {}}) {}

void Problems::add(Problem problem) { problems_.push_back(std::move(problem)); }

void Problems::add(const Position& where, const std::string& path, const std::string& what, const std::string& remedy) {
  problems_.push_back({where, path, what, remedy, {}});
}

void Problems::throw_if_any(ExitCode code) const {
  if (problems_.empty()) return;
  std::vector<Problem> sorted;
  for (const Problem& problem : problems_) {
    const auto same = [&](const Problem& other) { return to_string(other) == to_string(problem); };
    if (std::none_of(sorted.begin(), sorted.end(), same)) sorted.push_back(problem);
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Problem& a, const Problem& b) { return reading_order(a) < reading_order(b); });
  throw UserError(code, std::move(sorted));
}

void fail_check(const char* file, int line, const char* condition, const std::string& message) {
  throw InternalError(fmt::format("{}:{}: check failed: {}: {}", file, line, condition, message));
}

}  // namespace duel
