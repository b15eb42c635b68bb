// A mistake and what the program says to it, as a text file:
//
//   Why this is a mistake, for whoever reads the case.
//   $ duel check experiment.yaml
//   === experiment.yaml
//   name: …
//   === digits.idx escaped            \x04, \n, \\ stand for bytes; line ends are not part of the file
//   === huge.yaml generated           by what is registered under this name in generated.cpp
//   === expected 2
//   experiment.yaml:1:7: …            standard error, whole; … in a line stands for anything
//
// In the folder of each case there is also valid.yaml, which the experiment of a case may extend.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace duel {

struct ErrorCase {
  struct File {
    std::string name;
    std::string content;
    bool generated = false;
  };
  std::string name;
  std::vector<std::string> arguments;
  std::vector<File> files;
  int code = 0;
  std::string expected;
};

// Throws std::runtime_error when the text is no case.
ErrorCase read_case(const std::filesystem::path& file);

// Whether the text is the pattern, in which each … stands for any number of characters of a line.
bool matches(const std::string& text, const std::string& pattern);

// Writes the file that is too large or too strange to be written out in a case. Throws std::runtime_error for a name
// that nothing is registered under.
void generate_file(const std::filesystem::path& file);

}  // namespace duel
