#include "registry/expression.hpp"

#include <array>
#include <cctype>
#include <optional>

#include "base/text.hpp"
#include "registry/registry.hpp"
#include "registry/schedule.hpp"
#include "registry/value.hpp"

namespace duel {
namespace {

constexpr int max_depth = 64;

// Recursive descent over the characters; precedence from loose to tight: comparison, + -, * /, unary -, postfix.
class Parser {
 public:
  Parser(const std::string& text, const Position& where) : text_(text), where_(where) {}

  Expression whole() {
    Expression result = comparison();
    skip_space();
    if (at_ < text_.size()) fail(fmt::format("unexpected '{}'", text_[at_]));
    return result;
  }

 private:
  struct Operator {
    std::string_view symbol;
    Expression::Kind kind;
  };

  Expression comparison() {
    static constexpr std::array<Operator, 6> operators{{{">=", Expression::Kind::greater_equal},
                                                        {"<=", Expression::Kind::less_equal},
                                                        {"==", Expression::Kind::equal},
                                                        {"!=", Expression::Kind::not_equal},
                                                        {">", Expression::Kind::greater},
                                                        {"<", Expression::Kind::less}}};
    const Guard guard(*this);
    const std::size_t start = position();
    Expression left = additive();
    if (const Operator* found = accept(operators)) left = binary(found->kind, start, std::move(left), additive());
    return left;
  }

  Expression additive() {
    static constexpr std::array<Operator, 2> operators{
        {{"+", Expression::Kind::add}, {"-", Expression::Kind::subtract}}};
    const std::size_t start = position();
    Expression left = multiplicative();
    while (const Operator* found = accept(operators)) {
      left = binary(found->kind, start, std::move(left), multiplicative());
    }
    return left;
  }

  Expression multiplicative() {
    static constexpr std::array<Operator, 2> operators{
        {{"*", Expression::Kind::multiply}, {"/", Expression::Kind::divide}}};
    const std::size_t start = position();
    Expression left = unary();
    while (const Operator* found = accept(operators)) left = binary(found->kind, start, std::move(left), unary());
    return left;
  }

  Expression unary() {
    skip_space();
    const std::size_t start = at_;
    if (!accept('-')) return postfix();
    const Guard guard(*this);
    Expression inner = unary();
    if (inner.kind == Expression::Kind::number) {  // a negative literal
      inner.number = -inner.number;
      return close(std::move(inner), start);
    }
    Expression out = open(Expression::Kind::negate, start);
    out.children.push_back(std::move(inner));
    return close(std::move(out), start);
  }

  Expression postfix() {
    skip_space();
    const std::size_t start = at_;
    Expression out = primary();
    while (true) {
      if (accept('.')) {
        Expression member = open(Expression::Kind::member, start);
        member.name = identifier();
        member.children.push_back(std::move(out));
        out = close(std::move(member), start);
      } else if (accept('(')) {
        out = call(std::move(out), start);
      } else {
        return out;
      }
    }
  }

  Expression call(Expression callee, std::size_t start) {
    Expression out = open(Expression::Kind::call, start);
    out.name = callee.dotted();
    if (out.name.empty()) fail("only a name can be called", start);
    while (!accept(')')) {
      if (!out.children.empty() || !out.named.empty()) expect(',', "',' or ')'");
      const std::size_t argument_start = position();
      Expression argument = comparison();
      if (argument.kind == Expression::Kind::name && accept('=')) {
        for (const Expression::Argument& other : out.named) {
          if (other.name == argument.name) {
            fail(fmt::format("the argument '{}' is given twice", argument.name), argument_start);
          }
        }
        out.named.push_back({argument.name, argument.where, comparison()});
      } else {
        if (!out.named.empty()) fail("a positional argument cannot follow a named one", argument_start);
        out.children.push_back(std::move(argument));
      }
    }
    return close(std::move(out), start);
  }

