// Puts the page together, and keeps it up to date while `duel serve` gives it out.
import { curveControls, curveNotes, curves, scoreCharts } from "./curves";
import { Page } from "./data";
import { element } from "./dom";
import { follow } from "./live";
import { many } from "./many";
import { networks } from "./networks";
import { attention, runList } from "./runs";
import { samples } from "./samples";
import { setTheme, showTheme, State, theme, type Theme } from "./state";
import { parameters, provenance, scores } from "./tables";

function themeButton(state: State): HTMLElement {
  const next: Record<Theme, Theme> = { auto: "light", light: "dark", dark: "auto" };
  const words: Record<Theme, string> = { auto: "as the system", light: "light", dark: "dark" };
  const button = element("button", { type: "button", class: "theme", onclick: () => {
    setTheme(next[theme()]);
    write();
    state.themeChanged();
  } });
  const write = () => {
    button.textContent = `Theme: ${words[theme()]}`;
  };
  write();
  return button;
}

/** Paper is white: what is printed has the light colours, whatever the screen has. */
function printLight(state: State): void {
  addEventListener("beforeprint", () => {
    document.documentElement.dataset.theme = "light";
    state.themeChanged();
  });
  addEventListener("afterprint", () => {
    showTheme(theme());
    state.themeChanged();
  });
}

function section(id: string, title: string, content: (HTMLElement | null)[]): HTMLElement | null {
  const parts = content.filter((part) => part !== null);
  if (parts.length === 0) return null;
  return element("section", { id, "aria-labelledby": `${id}-title` }, element("h2", { id: `${id}-title` }, title), parts);
}

function sections(state: State): HTMLElement[] {
  const charts = (all: HTMLElement[]) => {
    if (all.length === 0) return null;
    const grid = element("div", { class: "charts" }, all);
    grid.style.setProperty("--count", String(all.length));
    return grid;
  };
  const training = curves(state), evaluations = scoreCharts(state);
  if (state.runs.length === 0) {
    return [element("section", { id: "none", "aria-labelledby": "none-title" }, element("h2", { id: "none-title" }, "No run yet"),
      element("p", {}, "There is no run in the folders that are served. Each is shown here as soon as it begins."))];
  }
  const readable = state.runs.some((run) => run.state !== "damaged");
  return [
    section("attention", "State of the runs", [attention(state)]),
    section("curves", "Curves", training.length ? [curveControls(state), charts(training), curveNotes(state)] : []),
    section("evaluations", "Evaluations", evaluations.length ? [charts(evaluations), ...scores(state)] : []),
    section("samples", "Samples", samples(state)),
    section("parameters", state.runs.length > 1 ? "Parameters that differ" : "Parameters", readable ? parameters(state) : []),
    section("many", "All runs at once", many(state)),
    section("networks", "Networks", state.page.data.networks.length || state.runs.some((run) => run.networks_problem) ? networks(state) : []),
    section("provenance", "Provenance", provenance(state)),
  ].filter((part) => part !== null);
}

function build(state: State): void {
  const page = state.page, parts = sections(state);
  document.title = `${page.data.title} – duel`;
  const links = parts.map((part) => element("a", { href: `#${part.id}` }, part.querySelector("h2")!.textContent));
  document.getElementById("page")!.replaceChildren(
    element("a", { class: "skip", href: "#main" }, "Skip to the content"),
    element("header", { class: "top", id: "top" },
      element("div", { class: "title" }, element("span", { class: "mark" }, "duel"), element("h1", {}, page.data.title),
        element("span", { class: "detail", id: "made" }, page.data.live ? "live" : `written ${page.data.made} by duel ${page.data.version}`), themeButton(state)),
      element("nav", { "aria-label": "Sections" }, links)),
    element("div", { class: "layout" }, element("aside", { id: "runs", "aria-label": "Runs" }, runList(state)),
      element("main", { id: "main", tabindex: -1 }, parts)));
  document.documentElement.dataset.ready = String(Math.round(performance.now()));  // for tests: ms since it opened
}

function fail(error: unknown): void {
  document.getElementById("page")!.replaceChildren(element("p", { class: "callout", role: "alert" },
    `This page could not be shown: ${error instanceof Error ? error.message : String(error)}`));
}

async function start(): Promise<void> {
  showTheme(theme());
  const text = (id: string) => document.getElementById(id)!.textContent!;
  const state = new State(await Page.read(text("data"), text("columns")));
  build(state);
  printLight(state);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => state.themeChanged());
  if (state.page.data.live) follow(state, build);
}

start().catch(fail);
