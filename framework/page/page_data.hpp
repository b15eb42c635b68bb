// Everything that a page shows, as the browser reads it: a JSON and the columns that it points into (page/columns.hpp).
//
//   format 2; title; version, made: of this duel, and when (local time); live: whether a server follows the runs
//   thinned        {above, stretches}: how curves of so many records were thinned out; null: none was
//   runs           a list: id (unique among them, short), name, folder, state, problem, step, total_steps, seconds,
//                  message (why it ended before its end, or ""), group (equal for runs that differ in their seed
//                  alone), steps_per_epoch, records, steps {at, steps}, time {at, seconds}: both at some records,
//                  between which they are interpolated; steps are exact where they rise evenly, metrics [{name, at,
//                  values, means}]: `at` null: all records; means of the stretches, else null, scores [{evaluation,
//                  metric, later, points, floor_n, warnings}]: a point is [step, seconds, value, uncertainty, floor,
//                  place in `protocols`], pictures [{sample, step, source}], pictures_left_out, networks: places in
//                  `networks`, networks_problem, provenance [[key, text]]
//   parameters     [{key, heading, values}]: those that differ; the end of the key that tells it from the others; a
//   text
//                  or null for each run
//   shared_parameters  [[key, text]]
//   protocols      how scores were measured (page/scores.hpp)
//   unlike         [{name, of, lines}]: scores that cannot be compared (page/scores.hpp)
//   networks       [{name, inputs, layers, problem}], each once
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "page/page_run.hpp"

namespace duel {

// Bounds on what a page takes. Curves are thinned out where all together hold more numbers than `most_numbers`, but
// each keeps 48; pictures fill what the rest leaves of `most_bytes`, up to `most_picture_bytes`.
struct PageLimits {
  uint64_t most_numbers = 400'000;
  uint64_t most_bytes = 4'900'000;
  uint64_t most_picture_bytes = 3'000'000;
};

struct PageData {
  std::string json;
  std::string title;    // of `json`, in UTF-8
  std::string columns;  // base64 of deflated bytes
  bool live = false;
};

// `other_bytes`: of the program and style that come with it.
PageData page_data(std::span<const PageRun> runs, bool live, uint64_t other_bytes = 0, const PageLimits& limits = {});

// Short names of the folders, each unique where these are: what is left of their absolute paths when the folders that
// all lie in are taken away.
std::vector<std::string> run_ids(std::span<const PageRun> runs);

// For each run the number of its group: runs whose parameters are equal but for the seed are one.
std::vector<int64_t> seed_groups(std::span<const PageRun> runs);

}  // namespace duel
