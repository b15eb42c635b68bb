// Reads run.h5 while it is written, after a kill, and when it is done. Internal to store/.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "store/hdf5_handle.hpp"
#include "store/run_file.hpp"
#include "store/series.hpp"

namespace duel {

// Failures are UserError(ExitCode::data). One thread.
class RunReader {
 public:
  explicit RunReader(const std::filesystem::path& path);

  RunRecords records() const;

  struct Samples {
    Series pictures;
    Series values;
    std::vector<int64_t> steps;  // of the snapshots that are complete
  };
  std::vector<std::string> sample_names() const;
  Samples samples(const std::string& name) const;

  const hdf5::Calls& calls() const { return calls_; }

 private:
  void check_format() const;
  template <class T>
  std::vector<T> column(const Series& series, int64_t count) const;
  std::vector<int64_t> written_steps(const Series& steps, int64_t count) const;
  std::vector<std::map<std::string, std::string>> resumes() const;
  RunRecords::Evaluation evaluation(hdf5::Id entry, const std::string& name) const;

  hdf5::Calls calls_;
  uint64_t file_size_ = 0;
  hdf5::Handle file_;
};

}  // namespace duel
