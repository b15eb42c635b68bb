// What transforms have in common that change fields one by one.
#pragma once

#include "data/dataset.hpp"

namespace duel {

// Changes the fields that `fields:` names (without it, all but labels) and copies the others.
class FieldwiseTransform : public Transform {
 public:
  std::vector<std::string> only;

  // Throws ShapeError for a name that no field has.
  std::vector<Field> fields(const std::vector<Field>& before) const final;
  void apply(const std::vector<Field>& before, std::span<const float* const> in, std::span<float* const> out,
             RandomStream& random) const final;

 protected:
  // The field afterwards, of as many elements. Throws ShapeError for one that this transform cannot take.
  virtual Field changed(const Field& field) const = 0;
  virtual void change(const Field& field, std::span<const float> in, float* out) const = 0;

  template <class Component>
  static void declare_fields(Declaration<Component>& d) {
    d.parameter("fields", &Component::only, "names of the fields to change; default: all but labels");
  }

 private:
  bool chosen(const Field& field) const;
};

}  // namespace duel
