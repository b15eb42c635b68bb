// Convolutions by oneDNN. Images stay as they lie (height, width, channels); weights are packed in oneDNN's own order
// by a kernel of their own, once for all convolutions that read them. A tile takes a few images.
#include <fmt/format.h>

#include "base/error.hpp"
#include "kernels/makers.hpp"

#ifdef DUEL_ONEDNN

#include <algorithm>
#include <initializer_list>
#include <oneapi/dnnl/dnnl.hpp>

#include "base/parallel.hpp"
#include "kernels/convolution.hpp"
#include "kernels/division.hpp"
#include "kernels/folds.hpp"

namespace duel {
namespace {

// ── oneDNN's objects ───────────────────────────────────────────────────────────────────────────────────────────────

// One for the process.
const dnnl::engine& engine() {
  static const dnnl::engine one(dnnl::engine::kind::cpu, 0);
  return one;
}

const dnnl::stream& stream_of_thread() {
  thread_local const dnnl::stream stream(engine());
  return stream;
}

struct Argument {
  int name;  // DNNL_ARG_…
  const dnnl::memory::desc* layout;
  const void* data;
};

void require(dnnl_status_t status, const char* what) {
  DUEL_CHECK(status == dnnl_success, "oneDNN: {} gives status {}", what, static_cast<int>(status));
}

constexpr std::size_t most_arguments = 6;

// The C interface, as the C++ one copies its arguments into a map at every call.
class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() {
    if (memory_ != nullptr) dnnl_memory_destroy(memory_);
  }
  dnnl_memory_t create(const Argument& argument) {
    require(dnnl_memory_create(&memory_, &argument.layout->data, engine().get(), const_cast<void*>(argument.data)),
            "making a memory object");
    return memory_;
  }

 private:
  dnnl_memory_t memory_ = nullptr;
};

// Runs a primitive on memory that lies where the arguments say.
void execute(const dnnl::primitive& primitive, std::initializer_list<Argument> arguments) {
  DUEL_CHECK(arguments.size() <= most_arguments, "{} arguments", arguments.size());
  Memory memories[most_arguments];
  dnnl_exec_arg_t given[most_arguments];
  int count = 0;
  for (const Argument& argument : arguments) {
    given[count] = {argument.name, memories[count].create(argument)};
    ++count;
  }
  require(dnnl_primitive_execute(primitive.get(), stream_of_thread().get(), count, given), "running a primitive");
}

// The layout as text: equal for equal layouts.
std::string format_of(const dnnl::memory::desc& layout) {
  const dnnl_memory_desc_t& data = layout.data;
  const dnnl_blocking_desc_t& blocks = data.format_desc.blocking;
  return fmt::format("{} {} {} {} {}", fmt::join(data.padded_dims, data.padded_dims + data.ndims, "×"),
                     static_cast<int>(data.format_kind), fmt::join(blocks.strides, blocks.strides + data.ndims, ","),
                     fmt::join(blocks.inner_blks, blocks.inner_blks + blocks.inner_nblks, ","),
                     fmt::join(blocks.inner_idxs, blocks.inner_idxs + blocks.inner_nblks, ","));
}

// ── the kernels ────────────────────────────────────────────────────────────────────────────────────────────────────

using dnnl::memory;
using Layout = memory::desc;
using Tag = memory::format_tag;

constexpr double least_tile_flops = 1e7;
constexpr int64_t most_tiles = 32;
constexpr int64_t combine_block = 16384;  // elements

Layout images_layout(int64_t count, const Extent2& size, int64_t channels) {
  return {{count, channels, size[0], size[1]}, memory::data_type::f32, Tag::nhwc};
}

// Of weights that lie as [height, width, channels, outputs], or in an order that oneDNN is to choose. With groups these
// are a dimension of their own, the outermost of the outputs.
Layout weight_layout(const ConvolutionShape& shape, bool packed) {
  const int64_t channels = shape.group_channels(), outputs = shape.group_outputs();
  const Extent2& kernel = shape.kernel;
  if (shape.how.groups == 1) {
    return {{outputs, channels, kernel[0], kernel[1]}, memory::data_type::f32, packed ? Tag::any : Tag::hwio};
  }
  const memory::dims dims{shape.how.groups, outputs, channels, kernel[0], kernel[1]};
  if (packed) return {dims, memory::data_type::f32, Tag::any};
  return {dims, memory::data_type::f32,
          memory::dims{outputs, 1, shape.outputs, kernel[1] * channels * shape.outputs, channels * shape.outputs}};
}

dnnl::primitive_attr user_scratchpad() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

// From one layout to another.
class Reorder {
 public:
  Reorder(const Layout& from, const Layout& to) : from_(from), to_(to) {
    switch_off_library_threads();  // a primitive is made for as many threads as there are then
    const dnnl::reorder::primitive_desc description(engine(), from, engine(), to, user_scratchpad());
    scratch_ = description.scratchpad_desc();
    primitive_ = dnnl::reorder(description);
  }

