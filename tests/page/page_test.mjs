// node --test page_test.mjs: pages in Chromium, as a reader uses them. The environment says where things are:
// DUEL, MAKE_RUNS (programs), MODULES (what npm installed), CHROMIUM, and SHOTS (a folder for screenshots).
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";

const { DUEL, MAKE_RUNS, MODULES, CHROMIUM, SHOTS } = process.env;
const { chromium } = createRequire(join(MODULES, "any"))("playwright-core");

const folder = mkdtempSync(join(tmpdir(), "duel-page-"));
let context;

function makeRuns(kind) {
  const runs = join(folder, kind);
  execFileSync(MAKE_RUNS, [kind, runs]);
  return runs;
}

/** The page of the runs of a kind, as a file. */
function makePage(kind, ...options) {
  const file = join(folder, `${kind}.html`);
  execFileSync(DUEL, ["compare", join(folder, kind), "--html", file, ...options], { maxBuffer: 1 << 26 });
  return file;
}

/** A tab with the page, that fails for every error, and for every request that is not for the page itself. */
async function open(address, { width = 1280, height = 800, theme = "light", allowed = [] } = {}) {
  const tab = await context.newPage();
  tab.problems = [];
  tab.on("console", (message) => { if (["error", "warning"].includes(message.type())) tab.problems.push(message.text()); });
  tab.on("pageerror", (error) => tab.problems.push(error.stack));
  tab.on("dialog", (dialog) => { tab.problems.push(`dialog: ${dialog.message()}`); void dialog.dismiss(); });
  tab.on("request", (request) => {
    const url = request.url();
    if (url !== address && !url.startsWith("data:") && !allowed.some((start) => url.startsWith(start))) tab.problems.push(`request: ${url}`);
  });
  await tab.setViewportSize({ width, height });
  await tab.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });  // what scrolls smoothly is clicked beside
  await tab.addInitScript(() => {
    window.shifts = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await tab.goto(address);
  await tab.waitForFunction(() => "ready" in document.documentElement.dataset);
  return tab;
}

async function close(tab) {
  assert.deepEqual(tab.problems, []);
  await tab.close();
}

const chart = (tab, title) => tab.locator(`.chart[data-title="${title}"]`);

/** What a canvas shows, once it has been drawn. */
async function drawing(tab, title) {
  const place = chart(tab, title);
  await place.scrollIntoViewIfNeeded();
  await place.locator("canvas").first().waitFor();
  await tab.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50)))));
  const picture = await place.locator("canvas").first().evaluate((canvas) => canvas.toDataURL());
  return createHash("sha256").update(picture).digest("hex");
}

/** The page draws what was chosen in its next frame: what is asserted holds then, or soon. */
async function soon(assertion) {
  for (const end = Date.now() + 5000; Date.now() < end;) {
    try {
      return await assertion();
    } catch {
      await new Promise((done) => setTimeout(done, 20));
    }
  }
  return assertion();
}

async function changes(tab, title, action) {
  const earlier = await drawing(tab, title);
  await action();
  assert.notEqual(await drawing(tab, title), earlier, `${title} looks as before`);
}

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  for (const kind of ["few", "many", "hostile", "swept", "rescored"]) makeRuns(kind);
  context = await chromium.launchPersistentContext(mkdtempSync(join(folder, "profile-")), {
    executablePath: CHROMIUM, headless: true, chromiumSandbox: false,
  });
});

