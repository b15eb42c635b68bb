#include "page/page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace duel {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr PageAssets assets{"run()", "body{}"};

PageData data_with(const std::string& text, bool live = false) {
  PageData data;
  data.json = nlohmann::json{{"text", text}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  data.live = live;
  data.columns = "eJwDAAAAAAE=";
  return data;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// The JSON in the page, as the browser finds it: up to the first end tag.
std::string embedded(const std::string& html) {
  const std::string start = "id=\"data\">";
  const std::size_t from = html.find(start) + start.size();
  return html.substr(from, html.find("</script", from) - from);
}

TEST(PageHtml, LetsNoTextEndItsElement) {
  for (const std::string text :
       {"</script><script>alert(1)</script>", "<!-- <script>", "]]>", "\xe2\x80\xa8 & \" \\ \x01"}) {
    const std::string html = page_html(data_with(text), assets);
    EXPECT_EQ(count_of(html, "<script"), 3U) << text;
    EXPECT_EQ(count_of(html, "</script"), 3U) << text;
    EXPECT_EQ(count_of(html, "<!--"), 0U) << text;
    EXPECT_EQ(nlohmann::json::parse(embedded(html))["text"], text);
  }
}

TEST(PageHtml, HasItsTitleAsText) {
  PageData data = data_with("");
  data.title = "a</title><script> & b";
  EXPECT_THAT(page_html(data, assets), HasSubstr("<title>a&lt;/title>&lt;script> &amp; b – duel</title>"));
}

TEST(PageHtml, ReplacesBytesThatAreNotUtf8) {
  const std::string html = page_html(data_with("a\xff"
                                               "b"),
                                     assets);
  EXPECT_EQ(nlohmann::json::parse(embedded(html))["text"],
            "a\xef\xbf\xbd"
            "b");
}

TEST(PageHtml, AllowsItsOwnScriptAlone) {
  const std::string html = page_html(data_with(""), assets);
  // printf 'run()' | openssl dgst -sha256 -binary | base64
  EXPECT_THAT(html, HasSubstr("default-src 'none'; script-src 'sha256-AvyuiL0SD1mVY3NNxR+V2uo+lhk6RMFrytWmRt6CrJQ=';"));
  EXPECT_THAT(html, Not(HasSubstr("connect-src")));
  EXPECT_THAT(html, HasSubstr("<script>run()</script>"));
  EXPECT_THAT(page_html(data_with("", true), assets), HasSubstr("connect-src 'self';"));
}

TEST(PageAnswer, IsTheDataAndTheColumns) {
  const auto answer = nlohmann::json::parse(page_answer(data_with("x")));
  EXPECT_EQ(answer["data"]["text"], "x");
  EXPECT_EQ(answer["columns"], "eJwDAAAAAAE=");
}

}  // namespace
}  // namespace duel
