#include <tuple>

#include "spec/readers.hpp"
#include "spec/sections.hpp"

namespace duel {
namespace {

using PlacedDataset = std::pair<std::shared_ptr<const DatasetSource>, Position>;

PlacedDataset read_dataset(const YamlNode& node, ReadContext context) {
  if (node.is_null()) return {};
  const bool has_kind = node.is_map() && !node.entries.empty();
  return {context.registry.datasets.read(node, context), has_kind ? node.entries.front().where : node.where};
}

}  // namespace

DataSpec read_data(const YamlNode& node, ReadContext context) {
  DataSpec out;
  out.where = node.where;
  if (node.is_null()) return out;
  const auto section = read_section<DataSection>(node, context);
  out.batch = section.batch;
  out.order = section.order;
  out.last = section.last;
  out.skip_bad_files = section.on_bad_file == "skip";
  if (const YamlNode::Entry* entry = node.find_entry("on_bad_file")) out.on_bad_file_where = entry->where;
  std::tie(out.train, out.train_where) = read_dataset(section.train, context.child("train"));
  std::tie(out.test, out.test_where) = read_dataset(section.test, context.child("test"));
  if (!section.test.is_null() && !section.split.is_null()) {
    context.child("split").problem(section.split, "there is data for testing already, in data.test",
                                   "leave one of the two away");
  }
  if (!section.split.is_null()) {
    const auto split = read_section<SplitSection>(section.split, context.child("split"));
    out.test_share = split.test;
    out.split_seed = split.seed;
    out.split_by_content = split.by == "content";
  }
  if (!section.transform.is_null() && !section.transform.is_sequence()) {
    context.child("transform")
        .problem(section.transform, "expected a list of transforms, found " + describe(section.transform));
  }
  for (std::size_t i = 0; i < section.transform.items.size(); ++i) {
    ReadContext inner = context.child("transform").child(i);
    auto transform = context.registry.transforms.read(section.transform.items[i], inner);
    if (transform == nullptr) continue;
    out.transforms.push_back(std::move(transform));
    out.transform_places.push_back(section.transform.items[i].where);
    out.transform_texts.push_back(to_line(section.transform.items[i]));
  }
  return out;
}

}  // namespace duel