after(async () => {
  await context?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a page of few runs, opened from a file", () => {
  let file, tab;
  before(async () => {
    file = makePage("few");
    tab = await open(pathToFileURL(file).href);
  });
  after(() => close(tab));

  it("lists every run, and what is wrong with some", async () => {
    assert.equal(await tab.title(), "8 runs of ring – duel");
    assert.match(readFileSync(file, "utf8"), /<title>8 runs of ring – duel<\/title>/);  // for what does not run scripts
    assert.equal(await tab.locator(".run").count(), 8);
    const attention = await tab.locator("#attention li").allInnerTexts();
    assert.equal(attention.length, 2);
    assert.match(attention[0], /damaged[\s\S]*run\.h5/);
    assert.match(attention[1], /stopped[\s\S]*stopped-s4[\s\S]*1\u202f200 of 3\u202f000/);
  });

  it("hides and shows a run everywhere", async () => {
    const box = tab.getByRole("checkbox", { name: /lr1e-3-s1/ });
    await changes(tab, "generator.loss", () => box.uncheck());
    assert.equal(await tab.locator(".count").innerText(), "7 of 8 shown");
    assert.equal(await tab.locator(".picture", { hasText: "lr1e-3-s1" }).count(), 0);
    await changes(tab, "generator.loss", () => box.check());
    assert.equal(await tab.locator(".picture", { hasText: "lr1e-3-s1" }).count(), 1);
    await tab.getByRole("button", { name: "Hide all" }).click();
    await soon(async () => assert.equal(await tab.locator(".count").innerText(), "0 of 8 shown"));
    await tab.getByRole("button", { name: "Show all" }).click();
    await soon(async () => assert.equal(await tab.locator(".count").innerText(), "8 of 8 shown"));
  });

  it("reads values out to the keyboard", async () => {
    await drawing(tab, "generator.loss");
    const plot = chart(tab, "generator.loss").locator(".plot"), readout = chart(tab, "generator.loss").locator(".readout");
    await plot.focus();
    await tab.keyboard.press("ArrowRight");
    assert.match(await readout.innerText(), /lr1e-3-s1, step 10$/);
    await tab.keyboard.press("End");
    assert.match(await readout.innerText(), /lr1e-3-s1, step 3\u202f000$/);
    await tab.keyboard.press("ArrowDown");
    assert.match(await readout.innerText(), /lr1e-3-s2, step 3\u202f000$/);
    await changes(tab, "generator.loss", () => tab.keyboard.press("+"));
    await changes(tab, "generator.loss", () => tab.keyboard.press("0"));
    await tab.keyboard.press("Escape");
    assert.equal((await readout.innerText()).trim(), "");
  });

  it("keeps the zoom and the cursor whatever else is chosen", async () => {
    await drawing(tab, "generator.loss");
    const plot = chart(tab, "generator.loss").locator(".plot"), readout = chart(tab, "generator.loss").locator(".readout");
    await plot.focus();
    await tab.keyboard.press("ArrowDown");
    for (const key of ["PageDown", "+", "+"]) await tab.keyboard.press(key);
    const said = await readout.innerText(), zoomed = await drawing(tab, "generator.loss");
    assert.match(said, /lr1e-3-s2, step/);
    const box = tab.getByRole("checkbox", { name: /lr2e-4-s1/ });
    await changes(tab, "generator.loss", () => box.uncheck());
    await box.check();
    assert.equal(await drawing(tab, "generator.loss"), zoomed);
    assert.equal(await readout.innerText(), said);
    await changes(tab, "generator.loss", () => tab.getByLabel("Log y").check());
    await tab.getByLabel("Log y").uncheck();
    assert.equal(await drawing(tab, "generator.loss"), zoomed);
    await plot.focus();
    await tab.keyboard.press("0");
    await tab.keyboard.press("Escape");
    assert.equal((await readout.innerText()).trim(), "");
  });

  it("says what lies under the mouse, and zooms where it is dragged", async () => {
    await drawing(tab, "generator.loss");
    const box = await chart(tab, "generator.loss").locator(".u-over").boundingBox();
    await tab.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const said = await chart(tab, "generator.loss").locator(".readout").innerText();
    assert.match(said, /step 1\u202f[45]\d0$/);
    await changes(tab, "generator.loss", async () => {
      await tab.mouse.down();
      await tab.mouse.move(box.x + box.width * 0.8, box.y + box.height / 2, { steps: 5 });
      await tab.mouse.up();
    });
    await changes(tab, "generator.loss", () => chart(tab, "generator.loss").locator(".plot").dblclick());
  });

  it("changes the axis, smooths, takes logarithms and draws bands over seeds", async () => {
    const axis = tab.getByLabel("x axis");
    await changes(tab, "discriminator.loss", () => axis.selectOption("time"));
    await chart(tab, "discriminator.loss").locator(".plot").focus();
    await tab.keyboard.press("End");
    assert.match(await chart(tab, "discriminator.loss").locator(".readout").innerText(), /, 6 s$/);
    await axis.selectOption("epoch");
    await tab.waitForFunction(() => /1 run without known epochs is not drawn: stopped-s4/.test(document.querySelector("#curves > .note").textContent));
    await chart(tab, "discriminator.loss").locator(".plot").focus();
    await tab.keyboard.press("End");
    assert.match(await chart(tab, "discriminator.loss").locator(".readout").innerText(), /lr1e-3-s1, epoch 12$/);
    await axis.selectOption("step");
    const smoothing = tab.getByLabel("Smoothing");
    await changes(tab, "discriminator.loss", async () => {
      await smoothing.focus();
      for (let i = 0; i < 40; ++i) await tab.keyboard.press("ArrowRight");
    });
    assert.equal(await smoothing.getAttribute("aria-valuetext"), "≈ 16 records");
    await changes(tab, "discriminator.loss", () => tab.getByLabel("Log y").check());
    await changes(tab, "discriminator.loss", () => tab.getByLabel("Log x").check());
    await changes(tab, "discriminator.loss", () => tab.getByLabel(/over seeds/).check());
    await chart(tab, "discriminator.loss").locator(".plot").focus();
    await tab.keyboard.press("Home");
    assert.match(await chart(tab, "discriminator.loss").locator(".readout").innerText(), /± .* ring, lr 1e-3, mean of 4 seeds/);
    await tab.keyboard.press("End");  // one of them was stopped before
    assert.match(await chart(tab, "discriminator.loss").locator(".readout").innerText(), /± .* ring, lr 1e-3, mean of 3 seeds, step 3/);
    for (const label of ["Log x", "Log y", /over seeds/]) await tab.getByLabel(label).uncheck();
    await tab.keyboard.press("Escape");
  });

  it("draws evaluations with uncertainty and floor, and calls out unlike protocols", async () => {
    await drawing(tab, "quality.fid");
    await chart(tab, "quality.fid").locator(".plot").focus();
    await tab.keyboard.press("Home");
    assert.match(await chart(tab, "quality.fid").locator(".readout").innerText(), /± .*, floor 0\.08 lr1e-3-s1/);
    const callout = await tab.locator("#evaluations .callout").first().innerText();
    assert.match(callout, /quality\.fid: these scores cannot be compared/);
    assert.match(callout, /quality\.fid of lr2e-4-s3 is not comparable with that of lr1e-3-s1: features: values, classifier:features/);
    await tab.getByText(/Newest records/).click();
    const row = tab.locator(".records tbody tr", { hasText: "quality.recall" }).first();
    assert.match(await row.innerText(), /0\.08 of 500\s+1000 \/ 1000|0\.08 of 500\s+1\u202f000/);
    assert.match(await row.innerText(), /parameter k: 5/);
  });

  it("shows the parameters that differ, and sorts by them", async () => {
    const table = tab.getByRole("region", { name: "Parameters that differ" });
    const heads = await table.locator("thead th").allInnerTexts();
    assert.deepEqual(heads.slice(0, 3), ["run", "seed", "players.generator.optimizer.adam.lr"]);
    assert.equal(heads.length, 3);
    await table.getByRole("button", { name: "seed" }).click();
    await soon(async () => assert.equal(await table.locator("thead th").nth(1).getAttribute("aria-sort"), "ascending"));
    await table.getByRole("button", { name: "seed" }).click();
    await soon(async () => assert.equal(await table.locator("tbody tr").first().locator("th").innerText(), "stopped-s4"));
    await tab.getByText(/parameters that all share/).click();
    assert.match(await tab.locator("#parameters dl").innerText(), /networks\.generator\.layers\[0\]\.dense/);
  });

  it("steps through samples, side by side", async () => {
    const slider = tab.getByLabel("Step", { exact: true });
    assert.equal(await tab.locator(".picture").count(), 7);
    const image = tab.locator(".picture", { hasText: "lr1e-3-s2" }).locator("img");
    await image.scrollIntoViewIfNeeded();
    await tab.waitForFunction(() => document.querySelector(".picture img").naturalWidth === 96);
    const last = await image.getAttribute("src");
    await slider.focus();
    await tab.keyboard.press("Home");
    assert.notEqual(await image.getAttribute("src"), last);
    assert.match(await image.getAttribute("alt"), /lr1e-3-s2 at step 600/);
    await tab.keyboard.press("End");
    assert.equal(await image.getAttribute("src"), last);
    // A run that has none of that step shows its newest before, and says so.
    assert.match(await tab.locator(".picture", { hasText: "stopped-s4" }).innerText(), /step 1\u202f200/);
  });

  it("brushes parallel coordinates, and shows only what is within", async () => {
    await drawing(tab, "Parallel coordinates");
    const plot = chart(tab, "Parallel coordinates"), box = await plot.locator(".plot").boundingBox();
    const size = await plot.locator(".plot").evaluate((place) => parseFloat(getComputedStyle(place).fontSize));
    const x = box.x + size * 4, top = box.y + size * 5.4, bottom = box.y + box.height - size * 1.5;
    await tab.mouse.move(x, bottom + 2);
    await tab.mouse.down();
    await tab.mouse.move(x, bottom - (bottom - top) * 0.2, { steps: 6 });
    await tab.mouse.up();
    await tab.waitForFunction(() => /^2 runs within/.test(document.querySelector(".brushed").textContent));
    await plot.getByRole("button", { name: "Show only these" }).click();
    await tab.waitForFunction(() => document.querySelector(".count").textContent === "2 of 8 shown");
    await plot.getByRole("button", { name: "Show every run" }).click();
    await tab.waitForFunction(() => document.querySelector(".count").textContent === "8 of 8 shown");
  });

  it("draws a scatter plot of any two columns", async () => {
    await changes(tab, "Scatter", () => chart(tab, "Scatter").getByLabel("y", { exact: true }).selectOption("quality.fid"));
    await changes(tab, "Scatter", () => chart(tab, "Scatter").getByLabel("x", { exact: true }).selectOption("quality.recall"));
  });

  it("draws networks with shapes and numbers of weights", async () => {
    const network = tab.locator(".network", { hasText: "generator" }).first();
    assert.match(await network.innerText(), /5 layers, 18\u202f946 parameters/);
    const layers = await network.locator("li").allInnerTexts();
    assert.equal(layers.length, 6);
    assert.match(layers[1], /dense[\s\S]*\[128\][\s\S]*2\u202f176/);
  });

  it("tells where runs come from", async () => {
    await tab.locator("#provenance summary", { hasText: "lr1e-3-s1" }).click();
    const text = await tab.locator("#provenance details[open]").innerText();
    for (const part of [/version\s+0\.1\.0/, /host\s+workstation/, /threads\s+4/, /seed\s+1/, /a{64}/, /duel train ring\.yaml seed=1/]) assert.match(text, part);
  });

  it("keeps the theme that was chosen", async () => {
    const background = () => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    const button = tab.getByRole("button", { name: /^Theme/ });
    await button.click();
    await changes(tab, "generator.loss", () => button.click());
    assert.notEqual(await background(), light);
    await tab.reload();
    await tab.waitForFunction(() => "ready" in document.documentElement.dataset);
    assert.notEqual(await background(), light);
    await button.click();
    await soon(async () => assert.equal(await background(), light));
  });

  it("prints everything, without controls", async () => {
    await tab.emulateMedia({ media: "print" });
    assert.equal(await tab.locator("nav").isVisible(), false);
    assert.equal(await tab.locator(".controls").first().isVisible(), false);
    assert.ok((await tab.pdf()).length > 50_000);
    await tab.emulateMedia({ media: "screen", colorScheme: "dark" });
    const background = () => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await background();
    await tab.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.notEqual(await background(), dark);  // paper is white
    await tab.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.equal(await background(), dark);
    await tab.emulateMedia({ media: "screen", colorScheme: "light" });
  });

  it("gives everything that can be used a name, and starts with a way to the content", async () => {
    const nameless = await tab.locator("input, select, button, a, img, [tabindex='0']").evaluateAll((all) => all.filter((one) =>
      !(one.labels?.length || one.getAttribute("aria-label") || one.alt || one.textContent.trim())).map((one) => one.outerHTML.slice(0, 120)));
    assert.deepEqual(nameless, []);
    await tab.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
    await tab.reload();
    await tab.waitForFunction(() => "ready" in document.documentElement.dataset);
    for (let press = 0; press < 5; press++) {  // a page just loaded may not have the keyboard yet
      await tab.keyboard.press("Tab");
      if (await tab.evaluate(() => document.activeElement !== document.body)) break;
    }
    assert.equal(await tab.evaluate(() => document.activeElement.textContent), "Skip to the content");
  });
});

