// The two kinds of failure, kept apart everywhere:
//   UserError     something outside the program is wrong (an experiment, a data file, a disk). It says where, what,
//                 and what to do, in one line a problem, and carries the exit code of the program.
//   DUEL_CHECK    a programmer's mistake. Throws InternalError; never used for anything a user can cause.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace duel {

// Exit codes of the program (docs/reliability.md).
enum class ExitCode : int { done = 0, experiment = 2, data = 3, diverged = 4, storage = 5, in_use = 6 };

// A place in a text file. Lines and columns count from 1; line 0 means "the file as a whole", an empty file name
// means "no place is known". For an override of the command line, `file` is "override 'a.b=3'" and line 0.
struct Position {
  std::string file;
  int line = 0;
  int column = 0;

  bool operator==(const Position&) const = default;
};

// "file:line:column", shorter where parts are unknown.
std::string to_string(const Position& position);

// One thing that is wrong. `path` is the dotted path in the experiment (networks.generator.layers[3]); it may be
// empty, as may `remedy` (what to do) and `origin` (the file that a composed value came from, if not position.file).
struct Problem {
  Position where;
  std::string path;
  std::string what;
  std::string remedy;
  std::string origin;
};

// "exp.yaml:12:7: networks.generator.layers[3]: unknown key 'kernal'; did you mean 'kernel'? (from base/dcgan.yaml)"
// Always a single line: control characters in the parts are escaped.
std::string to_string(const Problem& problem);

// Thrown for everything that a user can mend. what() is the problems, one a line. `problems` may be empty only in an
// error that carries a message alone.
class UserError : public std::runtime_error {
 public:
  UserError(ExitCode code, std::vector<Problem> problems);
  UserError(ExitCode code, Problem problem);
  // For failures without a place in a text: `what; remedy`.
  UserError(ExitCode code, const std::string& what, const std::string& remedy = {});

  ExitCode code() const { return code_; }
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  ExitCode code_;
  std::vector<Problem> problems_;
};

// Collects problems so that all are reported at once. Not thread-safe.
class Problems {
 public:
  void add(Problem problem);
  void add(const Position& where, const std::string& path, const std::string& what, const std::string& remedy = {});
  bool empty() const { return problems_.empty(); }
  std::size_t size() const { return problems_.size(); }
  const std::vector<Problem>& all() const { return problems_; }
  // Throws one UserError with every problem, in order of file, line and column, duplicates removed.
  void throw_if_any(ExitCode code = ExitCode::experiment) const;

 private:
  std::vector<Problem> problems_;
};

class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void fail_check(const char* file, int line, const char* condition, const std::string& message);

}  // namespace duel

// DUEL_CHECK(condition, "format {}", arguments…): states what the programmer relies on. On in every build.
#define DUEL_CHECK(condition, ...)                                                                  \
  do {                                                                                              \
    if (!(condition)) ::duel::fail_check(__FILE__, __LINE__, #condition, fmt::format(__VA_ARGS__)); \
  } while (false)
