#include "tests/error/case.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace duel {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n') continue;
    if (text[at] != '\\') {
      out += text[at];
      continue;
    }
    const char kind = text.at(++at);
    if (kind == 'x') {
      out += static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16));
      at += 2;
    } else {
      out += kind == 'n' ? '\n' : kind;
    }
  }
  return out;
}

}  // namespace

ErrorCase read_case(const fs::path& file) {
  ErrorCase out;
  out.name = file.stem().string();
  const auto fail = [&](const std::string& what) { throw std::runtime_error(file.string() + ": " + what); };
  std::ifstream stream(file);
  std::string* target = nullptr;  // where the lines go
  std::vector<bool> escaped;
  bool expects = false;
  for (std::string line; std::getline(stream, line);) {
    const auto words = words_of(line);
    if (line.starts_with("$ duel")) {
      out.arguments.assign(words.begin() + 2, words.end());
    } else if (line.starts_with("=== expected ")) {
      out.code = std::stoi(words.at(2));
      target = &out.expected;
      expects = true;
    } else if (line.starts_with("=== ")) {
      out.files.push_back({words.at(1), {}, words.size() > 2 && words[2] == "generated"});
      escaped.push_back(words.size() > 2 && words[2] == "escaped");
      target = &out.files.back().content;
      if (expects) fail("what is expected stands last");
    } else if (target != nullptr) {
      *target += line + "\n";
    } else if (!out.arguments.empty()) {
      fail("text between the command and the first file");
    }
    // A file that is added moves the others.
    if (target != nullptr && target != &out.expected) target = &out.files.back().content;
  }
  if (!expects) fail("nothing is expected");
  for (std::size_t i = 0; i < out.files.size(); ++i) {
    if (escaped[i]) out.files[i].content = unescaped(out.files[i].content);
  }
  return out;
}

bool matches(const std::string& text, const std::string& pattern) {
  static const std::string anything = "…";
  const std::size_t gap = pattern.find(anything);
  if (gap == std::string::npos) return text == pattern;
  if (text.compare(0, gap, pattern, 0, gap) != 0) return false;
  const std::string rest = pattern.substr(gap + anything.size());
  for (std::size_t at = gap; at <= text.size(); ++at) {
    if (matches(text.substr(at), rest)) return true;
    if (at < text.size() && text[at] == '\n') return false;
  }
  return false;
}

}  // namespace duel
