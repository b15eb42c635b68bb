# Writes OUTPUT, a C++ source that holds the experiments under FOLDER which stand alone (no `extends`), for `duel new`.
# Run with cmake -DFOLDER=… -DOUTPUT=… -P.
file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*.yaml)
list(SORT files)
set(body "")
foreach(file ${files})
  file(READ ${FOLDER}/${file} text)
  if(text MATCHES "(^|\n)extends:" OR NOT text MATCHES "(^|\n)networks:" OR NOT text MATCHES "(^|\n)train:")
    continue()
  endif()
  string(REGEX REPLACE "\\.yaml$" "" name ${file})
  string(APPEND body "    {\"${name}\", R\"experiment(${text})experiment\"},\n")
endforeach()
file(WRITE ${OUTPUT}
  "// Made by tools/cmake/embed_experiments.cmake from experiments/.\n#include \"tools/new/templates.hpp\"\n\n"
  "namespace duel {\n\nconst std::vector<ExperimentTemplate>& experiment_templates() {\n"
  "  static const std::vector<ExperimentTemplate> all{\n${body}  };\n  return all;\n}\n\n}  // namespace duel\n")