describe("layout", () => {
  const sizes = [[380, 800], [1280, 800], [3840, 2160]];
  for (const [width, height] of sizes) {
    for (const theme of ["light", "dark"]) {
      it(`fits ${width} × ${height}, ${theme}, and does not move`, async () => {
        const tab = await open(pathToFileURL(join(folder, "few.html")).href, { width, height, theme });
        await tab.waitForTimeout(400);
        const room = await tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth, window.shifts]);
        assert.ok(room[0] <= room[1], `${room[0]} pixels wide on a screen of ${room[1]}`);
        assert.ok(room[2] < 0.005, `layout shifts of ${room[2]}`);
        await tab.screenshot({ path: join(SHOTS, `few-${width}-${theme}.png`) });
        await close(tab);
      });
    }
  }
});

describe("fifty runs of 10,000 records", () => {
  it("fit into 5 MB, and open", async (test) => {
    const file = makePage("many"), bytes = statSync(file).size;
    assert.ok(bytes < 5_000_000, `${bytes} bytes`);
    const tab = await open(pathToFileURL(file).href);
    const ready = await tab.evaluate(() => Number(document.documentElement.dataset.ready));
    await drawing(tab, "generator.loss");
    test.diagnostic(`${bytes} bytes, laid out after ${ready} ms, first curves drawn after ${Math.round(await tab.evaluate(() => performance.now()))} ms`);
    assert.match(await tab.locator("#curves > .note").innerText(), /lowest and the highest record of each of 666 stretches/);
    // What bands take the mean of is smoothed as the single curves are.
    const group = ["run-03", "run-13", "run-23", "run-33", "run-43"], ends = [];
    const plot = chart(tab, "accuracy").locator(".plot"), readout = chart(tab, "accuracy").locator(".readout b");
    const only = async (runs) => {
      await tab.getByRole("button", { name: "Hide all" }).click();
      for (const run of runs) await tab.getByRole("checkbox", { name: run }).check();
      await drawing(tab, "accuracy");
      await plot.focus();
      await tab.keyboard.press("End");
      return Number.parseFloat((await readout.innerText()).replace("−", "-"));
    };
    for (const run of group) ends.push(await only([run]));
    await tab.getByLabel(/over seeds/).check();
    const mean = ends.reduce((sum, end) => sum + end, 0) / ends.length;
    assert.ok(Math.abs(await only(group) - mean) < 1e-3, `the band ends in ${await only(group)}, its curves in ${ends}`);
    await tab.getByRole("button", { name: "Show all" }).click();
    await tab.getByLabel("Filter runs by name or state").fill("run-07");
    await soon(async () => assert.equal(await tab.locator(".run:visible").count(), 1));
    await close(tab);
  });
});