  Expression primary() {
    const Guard guard(*this);
    skip_space();
    const std::size_t start = at_;
    if (at_ >= text_.size()) fail("the expression ends too early");
    const char c = text_[at_];
    if (accept('(')) {
      Expression inner = comparison();
      expect(')', "')'");
      return close(std::move(inner), start);
    }
    if (accept('[')) {
      Expression list = open(Expression::Kind::list, start);
      while (!accept(']')) {
        if (!list.children.empty()) expect(',', "',' or ']'");
        list.children.push_back(comparison());
      }
      return close(std::move(list), start);
    }
    if (std::isdigit(static_cast<unsigned char>(c)) || c == '.') return number(start);
    Expression name = open(Expression::Kind::name, start);
    name.name = identifier();
    return close(std::move(name), start);
  }

  Expression number(std::size_t start) {
    const auto digit = [&] { return at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])); };
    while (digit()) ++at_;
    if (at_ < text_.size() && text_[at_] == '.') ++at_;
    while (digit()) ++at_;
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      while (digit()) ++at_;
    }
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_')) ++at_;
    Expression out = open(Expression::Kind::number, start);
    const std::string literal = text_.substr(start, at_ - start);
    const auto value = parse_float(literal);
    if (!value) fail(fmt::format("'{}' is not a number", literal), start);
    out.number = *value;
    return close(std::move(out), start);
  }

  std::string identifier() {
    skip_space();
    const std::size_t start = at_;
    const auto part = [&](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
    while (at_ < text_.size() && part(text_[at_])) ++at_;
    if (at_ == start || std::isdigit(static_cast<unsigned char>(text_[start]))) {
      fail(at_ < text_.size() ? fmt::format("expected a name, found '{}'", text_[at_]) : "expected a name", start);
    }
    return text_.substr(start, at_ - start);
  }

  template <std::size_t N>
  const Operator* accept(const std::array<Operator, N>& operators) {
    skip_space();
    for (const Operator& candidate : operators) {
      if (text_.compare(at_, candidate.symbol.size(), candidate.symbol) == 0) {
        at_ += candidate.symbol.size();
        return &candidate;
      }
    }
    return nullptr;
  }

  bool accept(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    if (c == '=' && at_ + 1 < text_.size() && text_[at_ + 1] == '=') return false;
    ++at_;
    return true;
  }

  void expect(char c, std::string_view what) {
    if (accept(c)) return;
    fail(at_ < text_.size() ? fmt::format("expected {}, found '{}'", what, text_[at_])
                            : fmt::format("expected {}", what));
  }

  void skip_space() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }

  // Where the next token begins.
  std::size_t position() {
    skip_space();
    return at_;
  }

  Expression binary(Expression::Kind kind, std::size_t start, Expression left, Expression right) {
    Expression out = open(kind, start);
    out.children.push_back(std::move(left));
    out.children.push_back(std::move(right));
    return close(std::move(out), start);
  }

  Position place(std::size_t offset) const {
    Position position = where_;
    if (position.line > 0) position.column += static_cast<int>(offset);
    return position;
  }

  Expression open(Expression::Kind kind, std::size_t start) {
    Expression out;
    out.kind = kind;
    out.where = place(start);
    return out;
  }

  Expression close(Expression out, std::size_t start) {
    out.where = place(start);
    out.text = text_.substr(start, at_ - start);
    while (!out.text.empty() && std::isspace(static_cast<unsigned char>(out.text.back()))) out.text.pop_back();
    return out;
  }

  [[noreturn]] void fail(const std::string& what) { fail(what, at_); }
  [[noreturn]] void fail(const std::string& what, std::size_t offset) {
    throw UserError(ExitCode::experiment,
                    Problem{place(offset), {}, fmt::format("in the expression '{}': {}", text_, what), {}, {}});
  }

  // Bounds the recursion, so that hostile text cannot overflow the stack.
  struct Guard {
    explicit Guard(Parser& p) : parser(p) {
      if (++parser.depth_ > max_depth) parser.fail("nested too deeply");
    }
    ~Guard() { --parser.depth_; }
    Guard(const Guard&) = delete;
    Parser& parser;
  };

  const std::string& text_;
  Position where_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

