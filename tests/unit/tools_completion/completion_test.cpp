// duel completion and duel complete, and the scripts in their shells.
#include <sys/wait.h>

#include <cstdlib>
#include <sstream>

#include "base/file.hpp"
#include "tests/support/program/program_on_runs.hpp"
#include "tests/support/program/program_path.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class Completion : public ProgramOnRuns {
 protected:
  Completion() {
    folder_.write("gan.yaml",
                  "name: x\nplayers: {generator: {lr: 1}, discriminator: {lr: 2}}\nlayers: [dense: 3, relu]\n");
    folder_.write("notes.txt", "");
    folder_.write("more/other.yaml", "");
  }
  Words complete(const Words& words) const {
    Words arguments{"complete", "--"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    return lines_of(text(arguments));
  }
  static Words lines_of(const std::string& text) {
    Words lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }
  std::string script(const std::string& shell) const {
    folder_.write("script." + shell, text({"completion", shell}));
    return (folder_.path() / ("script." + shell)).string();
  }
  static int shell(const std::string& command) {
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  static bool is_installed(const std::string& program) {
    return shell("command -v " + program + " > /dev/null 2>&1") == 0;
  }
};

TEST_F(Completion, KnowsCommandsAndHidesItself) {
  EXPECT_THAT(complete({""}), AllOf(Contains("train"), Contains("compare"), Not(Contains("complete"))));
  EXPECT_THAT(complete({"tr"}), ElementsAre("train"));
  EXPECT_THAT(complete({"data", ""}), ElementsAre("info", "fetch"));
}

TEST_F(Completion, KnowsOptionsAndTheirValues) {
  EXPECT_THAT(complete({"compare", "runs", "--m"}), ElementsAre("--metrics", "--min", "--max", "--mix-protocols"));
  EXPECT_THAT(complete({"evaluate", "run", "--metrics", "fid,ki"}), ElementsAre("fid,kid"));
  EXPECT_THAT(complete({"sample", "--mode", "t"}), ElementsAre("train"));
  EXPECT_THAT(complete({"new", "x", "--from", "digits/d"}), Contains("digits/dcgan"));
  EXPECT_THAT(complete({"new", "x", "--from", "families/sn"}), ElementsAre("families/sngan"));
}

TEST_F(Completion, KnowsExperimentsRunsAndKinds) {
  write("runs/a");
  EXPECT_THAT(complete({"train", ""}), ElementsAre("gan.yaml", "more/", "runs/"));
  EXPECT_THAT(complete({"train", "more/"}), ElementsAre("more/other.yaml"));
  EXPECT_THAT(complete({"resume", "r"}), ElementsAre("runs/"));
  EXPECT_THAT(complete({"resume", "--threads", "2", "runs/"}), ElementsAre("runs/a"));
  EXPECT_THAT(complete({"help", "max_p"}), Contains("max_pool"));
  EXPECT_THAT(complete({"completion", ""}), ElementsAre("bash", "zsh", "fish"));
}

TEST_F(Completion, KnowsRunsAndPagesOfTheCommandsThatMakePages) {
  write("runs/a");
  folder_.write("more/page.html", "");
  EXPECT_THAT(complete({"serve", "runs/a", "runs/"}), ElementsAre("runs/a")) << "of which it takes several";
  EXPECT_THAT(complete({"report", "runs/"}), ElementsAre("runs/a"));
  EXPECT_THAT(complete({"report", "runs/a", ""}), IsEmpty());
  EXPECT_THAT(complete({"compare", "runs", "--html", "more/"}), ElementsAre("more/page.html"));
}

TEST_F(Completion, KnowsSweepsAndTheirKeys) {
  folder_.write("sweep.yaml", "name: s\nrun_cap: 40\nparallel: 2\n");
  folder_.write("sweeps/s/sweep.yaml", "name: s\nseeds: 3\n");
  EXPECT_THAT(complete({"sweep", "s"}), ElementsAre("sweep.yaml", "sweeps/"));
  EXPECT_THAT(complete({"sweep", "sweep.yaml", "run"}), ElementsAre("run_cap="));
  EXPECT_THAT(complete({"sweep", "sweeps/s", "s"}), ElementsAre("seeds="));
  EXPECT_THAT(complete({"sweep", "sweep.yaml", "--launcher", ""}), ElementsAre("local", "slurm"));
}

TEST_F(Completion, HasSomethingToSayOfEveryCommandThatTakesWords) {
  write("runs/a");
  std::vector<Words> commands;
  for (const std::string& name : complete({""})) {
    const Words inner = complete({name, ""});
    const bool has_commands = testing::Value(text({name, "--help"}), testing::HasSubstr("Subcommands:"));
    if (!has_commands) commands.push_back({name});
    for (const std::string& command : has_commands ? inner : Words()) commands.push_back({name, command});
  }
  EXPECT_THAT(commands, AllOf(Contains(Words{"data", "fetch"}), Contains(Words{"serve"})));
  for (Words words : commands) {
    Words help = words;
    help.push_back("--help");
    const bool takes_words = testing::Value(text(help), testing::HasSubstr("Positionals:"));
    words.push_back("");
    EXPECT_NE(complete(words).empty(), takes_words) << testing::PrintToString(words);
  }
}

TEST_F(Completion, KnowsTheKeysOfTheExperiment) {
  EXPECT_THAT(complete({"train", "gan.yaml", "players.g"}), ElementsAre("players.generator."));
  EXPECT_THAT(complete({"train", "gan.yaml", "--quiet", "players."}),
              ElementsAre("players.generator.", "players.discriminator."));
  EXPECT_THAT(complete({"train", "gan.yaml", "players.generator."}), ElementsAre("players.generator.lr="));
  EXPECT_THAT(complete({"train", "gan.yaml", "layers"}), ElementsAre("layers[0].", "layers[1]="));
  EXPECT_THAT(complete({"train", "gan.yaml", "~players.generator."}), ElementsAre("~players.generator.lr"));
  EXPECT_THAT(complete({"train", "absent.yaml", "players."}), IsEmpty());
  write("run", {.resolved = "train: {steps: 3}\n"});
  EXPECT_THAT(complete({"resume", "run", "tr"}), ElementsAre("train."));
}

TEST_F(Completion, WorksInBash) {
  const std::string file = script("bash");
  folder_.write("ask.bash", "PATH=\"" + program_path().parent_path().string() + ":$PATH\"\nsource " + file + R"(
ask() {  # what bash sets when a word of the line $1 is completed; the rest are its words
  COMP_LINE=$1 COMP_POINT=${#1}
  shift
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
  _duel duel
  echo "${COMPREPLY[*]}"
}
ask "duel tr" duel tr
ask "duel train " duel train ""
ask "duel train gan.yaml players.g" duel train gan.yaml players.g
ask "duel train gan.yaml layers" duel train gan.yaml layers
ask "duel train gan.yaml name=y pl" duel train gan.yaml name = y pl
ask "duel help den" duel help den
complete -p duel
)");
  ASSERT_EQ(shell("cd " + folder_.path().string() + " && bash ask.bash > asked.txt 2>&1"), 0);
  EXPECT_THAT(lines_of(read_text(folder_.path() / "asked.txt")),
              ElementsAre("train", "gan.yaml more/", "players.generator.", "layers[0]. layers[1]=", "players.", "dense",
                          "complete -F _duel duel"));
}

TEST_F(Completion, IsSoundZsh) {
  if (!is_installed("zsh")) GTEST_SKIP() << "zsh is not installed";
  EXPECT_EQ(shell("zsh -n " + script("zsh")), 0);
}

// A line as it is typed into each shell, and what a tab makes of it in zsh.
struct TypedLine {
  const char* typed;
  const char* completed;
};

// An interactive zsh on a terminal of its own. What it has on its line after a tab is written to a file.
TEST_F(Completion, WorksInZsh) {
  if (!is_installed("zsh")) GTEST_SKIP() << "zsh is not installed";
  const std::vector<TypedLine> lines{
      {"duel tr", "duel train "},
      {"duel train ga", "duel train gan.yaml "},
      {"duel train mo", "duel train more/"},
      {"duel train gan.yaml players.g", "duel train gan.yaml players.generator."},
      {"duel train gan.yaml players.generator.", "duel train gan.yaml players.generator.lr="},
      {"duel train gan.yaml '~players.g", "duel train gan.yaml '~players.generator."},
      {R"(duel train gan.yaml layers\[1)", R"(duel train gan.yaml layers\[1\]=)"},
      {"duel train gan.yaml name=y pl", "duel train gan.yaml name=y players."},
      {R"(duel train my\ data/gan.yaml la)", R"(duel train my\ data/gan.yaml layers\[)"},
      {"duel help max_p", "duel help max_pool "},
      {"duel evaluate run --metrics fid,ki", "duel evaluate run --metrics fid,kid "},
      {"~/bin/duel tr", "~/bin/duel train "}};
  folder_.write("my data/gan.yaml", read_text(folder_.path() / "gan.yaml"));
  fs::create_directories(folder_.path() / "bin");
  fs::create_symlink(program_path(), folder_.path() / "bin/duel");
  const std::string file = script("zsh");
  std::string typed, wanted;
  for (const TypedLine& line : lines) {
    typed += std::string(line.typed) + "\n";
    wanted += std::string(line.completed) + "|\n";
  }
  folder_.write("typed.txt", typed);
  folder_.write("drive.zsh", R"(zmodload zsh/zpty
wait_for() { for i in {1..400}; do [[ -e asked.txt && $(wc -l < asked.txt) -ge $1 ]] && return; sleep 0.05; done; exit 1 }
zpty shell zsh -f -i
zpty -w shell 'autoload -Uz compinit; compinit -u -D; source ./script.zsh; unsetopt beep'
zpty -w shell 'note() { print -r -- "$BUFFER|" >> asked.txt }; zle -N note; bindkey "^]" note; bindkey "^U" kill-whole-line'
zpty -w shell 'print -n > asked.txt'
wait_for 0
count=0
while read -r line; do
  zpty -w -n shell "$line"$'\t\C-]\C-U'
  wait_for $((++count))
done < typed.txt
zpty -d shell
)");
  ASSERT_EQ(shell("cd " + folder_.path().string() + " && HOME=$PWD PATH=$PWD/bin:$PATH zsh -f drive.zsh"), 0);
  EXPECT_EQ(read_text(folder_.path() / "asked.txt"), wanted);
}

TEST_F(Completion, IsSoundFish) {
  if (!is_installed("fish")) GTEST_SKIP() << "fish is not installed";
  EXPECT_EQ(shell("fish --no-execute " + script("fish")), 0);
}

TEST_F(Completion, WorksInFish) {
  if (!is_installed("fish")) GTEST_SKIP() << "fish is not installed";
  script("fish");
  folder_.write("my data/gan.yaml", read_text(folder_.path() / "gan.yaml"));
  fs::create_directories(folder_.path() / "bin");
  fs::create_symlink(program_path(), folder_.path() / "bin/duel");
  folder_.write("ask.fish", R"(source script.fish
for line in "duel tr" "duel train mo" "duel train gan.yaml players." "duel train gan.yaml players.generator." \
    "duel train gan.yaml layers" 'duel train gan.yaml layers\[1' "duel train gan.yaml '~players.g" \
    'duel train my\ data/gan.yaml pl' "duel train 'my d" "duel help max_p" "duel evaluate run --metrics fid,ki" \
    "duel train absent.yaml p" "~/bin/duel tr"
    echo (complete -C "$line")
end
)");
  ASSERT_EQ(shell("cd " + folder_.path().string() +
                  " && HOME=$PWD PATH=$PWD/bin:$PATH fish --no-config ask.fish > asked.txt 2>&1"),
            0);
  EXPECT_THAT(lines_of(read_text(folder_.path() / "asked.txt")),
              ElementsAre("train", "more/", "players.discriminator. players.generator.",
                          "players.generator.lr=", "layers[0]. layers[1]=", "layers[1]=", "~players.generator.",
                          "players.", "my data/", "max_pool", "fid,kid", "", "train"));
}

TEST_F(Completion, RefusesOtherShells) {
  EXPECT_EQ(refusal({"completion", "csh"}), "there is no completion for the shell 'csh'; did you mean 'zsh'?\n");
}

}  // namespace
}  // namespace duel
