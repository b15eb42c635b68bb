// The experiments of the gallery that `duel new` can begin with, built into the program.
#pragma once

#include <string>
#include <vector>

namespace duel {

struct GalleryFile {
  std::string path;  // digits/dcgan.yaml, relative to experiments/
  std::string text;
};

// Every experiment and everything that one extends, and every sweep, but no smoke variants.
const std::vector<GalleryFile>& gallery_files();

// What lists offer: FAMILY/NAME of every experiment and sweep. Full variants, FAMILY/NAME.full, can be had, but stand
// in no list.
std::vector<std::string> template_names();

// The experiment that `from` means: FAMILY/NAME, or NAME alone: the only one of that name, or else the one of digits/,
// which needs no data; or sweeps/NAME. Throws UserError(ExitCode::experiment) with the names of the list.
const GalleryFile& find_template(const std::string& from);
// FAMILY/NAME
std::string template_name(const GalleryFile& file);
// The text of a new experiment: that of `file` under the name `name`, as one file that extends nothing.
std::string text_from_template(const GalleryFile& file, const std::string& name);
bool is_sweep(const GalleryFile& file);
// Of a sweep: the experiment that it varies.
const GalleryFile& experiment_of(const GalleryFile& sweep);
// The text of a new sweep: that of `sweep`, of the experiment in `experiment`, a path relative to the sweep's file.
std::string sweep_from_template(const GalleryFile& sweep, const std::string& experiment);
// Whether there is something to train in what text_from_template gave: some experiments are there for their networks.
bool trains(const std::string& text);

}  // namespace duel
