#include "tools/completion/scripts.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"

namespace duel {
namespace {

// bash takes '=' and ':' for the ends of words; what stands before them in the same word is put back, and taken away
// from the candidates again.
constexpr const char* bash_script = R"(# Completion of duel for bash: source <(duel completion bash)
_duel() {
  local program=${1/#\~/$HOME} line=${COMP_LINE:0:COMP_POINT} word before
  local -a words
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  word=${words[-1]}
  before=${word%"${COMP_WORDS[COMP_CWORD]}"}
  [[ ${COMP_WORDS[COMP_CWORD]} == [=:] ]] && before=$word
  mapfile -t COMPREPLY < <("$program" complete -- "${words[@]:1}" 2> /dev/null)
  COMPREPLY=("${COMPREPLY[@]#"$before"}")
  if ((${#COMPREPLY[@]} > 0)) && [[ ${COMPREPLY[0]} == *[/.=] ]]; then compopt -o nospace 2> /dev/null; fi
}
complete -F _duel duel
)";

// Words come as they are written: quotes, backslashes and a tilde at the beginning of the program's path are taken out.
constexpr const char* zsh_script = R"(#compdef duel
# Completion of duel for zsh: source <(duel completion zsh), after compinit
_duel() {
  local program=${${(Q)words[1]}/#\~\//$HOME/}
  local -a before found open whole
  before=("${(@Q)words[2,CURRENT-1]}")
  found=("${(@f)$("$program" complete -- "${(@)before}" "${(Q)PREFIX}" 2> /dev/null)}")
  open=("${(@M)found:#*[/.=]}")
  whole=("${(@)found:#*[/.=]}")
  compadd -S '' -- "${(@)open:#}"
  compadd -- "${(@)whole:#}"
}
compdef _duel duel
)";

// The word that is completed comes as it is written, those before it do not.
constexpr const char* fish_script = R"(# Completion of duel for fish: duel completion fish | source
function __duel_complete
    set -l words (commandline -opc)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    set -l current (commandline -ct)
    set -l plain (string unescape -- "$current"); or set plain (string trim --left --chars "'\"" -- "$current")
    $program complete -- $words[2..-1] "$plain" 2> /dev/null
end
complete -c duel -f -a '(__duel_complete)'
)";

struct ShellScript {
  std::string_view shell;
  const char* text;
};

constexpr std::array shell_scripts{ShellScript{"bash", bash_script}, ShellScript{"zsh", zsh_script},
                                   ShellScript{"fish", fish_script}};

}  // namespace

const std::vector<std::string>& completion_shells() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const ShellScript& script : shell_scripts) all.emplace_back(script.shell);
    return all;
  }();
  return names;
}

std::string completion_script(const std::string& shell) {
  const auto* found = std::ranges::find(shell_scripts, shell, &ShellScript::shell);
  if (found != shell_scripts.end()) return found->text;
  throw UserError(ExitCode::experiment, fmt::format("there is no completion for the shell '{}'", shell),
                  suggestion(shell, completion_shells()));
}

}  // namespace duel
