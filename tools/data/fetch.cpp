#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "base/text.hpp"
#include "tools/data/data.hpp"
#include "tools/data/download.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

struct PublishedFile {
  std::string name;
  uint64_t bytes;
  std::string sha256;
};

struct PublishedSet {
  std::string name;
  std::vector<std::string> sources;  // tried in order
  std::vector<PublishedFile> files;
  std::string usage;  // what to write into an experiment; {} is the folder
};

std::string idx_usage() {
  return "train: {{idx: {{images: {0}/train-images-idx3-ubyte.gz, labels: {0}/train-labels-idx1-ubyte.gz}}}}";
}

const std::vector<PublishedSet>& published_sets() {
  static const std::vector<PublishedSet> sets{
      {"mnist",
       {"https://ossci-datasets.s3.amazonaws.com/mnist", "https://storage.googleapis.com/cvdf-datasets/mnist"},
       {{"train-images-idx3-ubyte.gz", 9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
        {"train-labels-idx1-ubyte.gz", 28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
        {"t10k-images-idx3-ubyte.gz", 1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
        {"t10k-labels-idx1-ubyte.gz", 4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"}},
       idx_usage()},
      {"fashion-mnist",
       {"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"},
       {{"train-images-idx3-ubyte.gz", 26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
        {"train-labels-idx1-ubyte.gz", 29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
        {"t10k-images-idx3-ubyte.gz", 4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
        {"t10k-labels-idx1-ubyte.gz", 5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"}},
       idx_usage()},
      {"cifar10",
       {"https://www.cs.toronto.edu/~kriz"},
       {{"cifar-10-binary.tar.gz", 170052171, "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"}},
       "train: {{cifar10: {{path: {0}/cifar-10-binary.tar.gz, part: train}}}}"},
  };
  return sets;
}

const PublishedSet& set_called(const std::string& name) {
  const auto found = std::ranges::find(published_sets(), name, &PublishedSet::name);
  if (found != published_sets().end()) return *found;
  throw UserError(ExitCode::experiment, fmt::format("no data set '{}' is known", name),
                  suggestion(name, public_data_names()));
}

struct FetchOptions {
  std::string name;
  std::string folder;
  std::string source;
};

class Fetch {
 public:
  explicit Fetch(const FetchOptions& options)
      : set_(set_called(options.name)),
        folder_(options.folder.empty() ? fs::path("data") / set_.name : fs::path(options.folder)) {
    sources_ = options.source.empty() ? set_.sources : std::vector{options.source};
  }

  int run() const {
    for (std::size_t i = 0; i < set_.files.size(); ++i) {
      const PublishedFile& file = set_.files[i];
      const DownloadEnd end = fetch(i);
      const char* how = end == DownloadEnd::already_there ? "is there already"
                        : end == DownloadEnd::resumed     ? "fetched, from where it had stopped"
                                                          : "fetched";
      print_out(
          fmt::format("{}: {}; {}, checksum right\n", (folder_ / file.name).string(), how, format_bytes(file.bytes)));
    }
    print_out(
        fmt::format("In an experiment, under data:\n  {}\n", fmt::format(fmt::runtime(set_.usage), folder_.string())));
    return 0;
  }

 private:
  static std::string url(const std::string& source, const PublishedFile& file) {
    return source + (source.ends_with('/') ? "" : "/") + file.name;
  }

  // From the first source that has it.
  DownloadEnd fetch(std::size_t index) const {
    const PublishedFile& file = set_.files[index];
    std::vector<Problem> problems;
    for (const std::string& source : sources_) {
      try {
        const Download wanted{url(source, file), folder_ / file.name, file.bytes, file.sha256};
        const DownloadEnd end = download(wanted, [&](uint64_t bytes) { show_progress(file, bytes); });
        clear_progress();
        return end;
      } catch (const UserError& error) {
        clear_progress();
        if (error.code() != ExitCode::data || fs::exists(folder_ / file.name)) throw;
        problems.insert(problems.end(), error.problems().begin(), error.problems().end());
      }
    }
    add_directions(index, problems);
    throw UserError(ExitCode::data, std::move(problems));
  }

  // What to do where there is no network.
  void add_directions(std::size_t first_missing, std::vector<Problem>& problems) const {
    for (std::size_t i = first_missing; i < set_.files.size(); ++i) {
      const PublishedFile& file = set_.files[i];
      if (fs::exists(folder_ / file.name)) continue;
      problems.push_back({{(folder_ / file.name).string(), 0, 0},
                          {},
                          "missing",
                          fmt::format("without a network, bring it from {} ({} bytes, SHA-256 {}) and run this again",
                                      url(set_.sources.front(), file), file.bytes, file.sha256),
                          {}});
    }
  }

  static bool shows_progress() { return isatty(STDERR_FILENO) == 1; }
  static void show_progress(const PublishedFile& file, uint64_t bytes) {
    if (!shows_progress()) return;
    fmt::print(stderr, "\r\033[K{}: {} of {}", file.name, format_bytes(bytes), format_bytes(file.bytes));
  }
  static void clear_progress() {
    if (shows_progress()) fmt::print(stderr, "\r\033[K");
  }

  const PublishedSet& set_;
  fs::path folder_;
  std::vector<std::string> sources_;
};

}  // namespace

std::vector<std::string> public_data_names() {
  std::vector<std::string> names;
  for (const PublishedSet& set : published_sets()) names.push_back(set.name);
  return names;
}

void add_fetch_command(CLI::App& data, CommandLine& line) {
  auto options = std::make_shared<FetchOptions>();
  const std::string names = fmt::format("{}", fmt::join(public_data_names(), ", "));
  CLI::App* command = data.add_subcommand("fetch", fmt::format("download a public data set, checked: {}", names));
  command->add_option("name", options->name, names)->required();
  command->add_option("--to", options->folder, "folder for the files; data/NAME if not given");
  command->add_option("--url", options->source, "folder on the web to take the files from instead of the public one");
  command->callback([options, &line] { line.run = [options] { return Fetch(*options).run(); }; });
}

}  // namespace duel
