// The program at a terminal, where it asks.
#pragma once

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/program/program_path.hpp"

namespace duel {

class ProgramAtTerminal {
 public:
  ProgramAtTerminal(std::vector<std::string> arguments, const std::filesystem::path& folder) {
    const std::string program = program_path().string();
    arguments.insert(arguments.begin(), program);
    std::vector<char*> words;
    words.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    process_ = forkpty(&terminal_, nullptr, nullptr, nullptr);
    if (process_ != 0) return;
    if (chdir(folder.c_str()) == 0) execv(program.c_str(), words.data());
    _exit(127);
  }
  ~ProgramAtTerminal() {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
    }
    close(terminal_);
  }
  ProgramAtTerminal(const ProgramAtTerminal&) = delete;
  ProgramAtTerminal& operator=(const ProgramAtTerminal&) = delete;

  // What it prints until the text comes, or until it ends.
  std::string read_until(const std::string& text) {
    std::string printed;
    char byte = 0;
    while (printed.find(text) == std::string::npos && read(terminal_, &byte, 1) == 1) printed += byte;
    return printed;
  }
  void type(const std::string& line) {
    const std::string text = line + "\n";
    if (write(terminal_, text.data(), text.size()) < 0) close(terminal_);
  }
  // Its exit code, and the rest of what it printed.
  int wait(std::string& rest) {
    rest = read_until("\x04 never printed");
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  int terminal_ = -1;
  pid_t process_ = -1;
};

}  // namespace duel
