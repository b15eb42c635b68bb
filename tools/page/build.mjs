// node build.mjs MODULES OUTPUT: bundles the page with the packages in MODULES, and writes it into the C++ source OUTPUT.
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const [modules, output] = process.argv.slice(2);
if (!output) {
  console.error("usage: node build.mjs MODULES OUTPUT");
  process.exit(2);
}
const here = dirname(fileURLToPath(import.meta.url));
const { build } = createRequire(join(resolve(modules), "any"))("esbuild");

async function bundle(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry], bundle: true, minify: true, write: false, nodePaths: [resolve(modules)], format: "iife", target: "es2022",
    legalComments: "none", charset: "ascii", logLevel: "warning",
  });
  const text = outputFiles[0].text;
  // Either would end the element that holds it.
  if (/<\/(script|style)/i.test(text)) throw new Error(`${entry}: the bundle holds an end tag`);
  return text;
}

const literal = (text) => `R"duel_page(${text})duel_page"`;
const script = await bundle(join(here, "src/index.ts"));
const style = await bundle(join(here, "src/style.css"));
await writeFile(output, `// Made by tools/page/build.mjs.
#include "tools/page/assets.hpp"

namespace duel {

std::optional<PageAssets> page_assets() { return PageAssets{${literal(script)}, ${literal(style)}}; }

}  // namespace duel
`);
