// What the kernels by oneDNN share: its engine, a stream for each thread, objects that free themselves. For this room's
// sources only, and only where duel is built with oneDNN.
#pragma once

#include <initializer_list>
#include <oneapi/dnnl/dnnl.hpp>

namespace duel::onednn {

// One for the process. oneDNN's own threads are off (base/parallel.cpp): a tile is one thread's work.
const dnnl::engine& engine();
const dnnl::stream& stream_of_thread();

struct Argument {
  int name;  // DNNL_ARG_…
  const dnnl::memory::desc* layout;
  const void* data;
};

// Runs a primitive on memory that lies where the arguments say.
void execute(const dnnl::primitive& primitive, std::initializer_list<Argument> arguments);

// The layout as text: equal for equal layouts.
std::string format_of(const dnnl::memory::desc& layout);

}  // namespace duel::onednn
