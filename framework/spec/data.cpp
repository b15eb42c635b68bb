#include "spec/readers.hpp"
#include "spec/sections.hpp"

namespace duel {

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
  if (!section.train.is_null()) {
    ReadContext inner = context.child("train");
    out.train_where = section.train.is_map() && !section.train.entries.empty() ? section.train.entries.front().where
                                                                               : section.train.where;
    out.train = context.registry.datasets.read(section.train, inner);
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
  }
  return out;
}

}  // namespace duel
