// The program `duel` as a child process, as a user would start it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace duel {

struct ProgramEnd {
  int code = 0;  // exit code; −n when signal n ended it
  std::string output;
  std::string errors;
  double cpu_seconds = 0;  // of all its threads, user and system: what a busy machine does not lengthen
  int64_t peak_bytes = 0;  // resident
};

// What a user or a machine may do to the program besides.
struct ProgramSettings {
  std::filesystem::path output{};  // where its standard output goes; empty: kept for ProgramEnd
  uint64_t most_file_bytes = 0;    // the largest file that it may write; 0: any
  // OpenBLAS's kernels, as describe_blas().core names them; empty: those that the program chooses where nothing is
  // exported, whatever the environment of the tests says.
  std::string blas_core{};
  // Where it keeps what it could compute again (XDG_CACHE_HOME); empty: in a folder of this test program's own, which
  // is gone with it. Never where the user's is.
  std::filesystem::path cache{};
};

// One start of the program. Errors of the test's own system calls throw std::system_error. File permissions bind it
// even when the tests run as root.
class Program {
 public:
  // In the working directory `folder`, with the environment of the test but for blas_core and cache of the settings.
  Program(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
          const ProgramSettings& settings = {});
  ~Program();  // kills it if it still runs
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  pid_t id() const { return process_; }
  void send(int signal) const;
  // Waits at most so long; whether it has ended.
  bool ends_within(double seconds);
  ProgramEnd wait();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, CloseFile>;

  bool collect(int options);

  File output_;
  File errors_;
  pid_t process_ = -1;
  std::optional<ProgramEnd> end_;
};

ProgramEnd run_program(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                       const ProgramSettings& settings = {});

}  // namespace duel