describe("hostile names and texts", () => {
  it("stay texts", async () => {
    const file = makePage("hostile");
    const source = readFileSync(file, "utf8");
    const own = source.slice(0, source.lastIndexOf("<script>") + 8);  // what follows is the page's program
    assert.equal(own.match(/<script/g).length, 3);
    assert.equal(source.match(/<\/script>/g).length, 3);
    const tab = await open(pathToFileURL(file).href);
    for (const title of await tab.locator(".chart").evaluateAll((all) => all.map((one) => one.dataset.title))) {
      await tab.locator(".chart").filter({ has: tab.getByRole("heading", { name: title, exact: true }) }).first().scrollIntoViewIfNeeded();
    }
    await tab.waitForTimeout(300);
    assert.notEqual(await tab.title(), "owned");
    assert.equal(await tab.locator("img[src=x], b[onclick], [onload], [onerror]").count(), 0);
    assert.match(await tab.locator(".run-rows").innerText(), /<b onclick=alert\(1\)>&amp;/);
    await close(tab);
  });
});

describe("what curves are made of", () => {
  let modules;
  before(async () => {
    const typescript = createRequire(join(MODULES, "any"))("typescript");
    modules = {};
    for (const name of ["series", "text"]) {
      const source = readFileSync(new URL(`../../tools/page/src/${name}.ts`, import.meta.url), "utf8");
      const { outputText } = typescript.transpileModule(source, { compilerOptions: { target: "es2022", module: "esnext" } });
      modules[name] = await import(`data:text/javascript,${encodeURIComponent(outputText)}`);
    }
  });

  it("is a mean over the seeds that have not diverged", () => {
    const line = (...y) => ({ x: [0, 1, 2, 3], y });
    const over = modules.series.band([line(1, 1, 1, 1), line(3, 3, 3, 3), line(5, 5, NaN, NaN)]);
    assert.deepEqual(over.middle, [3, 3, 2, 2]);
    assert.deepEqual(over.lines, [3, 3, 2, 2]);
    assert.ok(Math.abs(over.high[3] - over.middle[3] - Math.SQRT2) < 1e-12);
  });

  it("keeps steps exact between those that are kept", () => {
    const page = { column: (values) => values }, run = { steps: { at: [0, 999_999], steps: [10, 10_000_000] } };
    const records = Array.from({ length: 1_000_000 }, (_, i) => i);
    assert.ok(modules.series.abscissae(page, run, records, "step").every((step, i) => step === 10 * (i + 1)));
    const odd = { steps: { at: [0, 2, 3], steps: [1, 3, 10] } };
    assert.deepEqual([...modules.series.abscissae(page, odd, [0, 1, 2, 3], "step")], [1, 2, 3, 10]);
  });

  it("writes numbers so that neighbours read differently", () => {
    const { number, grouped } = modules.text;
    assert.deepEqual([1234.56, 999.96, 12345.6, 1e6, 0.00012345, -1234.5, 1000, 0].map(number),
      ["1\u202f234.6", "1000", "12\u202f346", "1e6", "1.23e-4".replace("-", "−"), "−1\u202f234.5", "1\u202f000", "0"]);
    assert.deepEqual([1_234_567, 1_234_568, 100, -1000].map(grouped), ["1\u202f234\u202f567", "1\u202f234\u202f568", "100", "-1\u202f000"]);
  });
});

