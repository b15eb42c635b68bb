// The small expression language of `values:`, losses and metrics: names, numbers, lists, f(a, b, key=value), + - * /,
// comparisons, dotted members.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "yaml/document.hpp"

namespace duel {

class Schedule;
class ValueFunction;
struct ReadContext;

// One node of a parsed expression. A plain value; the tree is immutable after reading.
struct Expression {
  enum class Kind {
    number,
    name,
    member,
    list,
    call,
    negate,
    add,
    subtract,
    multiply,
    divide,
    greater,
    greater_equal,
    less,
    less_equal,
    equal,
    not_equal
  };
  struct Argument;  // key=value

  Kind kind = Kind::number;
  double number = 0;
  std::string name;  // of a name, a called function, or the member behind the dot (children[0] is what it is of)
  std::vector<Expression> children;               // operands, list items, positional arguments
  std::vector<Argument> named;                    // in order, names unique
  std::shared_ptr<const ValueFunction> function;  // of a call to a function
  std::shared_ptr<const Schedule> schedule;       // of a call to a schedule; networks have neither
  Position where;                                 // of the first character
  std::string text;                               // as written

  // "generator.average": the dotted text of a name or of members of names, else "".
  std::string dotted() const;
};

struct Expression::Argument {
  std::string name;
  Position where;  // of the name
  Expression value;
};

// Syntax only: throws UserError pointing at the character that cannot be.
Expression parse_expression(const std::string& text, const Position& where);

// Parses the scalar (or number) in `node` and reads the functions and schedules called in it, with their parameters.
// Problems go to the context; what could not be read is then not to be used.
Expression read_expression(const YamlNode& node, ReadContext& context);

}  // namespace duel
