#ifdef DUEL_ONEDNN

#include "kernels/onednn.hpp"

#include <fmt/ranges.h>

#include "base/error.hpp"

namespace duel::onednn {
namespace {

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

}  // namespace

const dnnl::engine& engine() {
  static const dnnl::engine one(dnnl::engine::kind::cpu, 0);
  return one;
}

const dnnl::stream& stream_of_thread() {
  thread_local const dnnl::stream stream(engine());
  return stream;
}

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

std::string format_of(const dnnl::memory::desc& layout) {
  const dnnl_memory_desc_t& data = layout.data;
  const dnnl_blocking_desc_t& blocks = data.format_desc.blocking;
  return fmt::format("{} {} {} {} {}", fmt::join(data.padded_dims, data.padded_dims + data.ndims, "×"),
                     static_cast<int>(data.format_kind), fmt::join(blocks.strides, blocks.strides + data.ndims, ","),
                     fmt::join(blocks.inner_blks, blocks.inner_blks + blocks.inner_nblks, ","),
                     fmt::join(blocks.inner_idxs, blocks.inner_idxs + blocks.inner_nblks, ","));
}

}  // namespace duel::onednn

#endif
