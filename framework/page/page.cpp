#include "page/page.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/hash.hpp"
#include "page/columns.hpp"

namespace duel {
namespace {

// Names and texts of runs come from anywhere: none may end the element that holds the JSON. In JSON these characters
// stand in texts alone, where an escape says the same.
std::string html_safe(const std::string& text) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  for (const char c : text) {
    if (c == '<' || c == '>' || c == '&') {
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string escaped_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

// As a content security policy wants it.
std::string sha256_base64(std::string_view text) {
  const std::string hex = sha256_hex(text);
  std::vector<std::byte> bytes(hex.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    unsigned value = 0;
    std::from_chars(hex.data() + 2 * i, hex.data() + 2 * i + 2, value, 16);
    bytes[i] = static_cast<std::byte>(value);
  }
  return base64(bytes);
}

}  // namespace

std::string page_html(const PageData& data, const PageAssets& assets) {
  const std::string policy = fmt::format(
      "default-src 'none'; script-src 'sha256-{}'; style-src 'unsafe-inline'; img-src data:; {}base-uri "
      "'none'; form-action 'none'",
      sha256_base64(assets.script), data.live ? "connect-src 'self'; " : "");
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n<link rel=\"icon\" href=\"data:,\">\n<title>{} – "
      "duel</title>\n",
      policy, escaped_text(data.title));
  out += "<style>";
  out += assets.style;
  out += "</style>\n<script type=\"application/json\" id=\"data\">";
  out += html_safe(data.json);
  out += "</script>\n<script type=\"application/octet-stream\" id=\"columns\">";
  out += data.columns;
  out +=
      "</script>\n</head>\n<body>\n<div id=\"page\"><noscript>This page draws itself with JavaScript, which is "
      "switched off. `duel compare` prints the same runs as a table.</noscript></div>\n<script>";
  out += assets.script;
  out += "</script>\n</body>\n</html>\n";
  return out;
}

std::string page_answer(const PageData& data) {
  return fmt::format("{{\"data\":{},\"columns\":\"{}\"}}", data.json, data.columns);
}

}  // namespace duel
