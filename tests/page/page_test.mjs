// node --test page_test.mjs: pages in Chromium, as a reader uses them. The environment says where things are:
// DUEL, MAKE_RUNS (programs), MODULES (what npm installed), CHROMIUM, and SHOTS (a folder for screenshots).
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
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
  await tab.emulateMedia({ colorScheme: theme });
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

async function changes(tab, title, action) {
  const earlier = await drawing(tab, title);
  await action();
  assert.notEqual(await drawing(tab, title), earlier, `${title} looks as before`);
}

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  for (const kind of ["few", "many", "hostile"]) makeRuns(kind);
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
    assert.equal(await tab.locator(".run").count(), 8);
    const attention = await tab.locator("#attention li").allInnerTexts();
    assert.equal(attention.length, 2);
    assert.match(attention[0], /damaged[\s\S]*run\.h5/);
    assert.match(attention[1], /stopped[\s\S]*stopped-s4[\s\S]*1\u2009200 of 3\u2009000/);
  });

  it("hides and shows a run everywhere", async () => {
    const box = tab.getByRole("checkbox", { name: /lr1e-3-s1/ });
    await changes(tab, "generator.loss", () => box.uncheck());
    assert.equal(await tab.locator(".count").innerText(), "7 of 8 shown");
    assert.equal(await tab.locator(".picture", { hasText: "lr1e-3-s1" }).count(), 0);
    await changes(tab, "generator.loss", () => box.check());
    assert.equal(await tab.locator(".picture", { hasText: "lr1e-3-s1" }).count(), 1);
    await tab.getByRole("button", { name: "Hide all" }).click();
    assert.equal(await tab.locator(".count").innerText(), "0 of 8 shown");
    await tab.getByRole("button", { name: "Show all" }).click();
    assert.equal(await tab.locator(".count").innerText(), "8 of 8 shown");
  });

  it("reads values out to the keyboard", async () => {
    await drawing(tab, "generator.loss");
    const plot = chart(tab, "generator.loss").locator(".plot"), readout = chart(tab, "generator.loss").locator(".readout");
    await plot.focus();
    await tab.keyboard.press("ArrowRight");
    assert.match(await readout.innerText(), /lr1e-3-s1, step 10$/);
    await tab.keyboard.press("End");
    assert.match(await readout.innerText(), /lr1e-3-s1, step 3\u2009000$/);
    await tab.keyboard.press("ArrowDown");
    assert.match(await readout.innerText(), /lr1e-3-s2, step 3\u2009000$/);
    await changes(tab, "generator.loss", () => tab.keyboard.press("+"));
    await changes(tab, "generator.loss", () => tab.keyboard.press("0"));
    await tab.keyboard.press("Escape");
    assert.equal((await readout.innerText()).trim(), "");
  });

  it("says what lies under the mouse, and zooms where it is dragged", async () => {
    await drawing(tab, "generator.loss");
    const box = await chart(tab, "generator.loss").locator(".u-over").boundingBox();
    await tab.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const said = await chart(tab, "generator.loss").locator(".readout").innerText();
    assert.match(said, /step 1\u2009[45]\d0$/);
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
    assert.match(await chart(tab, "discriminator.loss").locator(".readout").innerText(), /± .* ring, mean of 4 seeds/);
    await tab.keyboard.press("End");  // one of them was stopped before
    assert.match(await chart(tab, "discriminator.loss").locator(".readout").innerText(), /± .* ring, mean of 3 seeds, step 3/);
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
    assert.match(callout, /features: values \(.*\) \/ classifier:features \(lr2e-4-s3\)/);
    await tab.getByText(/Newest records/).click();
    const row = tab.locator(".records tbody tr", { hasText: "quality.recall" }).first();
    assert.match(await row.innerText(), /0\.08 of 500\s+1000 \/ 1000|0\.08 of 500\s+1\u2009000/);
    assert.match(await row.innerText(), /parameter k: 5/);
  });

  it("shows the parameters that differ, and sorts by them", async () => {
    const table = tab.getByRole("region", { name: "Parameters that differ" });
    const heads = await table.locator("thead th").allInnerTexts();
    assert.deepEqual(heads.slice(0, 3), ["run", "seed", "players.generator.optimizer.adam.lr"]);
    assert.equal(heads.length, 3);
    await table.getByRole("button", { name: "seed" }).click();
    assert.equal(await table.locator("thead th").nth(1).getAttribute("aria-sort"), "ascending");
    await table.getByRole("button", { name: "seed" }).click();
    assert.equal(await table.locator("tbody tr").first().locator("th").innerText(), "stopped-s4");
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
    assert.match(await tab.locator(".picture", { hasText: "stopped-s4" }).innerText(), /step 1\u2009200/);
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
    assert.match(await network.innerText(), /5 layers, 18\u2009946 parameters/);
    const layers = await network.locator("li").allInnerTexts();
    assert.equal(layers.length, 6);
    assert.match(layers[1], /dense[\s\S]*\[128\][\s\S]*2\u2009176/);
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
    assert.equal(await background(), light);
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
    await tab.getByLabel("Filter runs by name or state").fill("run-07");
    assert.equal(await tab.locator(".run:visible").count(), 1);
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

  it("draws new records into the charts that are there", async () => {
    const run = join(folder, "growing/run");
    cpSync(join(folder, "few/stopped-s4"), run, { recursive: true });
    cpSync(join(makeRuns("grown"), "stopped-s4/run.h5"), join(run, "new.h5"));
    await serving(join(folder, "growing"), async (tab) => {
      await drawing(tab, "generator.loss");
      await tab.evaluate(() => { window.earlier = document.querySelector(".chart"); });
      await changes(tab, "generator.loss", async () => {
        renameSync(join(run, "new.h5"), join(run, "run.h5"));
        await tab.waitForFunction(() => /2\u2009400/.test(document.querySelector(".run").textContent), null, { timeout: 15_000 });
      });
      assert.ok(await tab.evaluate(() => window.earlier.isConnected));
      await chart(tab, "generator.loss").locator(".plot").focus();
      await tab.keyboard.press("End");
      assert.match(await chart(tab, "generator.loss").locator(".readout").innerText(), /step 2\u2009400$/);
    });
  });
});