  int64_t scratch_bytes() const { return static_cast<int64_t>(scratch_.get_size()); }
  void run(const void* from, void* to, void* scratch) const {
    execute(primitive_,
            {{DNNL_ARG_FROM, &from_, from}, {DNNL_ARG_TO, &to_, to}, {DNNL_ARG_SCRATCHPAD, &scratch_, scratch}});
  }

 private:
  Layout from_, to_, scratch_;
  dnnl::reorder primitive_;
};

class PackKernel final : public Kernel {
 public:
  PackKernel(const ConvolutionShape& shape, const Layout& packed)
      : reorder_(weight_layout(shape, false), packed), elements_(shape.weight_shape().elements()) {}

  std::string describe() const override { return fmt::format("onednn packs weights of {} elements", elements_); }
  int64_t tiles(int) const override { return 1; }
  int64_t workspace_bytes() const override { return reorder_.scratch_bytes(); }
  void run(int, int64_t, const KernelArguments& arguments) const override {
    reorder_.run(arguments.inputs[0], arguments.outputs[0], arguments.workspace);
  }

 private:
  Reorder reorder_;
  int64_t elements_;
};

// A convolution of a fixed number of images, in one of the three directions.
class Primitive {
 public:
  // `weight`: the layout to take, or one with Tag::any.
  Primitive(Direction direction, const ConvolutionShape& shape, int64_t images, const Layout& weight)
      : direction_(direction),
        images_(images_layout(images, shape.input, shape.channels)),
        outputs_(images_layout(images, shape.output, shape.outputs)) {
    switch_off_library_threads();
    const Convolution& how = shape.how;
    const memory::dims stride{how.stride[0], how.stride[1]}, dilation{how.dilation[0] - 1, how.dilation[1] - 1},
        before{how.before[0], how.before[1]}, after{after_used(shape, 0), after_used(shape, 1)};
    constexpr auto algorithm = dnnl::algorithm::convolution_direct;
    const auto attributes = user_scratchpad();
    const dnnl::convolution_forward::primitive_desc forward(
        {dnnl::prop_kind::forward_training, algorithm, images_, weight, outputs_, stride, dilation, before, after},
        attributes, engine());
    if (direction == Direction::forward) {
      take(forward, forward.weights_desc(), dnnl::convolution_forward(forward));
      return;
    }
    if (direction == Direction::input_gradient) {
      const dnnl::convolution_backward_data::primitive_desc backward(
          {algorithm, images_, weight, outputs_, stride, dilation, before, after}, attributes, engine(), forward);
      take(backward, backward.weights_desc(), dnnl::convolution_backward_data(backward));
      return;
    }
    const dnnl::convolution_backward_weights::primitive_desc backward(
        {algorithm, images_, weight, outputs_, stride, dilation, before, after}, attributes, engine(), forward);
    take(backward, backward.diff_weights_desc(), dnnl::convolution_backward_weights(backward));
  }

  const Layout& weight() const { return weight_; }
  int64_t scratch_bytes() const { return static_cast<int64_t>(scratch_.get_size()); }
  const std::string& implementation() const { return implementation_; }

  void run(const void* images, const void* weight, const void* outputs, void* scratch) const {
    static constexpr int names[3][3] = {{DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
                                        {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST},
                                        {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST}};
    const auto& name = names[static_cast<int>(direction_)];
    execute(primitive_, {{name[0], &images_, images},
                         {name[1], &weight_, weight},
                         {name[2], &outputs_, outputs},
                         {DNNL_ARG_SCRATCHPAD, &scratch_, scratch}});
  }

 private:
  // oneDNN refuses padding that no window reaches, and padding that is missing; this is what the last window needs.
  static int64_t after_used(const ConvolutionShape& shape, std::size_t axis) {
    const Convolution& how = shape.how;
    return (shape.output[axis] - 1) * how.stride[axis] + (shape.kernel[axis] - 1) * how.dilation[axis] + 1 -
           shape.input[axis] - how.before[axis];
  }

  template <class Description>
  void take(const Description& description, const Layout& weight, const dnnl::primitive& primitive) {
    weight_ = weight;
    scratch_ = description.scratchpad_desc();
    implementation_ = description.impl_info_str();
    primitive_ = primitive;
  }

  Direction direction_;
  Layout images_, outputs_, weight_, scratch_;
  std::string implementation_;
  dnnl::primitive primitive_;
};

class OnednnConvolution final : public Kernel {
 public:
  OnednnConvolution(Direction direction, const ConvolutionShape& shape) : direction_(direction), shape_(shape) {
    const int64_t pieces = direction == Direction::weight_gradient
                               ? shards_of(shape, shape.batch)
                               : std::clamp<int64_t>(static_cast<int64_t>(shape.flops() / least_tile_flops), 1,
                                                     std::min(shape.batch, most_tiles));
    images_a_tile_ = divide_up(shape.batch, pieces);
    tiles_ = divide_up(shape.batch, images_a_tile_);
    primitives_.emplace_back(direction, shape, images_a_tile_, weight_layout(shape, true));
    const Layout packed = primitives_[0].weight();
    if (const int64_t rest = shape.batch % images_a_tile_; rest > 0) {
      primitives_.emplace_back(direction, shape, rest, packed);
    }
    for (const Primitive& primitive : primitives_) scratch_ = std::max(scratch_, primitive.scratch_bytes());
    packed_bytes_ = round_up(static_cast<int64_t>(packed.get_size()));
    if (packed == weight_layout(shape, false)) return;
    if (direction == Direction::weight_gradient) {
      unpack_.emplace(packed, weight_layout(shape, false));
      scratch_ = std::max(scratch_, unpack_->scratch_bytes());
    } else {
      packing_ = {std::make_shared<PackKernel>(shape, packed), "onednn " + format_of(packed),
                  static_cast<int64_t>(packed.get_size())};
    }
  }

