# Writes OUTPUT, a C++ source that holds the experiments under FOLDER, what they extend, and the sweeps of them, for `duel new`.
# Run with cmake -DFOLDER=… -DOUTPUT=… -P.
file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*.yaml)
list(FILTER files EXCLUDE REGEX "\\.smoke\\.yaml$")
list(SORT files)
set(body "")
foreach(file ${files})
  file(READ ${FOLDER}/${file} text)
  string(APPEND body "    {\"${file}\", R\"experiment(${text})experiment\"},\n")
endforeach()
file(WRITE ${OUTPUT}
  "// Made by tools/cmake/embed_experiments.cmake from experiments/.\n#include \"tools/new/templates.hpp\"\n\n"
  "namespace duel {\n\nconst std::vector<GalleryFile>& gallery_files() {\n"
  "  static const std::vector<GalleryFile> all{\n${body}  };\n  return all;\n}\n\n}  // namespace duel\n")
