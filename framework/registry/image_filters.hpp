// Filters without weights, with their parameters: what layers and functions of expressions of the same name share.
#pragma once

#include <string>
#include <vector>

#include "registry/images.hpp"
#include "registry/parameters.hpp"

namespace duel {

// Each declares its parameters as those of the component that derives from it (`is_layer`: the first one is what
// `kind: value` sets) and applies itself to images [batch, height, width, channels]; what does not fit is a ShapeError.

struct UpsampleFilter {
  static constexpr const char* name = "upsample";
  static constexpr const char* help =
      "images `factor` times as high and wide (Keras' UpSampling2D, PyTorch's Upsample)";
  static constexpr const char* reference = "";

  std::vector<int64_t> factor{2};
  std::string method = "nearest";
  double cubic_slope = -0.5;
  std::string edges = "renormalize";

  std::string conflict() const { return not_one_or_two("factor", factor); }
  Tensor apply(const Tensor& images) const;

  template <class Component>
  static void declare_filter(Declaration<Component>& d, bool is_layer) {
    ParameterBuilder first =
        d.parameter("factor", &Component::factor, "how many times larger: one number, or [height, width]").min(1);
    if (is_layer) first.main();
    d.parameter("method", &Component::method, "how pixels between the given ones come about")
        .one_of({"nearest", "bilinear", "bicubic"});
    d.parameter("cubic_slope", &Component::cubic_slope, "of bicubic: the slope of its kernel at 1")
        .preset("-0.5", "-0.75")
        .min(-2)
        .max(0);
    d.parameter("edges", &Component::edges,
                "of bicubic: beyond the edges is nothing, and the pixels within count for more (renormalize), or the "
                "last pixel (repeat)")
        .one_of({"renormalize", "repeat"})
        .preset("renormalize", "repeat");
  }
};

struct DownsampleFilter {
  static constexpr const char* name = "downsample";
  static constexpr const char* help = "images `factor` times less high and wide";
  static constexpr const char* reference = "";

  std::vector<int64_t> factor{2};
  std::string method = "average";

  std::string conflict() const { return not_one_or_two("factor", factor); }
  Tensor apply(const Tensor& images) const;

  template <class Component>
  static void declare_filter(Declaration<Component>& d, bool is_layer) {
    ParameterBuilder first =
        d.parameter("factor", &Component::factor, "divides height and width: one number, or [height, width]").min(1);
    if (is_layer) first.main();
    d.parameter("method", &Component::method,
                "average of the pixels that become one; bilinear or bicubic with the filter widened by the factor "
                "(antialiased); or strided: the upper left one of them")
        .one_of({"average", "bilinear", "bicubic", "strided"});
  }
};

struct BlurFilter {
  static constexpr const char* name = "blur";
  static constexpr const char* help =
      "each channel filtered along height and width by the same fixed taps, which are divided by their sum";
  static constexpr const char* reference =
      "Karras, Laine and Aila, A style-based generator architecture (2018); Zhang, Making convolutional networks "
      "shift-invariant again (2019), with stride 2 and border reflect";

  std::vector<double> taps{1, 2, 1};
  std::string border = "zero";
  std::vector<int64_t> stride{1};

  std::string conflict() const;
  Tensor apply(const Tensor& images) const;

  template <class Component>
  static void declare_filter(Declaration<Component>& d, bool is_layer) {
    ParameterBuilder first =
        d.parameter("taps", &Component::taps, "weights of neighbouring pixels: [1, 2, 1], [1, 3, 3, 1], …");
    if (is_layer) first.main();
    d.parameter("border", &Component::border, "what is thought to lie beyond the edges")
        .one_of({"zero", "repeat", "reflect"});
    d.parameter("stride", &Component::stride, "keep every so many rows and columns: one number, or [height, width]")
        .min(1);
  }
};

}  // namespace duel
