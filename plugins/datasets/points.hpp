// Points drawn from distributions that are known exactly: what GANs are debugged on. Each has the field `point`.
#pragma once

#include "plugins/datasets/drawn.hpp"

namespace duel {

// Independent normal coordinates.
class GaussianPoints final : public DrawnSource {
 public:
  std::vector<double> mean{0};
  std::vector<double> deviation{1};
  std::optional<int64_t> dimensions;  // else the length of the lists, else 2

  std::string conflict() const;
  static void declare(Declaration<GaussianPoints>& d);

 protected:
  std::vector<Field> drawn_fields() const override;
  DrawExample drawing() const override;
  std::string description() const override;

 private:
  int64_t length() const;
};

// A ring of normal modes, equally likely; `label` is the mode, counted from the right against the clock. Metz et al.
// 2017 (Unrolled GANs), appendix A: 8 modes, radius 2, deviation 0.02.
class RingPoints final : public DrawnSource {
 public:
  int64_t modes = 8;
  double radius = 2;
  double deviation = 0.02;

  static void declare(Declaration<RingPoints>& d);

 protected:
  std::vector<Field> drawn_fields() const override;
  DrawExample drawing() const override;
  std::string description() const override;
};

// side × side normal modes around the origin, equally likely; `label` is row × side + column, rows from below.
// Srivastava et al. 2017 (VEEGAN), section 4.1: 25 modes at distance 2, deviation 0.05.
class GridPoints final : public DrawnSource {
 public:
  int64_t side = 5;
  double spacing = 2;
  double deviation = 0.05;

  static void declare(Declaration<GridPoints>& d);

 protected:
  std::vector<Field> drawn_fields() const override;
  DrawExample drawing() const override;
  std::string description() const override;
};

// A circle around the origin, with normal noise.
class CirclePoints final : public DrawnSource {
 public:
  double radius = 1;
  double deviation = 0.05;

  static void declare(Declaration<CirclePoints>& d);

 protected:
  std::vector<Field> drawn_fields() const override;
  DrawExample drawing() const override;
  std::string description() const override;
};

// Two interleaved half circles of radius 1: the upper around (0, 0), the lower around (1, 1/2); with normal noise.
class MoonPoints final : public DrawnSource {
 public:
  double deviation = 0.05;

  static void declare(Declaration<MoonPoints>& d);

 protected:
  std::vector<Field> drawn_fields() const override;
  DrawExample drawing() const override;
  std::string description() const override;
};

// A spiral of one and a half turns, (t cos t, t sin t) for t uniform in [3π/2, 9π/2], scaled so that its outer end lies
// at `radius`; with normal noise. Gulrajani et al. 2017 (WGAN-GP), figure 1, use it as two-dimensional data.
class SwissRollPoints final : public DrawnSource {
 public:
  double radius = 2;
  double deviation = 0.05;

  static void declare(Declaration<SwissRollPoints>& d);

 protected:
  std::vector<Field> drawn_fields() const override;
  DrawExample drawing() const override;
  std::string description() const override;
};

// Always the same point. Mescheder et al. 2018, section 2: the Dirac-GAN.
class DiracPoint final : public DrawnSource {
 public:
  std::vector<double> at{0};
  std::optional<int64_t> dimensions;  // else the length of `at`

  std::string conflict() const;
  static void declare(Declaration<DiracPoint>& d);

 protected:
  std::vector<Field> drawn_fields() const override;
  DrawExample drawing() const override;
  std::string description() const override;

 private:
  int64_t length() const;
};

}  // namespace duel
