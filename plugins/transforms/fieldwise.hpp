// What transforms have in common that change fields one by one.
#pragma once

#include <array>

#include "data/dataset.hpp"

namespace duel {

// Changes the fields that `fields:` names (without it, those of by_default) and copies the others. What is drawn is the
// same for every field: the two pictures of a pair are flipped together.
class FieldwiseTransform : public Transform {
 public:
  std::vector<std::string> only;

  // Throws ShapeError for a name that no field has.
  std::vector<Field> fields(const std::vector<Field>& before) const final;
  void apply(const std::vector<Field>& before, std::span<const float* const> in, std::span<float* const> out,
             RandomStream* random) const final;

 protected:
  virtual bool by_default(const Field& field) const { return field.classes == 0; }  // all but labels
  // The field afterwards. Throws ShapeError for one that this transform cannot take.
  virtual Field changed(const Field& field) const = 0;
  // `random` begins anew for each field; null as in Transform::apply. Writes the elements of changed(field).
  virtual void change(const Field& field, std::span<const float> in, float* out, RandomStream* random) const = 0;

  template <class Component>
  static void declare_fields(Declaration<Component>& d, const std::string& default_fields = "all but labels") {
    d.parameter("fields", &Component::only, "names of the fields to change; default: " + default_fields);
  }

 private:
  bool chosen(const Field& field) const;
};

// "random_crop: point [2] is no image", unless the field is one: height, width, channels.
void check_image(const char* transform, const Field& field);
// [height, width] of a `size` of one or two numbers.
std::array<int64_t, 2> height_and_width(const std::vector<int64_t>& size);
// [top, bottom, left, right] of a `padding` of one or four numbers; one for all four.
std::array<int64_t, 4> four_sides(const std::vector<int64_t>& padding);

}  // namespace duel
