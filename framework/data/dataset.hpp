// The interface of data sets: fields of examples, addressed by index.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/shape.hpp"
#include "registry/parameters.hpp"

namespace duel {

// One named part of an example: image, label, point.
struct Field {
  std::string name;
  Shape shape;                             // of one example; images are height, width, channels; a label has rank 0
  int64_t classes = 0;                     // of a label: how many; else 0
  std::vector<std::string> class_names{};  // of a label, where they are known: `classes` of them
  bool operator==(const Field&) const = default;
};

// An opened data set. Immutable; read() may be called from any number of threads at once.
class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual const std::vector<Field>& fields() const = 0;
  // Examples; nothing for one without end (drawn from a distribution: any index in [0, 2^48) is a fresh example).
  virtual std::optional<int64_t> size() const = 0;
  // Without end, but of examples that come again: then none can be held out from training.
  virtual bool draws_again() const { return false; }
  // Writes example `index` into out[f], each of fields()[f].shape.elements() floats, row-major. Images are 0 … 255 as
  // stored; transforms bring them to their range. Throws UserError(ExitCode::data) when the file has changed under us.
  virtual void read(int64_t index, std::span<float* const> out) const = 0;
  // SHA-256 of the content (of the parameters, when drawn by the program): for provenance and for resume.
  virtual std::string fingerprint() const = 0;
  // The same for examples whose fields other than labels are equal, and hardly ever for others: a hash of the values.
  virtual uint64_t content_key(int64_t index) const;
  // What a user would call the example: its file, or "example 12" (counted from 0).
  virtual std::string example_name(int64_t index) const;
  // The files that were left out because they are bad (OpenOptions), in order.
  virtual std::vector<Problem> skipped_files() const { return {}; }
};

struct OpenOptions {
  bool skip_bad_files = false;  // leave bad files out, rather than fail at the first
};

// The component that an experiment names: parameters of a data set, checked when the experiment is.
class DatasetSource {
 public:
  virtual ~DatasetSource() = default;
  // Reads headers (and small files whole). Throws UserError(ExitCode::data) naming the file and what was expected.
  virtual std::unique_ptr<Dataset> open(const OpenOptions& options = {}) const = 0;
  // Is it made of files that can be bad one by one? Only then may they be skipped.
  virtual bool has_separate_files() const { return false; }
  // The fields without opening anything, where the parameters tell them (data drawn by the program).
  virtual std::optional<std::vector<Field>> known_fields() const { return std::nullopt; }
};

// A change of each example as it is loaded: rescale, flip.
class Transform {
 public:
  virtual ~Transform() = default;
  // The fields after the transform. Throws ShapeError (ops/…) for fields that it cannot take.
  virtual std::vector<Field> fields(const std::vector<Field>& before) const = 0;
  // in[f] and out[f] hold one example in the shapes of before and after; distinct memory. Thread-safe. `random` is a
  // stream of this example's own, which differs from epoch to epoch and depends on nothing but the experiment's seed
  // and the number of examples that were drawn before it. Null where examples are evaluated: nothing is drawn then, the
  // middle is cut out, nothing is mirrored or jittered.
  virtual void apply(const std::vector<Field>& before, std::span<const float* const> in, std::span<float* const> out,
                     RandomStream* random) const = 0;
};

}  // namespace duel