describe("a page of a sweep", () => {
  let tab;
  before(async () => { tab = await open(pathToFileURL(makePage("swept")).href); });
  after(() => close(tab));

  it("says of each trial what the sweep says of it", async () => {
    const sweep = join(folder, "swept");
    assert.deepEqual((await tab.locator("#attention li").allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " ")), [
      "pruned 0001 ended early by its sweep (step 1 200 of 3 000 · 2.4 s)",
      "diverged 0002 diverged: step 1201: generator.loss is nan (step 1 200 of 3 000 · 2.4 s)",
      "failed 0003 could not be trained: out of memory (step 1 200 of 3 000 · 2.4 s)",
      `stopped 0004 before its end: \`duel sweep ${sweep}\` goes on (step 1 200 of 3 000 · 2.4 s)`,
    ]);
    assert.deepEqual(await tab.locator(".run .badge").allInnerTexts(), ["pruned", "diverged", "failed", "stopped"]);
    await tab.screenshot({ path: join(SHOTS, "swept.png") });
  });

  it("names axes by the ends of keys, and gives wide ranges logarithmic ones", async () => {
    await drawing(tab, "Parallel coordinates");
    assert.match(await chart(tab, "Parallel coordinates").locator(".plot").getAttribute("aria-label"), /: lr \(logarithmic\), quality\.fid/);
    await chart(tab, "Parallel coordinates").screenshot({ path: join(SHOTS, "parallel.png") });
    await drawing(tab, "Scatter");
    await chart(tab, "Scatter").screenshot({ path: join(SHOTS, "scatter.png") });
  });
});