  std::string describe() const override {
    return fmt::format("onednn {}, {}, {} tiles", describe_convolution(direction_, shape_),
                       primitives_[0].implementation(), tiles_);
  }

  // Of weight gradients: sums of the shards, then of these, then the order of the weights.
  int phases() const override {
    return direction_ == Direction::weight_gradient ? (combines() ? 2 : 1) + (unpack_ ? 1 : 0) : 1;
  }
  int64_t tiles(int phase) const override {
    if (phase == 0) return tiles_;
    return phase == 1 && combines() ? divide_up(packed_elements(), combine_block) : 1;
  }
  int64_t workspace_bytes() const override { return partials_bytes() + tiles_ * round_up(scratch_); }
  std::optional<Packing> packing(int input) const override {
    return input == 1 && packing_.kernel != nullptr ? std::optional(packing_) : std::nullopt;
  }
  double flops() const override { return shape_.flops(); }

  void run(int phase, int64_t tile, const KernelArguments& arguments) const override {
    if (phase == 0) {
      run_images(tile, arguments);
    } else if (phase == 1 && combines()) {
      auto* partials = reinterpret_cast<float*>(arguments.workspace);
      float* sums = unpack_ ? partials : reinterpret_cast<float*>(arguments.outputs[0]);
      const int64_t start = tile * combine_block;
      combine_partials(sums + start, partials + start, tiles_, packed_elements(),
                       std::min(combine_block, packed_elements() - start), false);
    } else {
      unpack_->run(arguments.workspace, arguments.outputs[0], scratch(0, arguments));
    }
  }

 private:
  static int64_t round_up(int64_t bytes) { return divide_up(bytes, 64) * 64; }

  bool combines() const { return direction_ == Direction::weight_gradient && tiles_ > 1; }
  int64_t packed_elements() const { return packed_bytes_ / static_cast<int64_t>(sizeof(float)); }
  int64_t partials_bytes() const {
    return direction_ == Direction::weight_gradient && (combines() || unpack_) ? tiles_ * packed_bytes_ : 0;
  }
  std::byte* scratch(int64_t tile, const KernelArguments& arguments) const {
    return scratch_ == 0 ? nullptr : arguments.workspace + partials_bytes() + tile * round_up(scratch_);
  }

  void run_images(int64_t tile, const KernelArguments& arguments) const {
    const int64_t first = tile * images_a_tile_;
    const bool whole = first + images_a_tile_ <= shape_.batch;
    const int64_t images = first * shape_.input[0] * shape_.input[1] * shape_.channels * 4;
    const int64_t outputs = first * shape_.output[0] * shape_.output[1] * shape_.outputs * 4;
    const Primitive& primitive = primitives_[whole ? 0 : 1];
    std::byte* free = scratch(tile, arguments);
    switch (direction_) {
      case Direction::forward:
        return primitive.run(arguments.inputs[0] + images, arguments.inputs[1], arguments.outputs[0] + outputs, free);
      case Direction::input_gradient:
        return primitive.run(arguments.outputs[0] + images, arguments.inputs[1], arguments.inputs[0] + outputs, free);
      case Direction::weight_gradient:
        std::byte* sum = partials_bytes() > 0 ? arguments.workspace + tile * packed_bytes_ : arguments.outputs[0];
        return primitive.run(arguments.inputs[0] + images, sum, arguments.inputs[1] + outputs, free);
    }
  }

  Direction direction_;
  ConvolutionShape shape_;
  int64_t images_a_tile_ = 1;
  int64_t tiles_ = 1;
  std::vector<Primitive> primitives_;  // of whole tiles, of the last one
  int64_t scratch_ = 0;                // bytes
  int64_t packed_bytes_ = 0;
  Packing packing_;
  std::optional<Reorder> unpack_;
};

}  // namespace

bool onednn_is_built_in() { return true; }

std::unique_ptr<Kernel> make_onednn_convolution(Direction direction, const ConvolutionShape& shape) {
  return std::make_unique<OnednnConvolution>(direction, shape);
}

}  // namespace duel

#else

namespace duel {

bool onednn_is_built_in() { return false; }

std::unique_ptr<Kernel> make_onednn_convolution(Direction, const ConvolutionShape&) {
  DUEL_CHECK(false, "duel is built without oneDNN");
}

}  // namespace duel

#endif
