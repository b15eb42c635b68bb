#include "plugins/datasets/csv.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "base/text.hpp"
#include "data/arrays.hpp"
#include "data/errors.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t largest_table = uint64_t{4} << 30;

struct Cell {
  std::string_view text;  // without quotes and outer blanks
  int column = 0;         // in characters, from 1
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Walks the lines of a table and cuts each into cells.
class TableReader {
 public:
  TableReader(std::string_view text, char separator, const fs::path& file)
      : rest_(text), separator_(separator), file_(file) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (rest_.starts_with(byte_order_mark)) rest_.remove_prefix(byte_order_mark.size());
  }

  // The next line that is not blank; false at the end.
  bool next(std::vector<Cell>& cells) {
    while (!rest_.empty()) {
      const std::size_t end = std::min(rest_.find('\n'), rest_.size());
      std::string_view line = rest_.substr(0, end);
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      ++line_;
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (trimmed(line).empty()) continue;
      cut(line, cells);
      return true;
    }
    return false;
  }
  int line() const { return line_; }

 private:
  void cut(std::string_view line, std::vector<Cell>& cells) const {
    cells.clear();
    for (std::size_t start = 0; start <= line.size();) {
      std::size_t end = line.find(separator_, start);
      const bool quoted = start < line.size() && line[start] == '"';
      if (quoted) {
        const std::size_t close = line.find('"', start + 1);
        end = close == std::string_view::npos ? close : close + 1;
        if (close == std::string_view::npos || (end < line.size() && line[end] != separator_)) {
          fail_data(file_, line_, static_cast<int>(start) + 1, "a quoted cell does not end at a separator");
        }
      }
      end = std::min(end, line.size());
      std::string_view cell = line.substr(start, end - start);
      cell = quoted ? cell.substr(1, cell.size() - 2) : trimmed(cell);
      cells.push_back({cell, static_cast<int>(start) + 1});
      start = end + 1;
    }
  }

  std::string_view rest_;
  char separator_;
  const fs::path& file_;
  int line_ = 0;
};

std::size_t find_column(const std::string& name, const std::vector<std::string>& names, bool named,
                        const fs::path& file) {
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  fail_data(file, fmt::format("has no column '{}'", name),
            named ? suggestion(name, names) : fmt::format("without a header, columns are 1 to {}", names.size()));
}

// The labels of a table: whole numbers from 0, or names, which are numbered in the order of the alphabet.
class LabelColumn {
 public:
  void add(const Cell& cell, int line, const fs::path& file) {
    const auto number = parse_integer(cell.text);
    if (!cells_.empty() && number.has_value() != numbers_) {
      fail_data(file, line, cell.column,
                fmt::format("the label '{}' is {}, those above are {}", cell.text, number ? "a number" : "a name",
                            numbers_ ? "numbers" : "names"));
    }
    numbers_ = number.has_value();
    if (cell.text.empty()) fail_data(file, line, cell.column, "the label is missing");
    if (number && (*number < 0 || *number >= most_classes)) {
      fail_data(file, line, cell.column,
                fmt::format("the label {} is not between 0 and {}", *number, most_classes - 1));
    }
    cells_.push_back(cell.text);
  }

  std::vector<float> values() const {
    std::map<std::string_view, float> number_of;
    for (const std::string_view name : cells_) number_of[name] = 0;
    float next = 0;
    for (auto& [name, number] : number_of) number = numbers_ ? static_cast<float>(*parse_integer(name)) : next++;
    std::vector<float> values;
    for (const std::string_view name : cells_) values.push_back(number_of[name]);
    return values;
  }

 private:
  static constexpr int64_t most_classes = int64_t{1} << 24;
  std::vector<std::string_view> cells_;
  bool numbers_ = true;
};

float parse_cell(const Cell& cell, int line, const fs::path& file) {
  const auto value = parse_float(cell.text);
  if (!value) fail_data(file, line, cell.column, fmt::format("expected a number, found '{}'", cell.text));
  const auto single = static_cast<float>(*value);
  if (!std::isfinite(single)) fail_data(file, line, cell.column, fmt::format("{} is too large", cell.text));
  return single;
}

