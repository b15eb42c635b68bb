// What an action is refused with, for tests of messages.
#pragma once

#include <gtest/gtest.h>

#include <concepts>
#include <string>

#include "base/error.hpp"

namespace duel {

// The message of the UserError that the action throws, which shall have this code; "accepted" if it throws none.
template <std::invocable Action>
std::string refusal_of(Action action, ExitCode code = ExitCode::data) {
  try {
    action();
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  return "accepted";
}

}  // namespace duel