YamlNode argument_node(const Expression& argument) {
  if (argument.kind != Expression::Kind::list) return YamlNode::scalar(argument.text, argument.where);
  YamlNode node;
  node.kind = YamlNode::Kind::sequence;
  node.where = argument.where;
  for (const Expression& item : argument.children) node.items.push_back(argument_node(item));
  return node;
}

// The call's arguments as the map of parameters that the component declares.
std::optional<YamlNode> arguments_as_map(const Expression& call, const ComponentInfo& info, ReadContext& context) {
  const auto refuse = [&](const Position& where, const std::string& what, const std::string& remedy) {
    context.problems.add(where, context.path, fmt::format("{}(): {}", call.name, what), remedy);
    return std::nullopt;
  };
  YamlNode map;
  map.kind = YamlNode::Kind::map;
  map.where = call.where;
  std::size_t next = 0;
  for (const Expression& argument : call.children) {
    if (next == info.parameters.size()) {
      return refuse(argument.where, fmt::format("takes at most {} arguments", info.parameters.size()),
                    fmt::format("see 'duel help {}'", call.name));
    }
    const ParameterInfo& parameter = info.parameters[next];
    if (parameter.variadic) {
      if (map.find(parameter.name) == nullptr) {
        YamlNode list;
        list.kind = YamlNode::Kind::sequence;
        list.where = argument.where;
        map.entries.push_back({parameter.name, argument.where, std::move(list)});
      }
      map.find(parameter.name)->items.push_back(argument_node(argument));
    } else {
      map.entries.push_back({parameter.name, argument.where, argument_node(argument)});
      ++next;
    }
  }
  for (const Expression::Argument& argument : call.named) {
    if (info.find(argument.name) == nullptr) {
      return refuse(argument.where, fmt::format("unknown argument '{}'", argument.name),
                    suggestion(argument.name, info.parameter_names()));
    }
    if (map.find(argument.name) != nullptr) {
      return refuse(argument.where, fmt::format("the argument '{}' is given twice", argument.name), {});
    }
    map.entries.push_back({argument.name, argument.where, argument_node(argument.value)});
  }
  return map;
}

// Whether the call is of one of `kinds`: it is then read into `target`, which stays null after a problem.
template <class Interface>
bool bind_call(const Expression& call, const KindRegistry<Interface>& kinds, std::shared_ptr<const Interface>& target,
               ReadContext& context) {
  const ComponentInfo* info = kinds.find(call.name);
  if (info == nullptr) return false;
  auto arguments = arguments_as_map(call, *info, context);
  if (arguments) target = kinds.read(WrittenComponent{call.name, call.where, *std::move(arguments)}, context);
  return true;
}

void bind_calls(Expression& expression, ReadContext& context) {
  if (expression.kind == Expression::Kind::call &&
      (bind_call(expression, context.registry.values, expression.function, context) ||
       bind_call(expression, context.registry.schedules, expression.schedule, context))) {
    return;
  }
  for (Expression& child : expression.children) bind_calls(child, context);
  for (Expression::Argument& argument : expression.named) bind_calls(argument.value, context);
}

}  // namespace

std::string Expression::dotted() const {
  if (kind == Kind::name) return name;
  if (kind != Kind::member || children.size() != 1) return {};
  const std::string base = children[0].dotted();
  return base.empty() ? base : base + "." + name;
}

Expression parse_expression(const std::string& text, const Position& where) { return Parser(text, where).whole(); }

Expression read_expression(const YamlNode& node, ReadContext& context) {
  if (!node.is_scalar()) {
    context.problem(node, fmt::format("expected an expression, found {}", describe(node)),
                    node.is_map() ? "inside {…} put an expression that has a comma into quotes" : "");
    return {};
  }
  Position start = node.where;
  if (node.quoted && start.line > 0) ++start.column;  // the text begins behind the quote
  try {
    Expression expression = parse_expression(node.text, start);
    bind_calls(expression, context);
    if (context.expressions != nullptr) context.expressions->emplace_back(context.path, expression);
    return expression;
  } catch (const UserError& error) {
    for (Problem problem : error.problems()) {
      problem.path = context.path;
      context.problems.add(std::move(problem));
    }
    return {};
  }
}

}  // namespace duel