ExampleArray as_array(Field field, const std::vector<float>& values, const fs::path& file) {
  const auto bytes = std::as_bytes(std::span(values));
  return {std::move(field), ElementType::f32, Bytes(bytes.begin(), bytes.end()), 0, file};
}

struct Layout {
  std::vector<std::size_t> values;  // columns
  std::optional<std::size_t> label;
};

Layout find_layout(const CsvSource& source, const std::vector<std::string>& names) {
  Layout layout;
  const auto find = [&](const std::string& name) { return find_column(name, names, source.header, source.path); };
  if (!source.label.empty()) layout.label = find(source.label);
  for (const std::string& name : source.columns) layout.values.push_back(find(name));
  for (std::size_t i = 0; source.columns.empty() && i < names.size(); ++i) {
    if (i != layout.label) layout.values.push_back(i);
  }
  if (layout.values.empty()) fail_data(source.path, "has no column but the label's");
  const auto found = static_cast<int64_t>(layout.values.size());
  if (source.image && source.image->elements() != found) {
    fail_data(source.path, fmt::format("has {} columns of pixels, expected {} for images of {}", found,
                                       source.image->elements(), to_string(*source.image)));
  }
  return layout;
}

std::vector<std::string> column_names(const std::vector<Cell>& first, bool header) {
  std::vector<std::string> names;
  for (const Cell& cell : first) names.push_back(header ? std::string(cell.text) : std::to_string(names.size() + 1));
  return names;
}

}  // namespace

std::string CsvSource::conflict() const {
  if (separator.size() != 1 || separator == "\"" || separator == "\n") return "'separator' must be one character";
  if (image && (image->rank() < 2 || image->rank() > 3)) return "'image' must be [height, width, channels]";
  return {};
}

std::unique_ptr<Dataset> CsvSource::open(const OpenOptions&) const {
  const std::string text = read_text(path, largest_table);
  if (const auto at = first_invalid_utf8(text)) fail_data(path, fmt::format("is no text: byte {} is not UTF-8", *at));
  TableReader table(text, separator[0], path);
  std::vector<Cell> cells;
  if (!table.next(cells)) fail_data(path, "is empty");
  const std::vector<std::string> names = column_names(cells, header);
  const Layout layout = find_layout(*this, names);

  std::vector<float> values;
  LabelColumn labels;
  for (bool more = !header || table.next(cells); more; more = table.next(cells)) {
    if (cells.size() != names.size()) {
      fail_data(path, table.line(), 1, fmt::format("has {} columns, expected {}", cells.size(), names.size()));
    }
    for (const std::size_t column : layout.values) values.push_back(parse_cell(cells[column], table.line(), path));
    if (layout.label) labels.add(cells[*layout.label], table.line(), path);
  }

  const auto width = static_cast<int64_t>(layout.values.size());
  const Field field = image ? Field{"image", image_shape(image->span(), path), 0} : Field{"point", {width}, 0};
  std::vector<ExampleArray> arrays;
  arrays.push_back(as_array(field, values, path));
  if (layout.label) {
    arrays.push_back(as_array({"label", {}, 0}, labels.values(), path));
    count_classes(arrays.back());
  }
  return make_array_dataset(std::move(arrays));
}

void CsvSource::declare(Declaration<CsvSource>& d) {
  d.help("a table of numbers as text, one example a row; fields point or image, and label");
  d.parameter("path", &CsvSource::path, "the file").main().required();
  d.parameter("header", &CsvSource::header, "whether the first row names the columns; else they are 1, 2, …");
  d.parameter("columns", &CsvSource::columns, "columns of the point or image; default: all but the label's");
  d.parameter("label", &CsvSource::label, "column of the label: whole numbers from 0, or names");
  d.parameter("image", &CsvSource::image, "[height, width, channels], when the columns are pixels");
  d.parameter("separator", &CsvSource::separator, "character between columns");
}

}  // namespace duel