describe("a page of runs that were evaluated again", () => {
  it("compares with one another what was measured together", async () => {
    const file = join(folder, "again.html"), runs = ["a", "b", "e"].map((name) => join(folder, "rescored", name));
    execFileSync(DUEL, ["compare", ...runs, "--html", file]);
    const tab = await open(pathToFileURL(file).href);
    const callouts = await tab.locator("#evaluations .callout b").allInnerTexts();
    assert.deepEqual(callouts, ["quality.fid, as measured in the training: these scores cannot be compared.",
                                "quality.recall: these scores cannot be compared."]);
    // A score that was asked for later lies where its step was trained.
    await tab.getByLabel("x axis").selectOption("time");
    await drawing(tab, "quality.fid");
    await chart(tab, "quality.fid").locator(".plot").focus();
    await tab.keyboard.press("ArrowDown");
    await tab.keyboard.press("End");
    assert.match(await chart(tab, "quality.fid").locator(".readout").innerText(), /^0\.5 .*a \(asked for later\), 6 s$/);
    await close(tab);
  });
});

describe("duel serve", () => {
  /** Serves the runs in a folder while `use` looks at the address. */
  async function serving(runs, use) {
    const server = spawn(DUEL, ["serve", runs, "--port", "0"]);
    try {
      const address = await new Promise((found, failed) => {
        server.stdout.on("data", (text) => found(/http:\S+/.exec(String(text))[0]));
        server.on("exit", (code) => failed(new Error(`duel serve ended with ${code}`)));
      });
      const tab = await open(address, { allowed: [`${address}data`, `${address}events`] });
      await use(tab);
      await close(tab);
    } finally {
      server.removeAllListeners("exit");
      const ended = new Promise((done) => server.on("exit", (code) => done(code)));
      server.kill("SIGTERM");
      assert.equal(await ended, 0);
    }
  }

  it("shows runs that come while the page is open, and keeps what the reader chose", async () => {
    const runs = join(folder, "live");
    cpSync(join(folder, "few/lr1e-3-s1"), join(runs, "first"), { recursive: true });
    await serving(runs, async (tab) => {
      await tab.getByLabel("Log y").check();
      assert.equal(await tab.locator(".run").count(), 1);
      cpSync(join(folder, "few/lr2e-4-s2"), join(runs, "second"), { recursive: true });
      await tab.waitForFunction(() => document.querySelectorAll(".run").length === 2, null, { timeout: 15_000 });
      assert.ok(await tab.getByLabel("Log y").isChecked());
    });
  });

  /** A run comes: everything is laid out anew. */
  async function comes(tab, runs, name) {
    const count = await tab.locator(".run").count();
    cpSync(join(folder, "few/lr2e-4-s1"), join(runs, name), { recursive: true });
    await tab.waitForFunction((before) => document.querySelectorAll(".run").length === before + 1, count, { timeout: 15_000 });
  }

  /** The step that is drawn at the left and at the right edge of a chart. */
  async function edges(tab, title) {
    await drawing(tab, title);
    const box = await chart(tab, title).locator(".u-over").boundingBox(), steps = [];
    for (const x of [box.x + 1, box.x + box.width - 1]) {
      await tab.mouse.move(x, box.y + box.height / 2);
      steps.push(Number(/step (.+)$/.exec(await chart(tab, title).locator(".readout").innerText())[1].replaceAll("\u202f", "")));
    }
    await tab.mouse.move(0, 0);
    return steps;
  }

  it("leaves the reader where he is when a run comes", async () => {
    const runs = join(folder, "crowd");
    cpSync(join(folder, "few"), runs, { recursive: true });
    cpSync(join(folder, "few/lr1e-3-s1"), join(runs, "lr1e-3-s5"), { recursive: true });
    await serving(runs, async (tab) => {
      await drawing(tab, "generator.loss");
      await chart(tab, "generator.loss").locator(".plot").focus();
      for (const key of ["Home", "PageDown", "PageDown", "+", "+"]) await tab.keyboard.press(key);
      const said = await chart(tab, "generator.loss").locator(".readout").innerText(), zoom = await edges(tab, "generator.loss");
      assert.ok(zoom[1] - zoom[0] < 1600, String(zoom));
      await chart(tab, "generator.loss").locator(".plot").focus();
      await tab.keyboard.press("Home");
      for (const key of ["PageDown", "PageDown"]) await tab.keyboard.press(key);

      const slider = tab.getByLabel("Step", { exact: true });
      await slider.focus();
      await tab.keyboard.press("ArrowLeft");
      const table = tab.getByRole("region", { name: "Parameters that differ" });
      await table.getByRole("button", { name: "seed" }).click();
      await table.getByRole("button", { name: "seed" }).click();
      await tab.getByText(/parameters that all share/).click();
      await tab.locator("#provenance summary", { hasText: "lr2e-4-s2" }).click();
      await chart(tab, "Scatter").getByLabel("y", { exact: true }).selectOption("quality.recall");
      await drawing(tab, "Parallel coordinates");
      const plot = chart(tab, "Parallel coordinates"), box = await plot.locator(".plot").boundingBox();
      const size = await plot.locator(".plot").evaluate((place) => parseFloat(getComputedStyle(place).fontSize));
      await tab.mouse.move(box.x + size * 4, box.y + box.height - size * 1.5 + 2);
      await tab.mouse.down();
      await tab.mouse.move(box.x + size * 4, box.y + box.height * 0.6, { steps: 6 });
      await tab.mouse.up();
      await tab.waitForFunction(() => /^\d runs? within/.test(document.querySelector(".brushed").textContent));
      const filter = tab.getByLabel("Filter runs by name or state");
      await filter.fill("lr1e-3");
      await filter.evaluate((box) => box.setSelectionRange(2, 4));
      await tab.locator(".run-rows").evaluate((rows) => { rows.style.maxHeight = "60px"; rows.scrollTop = 30; });
      const top = await tab.evaluate(() => scrollY);

      await comes(tab, runs, "new");
      assert.equal(await tab.evaluate(() => scrollY), top);
      assert.equal(await filter.evaluate((box) => (box === document.activeElement ? `${box.value} ${box.selectionStart} ${box.selectionEnd}` : "")), "lr1e-3 2 4");
      assert.equal(await tab.locator(".run:visible").count(), 4);
      assert.equal(await slider.inputValue(), "3");
      assert.deepEqual(await table.locator("thead th[aria-sort]").evaluateAll((all) => all.map((one) => one.getAttribute("aria-sort"))), ["descending", "none"]);
      assert.equal(await tab.locator("#parameters details[open]").count(), 1);
      assert.match(await tab.locator("#provenance details[open]").innerText(), /^▾?\s*lr2e-4-s2/);
      assert.equal(await chart(tab, "Scatter").getByLabel("y", { exact: true }).inputValue(), "quality.recall");
      await drawing(tab, "Parallel coordinates");
      await tab.waitForFunction(() => /^\d runs? within/.test(document.querySelector(".brushed").textContent));
      assert.deepEqual(await edges(tab, "generator.loss"), zoom);
      await chart(tab, "generator.loss").locator(".plot").focus();

      for (const key of ["Home", "PageDown", "PageDown"]) await tab.keyboard.press(key);
      assert.equal(await chart(tab, "generator.loss").locator(".readout").innerText(), said);
      await comes(tab, runs, "newer");  // the keyboard is in a chart
      assert.equal(await tab.evaluate(() => document.activeElement.closest(".chart")?.dataset.title), "generator.loss");
      await tab.waitForFunction((text) => document.activeElement.closest(".chart").querySelector(".readout").innerText === text, said);
      await tab.keyboard.press("ArrowRight");
      assert.notEqual(await chart(tab, "generator.loss").locator(".readout").innerText(), said);
    });
  });

  it("keeps nothing of what it has laid out before", async () => {
    const runs = join(folder, "generations");
    cpSync(join(folder, "few"), runs, { recursive: true });
    await serving(runs, async (tab) => {
      const session = await context.newCDPSession(tab);
      /** How many objects of a class there are, also those that the page does not show. */
      const living = async (type) => {
        await session.send("HeapProfiler.collectGarbage");
        const { result: prototype } = await session.send("Runtime.evaluate", { expression: `${type}.prototype` });
        const { objects } = await session.send("Runtime.queryObjects", { prototypeObjectId: prototype.objectId, objectGroup: "counted" });
        const { result } = await session.send("Runtime.callFunctionOn", { objectId: objects.objectId, functionDeclaration: "function() { return this.length; }" });
        await session.send("Runtime.releaseObjectGroup", { objectGroup: "counted" });
        return result.value;
      };
      const everything = async () => {
        for (const title of ["discriminator.loss", "generator.loss", "quality.fid", "quality.recall", "Parallel coordinates", "Scatter"]) await drawing(tab, title);
        await tab.mouse.move(0, 0);
        await tab.waitForTimeout(200);
        return { canvases: await living("HTMLCanvasElement"), watchers: await living("ResizeObserver"), sections: await living("HTMLElement") };
      };
      await everything();
      await comes(tab, runs, "first");
      const before = await everything();
      for (const name of ["second", "third", "fourth"]) {
        await comes(tab, runs, name);
        await everything();
      }
      const later = await everything();
      assert.ok(later.canvases <= before.canvases + 1, `${before.canvases} canvases, then ${later.canvases}`);
      assert.ok(later.watchers <= before.watchers + 1, `${before.watchers} observers, then ${later.watchers}`);
      assert.ok(later.sections < 1.5 * before.sections, `${before.sections} elements, then ${later.sections}`);
    });
  });

  it("offers what there is to choose as soon as there is", async () => {
    const runs = join(folder, "alike");
    for (const name of ["a", "b", "c"]) cpSync(join(folder, "few/lr1e-3-s1"), join(runs, name), { recursive: true });
    cpSync(join(folder, "few/lr1e-3-s2/run.h5"), join(runs, "other.h5"));
    await serving(runs, async (tab) => {
      assert.equal(await tab.locator("#many").count(), 0);  // nothing tells these runs apart
      assert.equal(await tab.getByLabel("Sample", { exact: true }).count(), 0);
      copyFileSync(join(runs, "a/samples/step-000600.png"), join(runs, "a/samples/fixed-step-000600.png"));
      await tab.getByLabel("Sample", { exact: true }).selectOption("fixed", { timeout: 15_000 });
      assert.equal(await tab.locator(".picture").count(), 1);
      renameSync(join(runs, "other.h5"), join(runs, "c/run.h5"));
      await tab.locator("#many").waitFor({ timeout: 15_000 });
      assert.equal(await tab.getByLabel("Sample", { exact: true }).inputValue(), "fixed");
    });
  });

  it("shows that a sweep has ended a trial", async () => {
    const runs = join(folder, "sweeping");
    cpSync(join(folder, "swept"), runs, { recursive: true });
    const lines = readFileSync(join(runs, "journal"), "utf8").split("\n");
    const earlier = `${lines.slice(0, 1).join("\n")}\n`;
    copyFileSync(join(runs, "journal"), join(runs, "journal.whole"));
    rmSync(join(runs, "journal"));
    appendFileSync(join(runs, "journal"), earlier);
    await serving(runs, async (tab) => {
      assert.deepEqual(await tab.locator(".run .badge").allInnerTexts(), ["stopped", "stopped", "stopped", "stopped"]);
      renameSync(join(runs, "journal.whole"), join(runs, "journal"));
      await tab.waitForFunction(() => document.querySelector(".run .badge").textContent === "pruned", null, { timeout: 15_000 });
      assert.match(await tab.locator("#attention").innerText(), /out of memory/);
    });
  });

  it("waits for the first run", async () => {
    const runs = join(folder, "empty");
    mkdirSync(runs);
    await serving(runs, async (tab) => {
      assert.equal(await tab.title(), "no runs yet – duel");
      assert.match(await tab.locator("main").innerText(), /There is no run in the folders/);
      await tab.screenshot({ path: join(SHOTS, "empty.png") });
      await comes(tab, runs, "first");
      assert.equal(await tab.title(), "first – duel");
      await drawing(tab, "generator.loss");
    });
  });

  it("draws new records into the charts that are there", async () => {
    const run = join(folder, "growing/run");
    cpSync(join(folder, "few/stopped-s4"), run, { recursive: true });
    cpSync(join(makeRuns("grown"), "stopped-s4/run.h5"), join(run, "new.h5"));
    await serving(join(folder, "growing"), async (tab) => {
      await drawing(tab, "generator.loss");
      await chart(tab, "generator.loss").locator(".plot").focus();
      for (const key of ["Home", "PageDown", "PageDown", "+", "+", "+"]) await tab.keyboard.press(key);
      const zoom = await edges(tab, "generator.loss");
      await chart(tab, "generator.loss").locator(".plot").focus();
      for (const key of ["Home", "PageDown", "PageDown"]) await tab.keyboard.press(key);
      const said = await chart(tab, "generator.loss").locator(".readout").innerText();
      await tab.getByRole("checkbox", { name: /run/ }).focus();  // in the list, which must not wait for the keyboard to leave
      await tab.evaluate(() => { window.earlier = document.querySelector(".chart"); });
      renameSync(join(run, "new.h5"), join(run, "run.h5"));
      await tab.waitForFunction(() => /2\u202f400/.test(document.querySelector(".run").textContent), null, { timeout: 15_000 });
      assert.ok(await tab.evaluate(() => window.earlier.isConnected));
      for (const part of ["#attention", "#provenance summary"]) assert.match(await tab.locator(part).innerText(), /step 2\u202f400 of 3\u202f000/);
      assert.equal(await chart(tab, "generator.loss").locator(".readout").innerText(), said);
      assert.deepEqual(await edges(tab, "generator.loss"), zoom);
      await chart(tab, "generator.loss").locator(".plot").focus();
      await changes(tab, "generator.loss", () => tab.keyboard.press("0"));
      const whole = await edges(tab, "generator.loss");
      assert.ok(whole[0] === 10 && whole[1] > 2300, String(whole));
      await chart(tab, "generator.loss").locator(".plot").focus();
      await tab.keyboard.press("End");
      assert.match(await chart(tab, "generator.loss").locator(".readout").innerText(), /step 2\u202f400$/);
    });
  });
});
