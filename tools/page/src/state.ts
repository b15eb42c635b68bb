// What the reader has chosen, and who has to know when it changes.
import type { Page, RunData } from "./data";
import type { Abscissa } from "./series";

/** Something that the reader has chosen: it stays when the page is laid out anew. */
export interface Choice<T> {
  value: T;
}

export type Theme = "auto" | "light" | "dark";

const themeKey = "duel-theme";

// Without storage (some browsers give none to files) a choice holds as long as the page is open.
function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export class State {
  readonly hidden = new Set<string>();  // ids of runs
  axis: Abscissa = "step";
  logX = false;
  logY = false;
  smoothing = 0;  // 0 … 100, see smoothingWeight
  bands = false;
  private readonly listeners = { choice: [] as (() => void)[], theme: [] as (() => void)[], data: [] as (() => void)[] };
  private readonly choices = new Map<string, Choice<unknown>>();
  private readonly disposers: (() => void)[] = [];
  private scheduled = false;

  constructor(public page: Page) {
    if (this.runs.length > 8) this.smoothing = 40;  // the records of so many hide one another
  }

  get runs(): RunData[] {
    return this.page.data.runs;
  }
  visible(): RunData[] {
    return this.runs.filter((run) => !this.hidden.has(run.id));
  }
  index(run: RunData): number {
    return this.runs.indexOf(run);
  }
  show(shown: ReadonlySet<string>): void {
    this.hidden.clear();
    for (const run of this.runs) if (!shown.has(run.id)) this.hidden.add(run.id);
    this.changed();
  }
  toggle(run: RunData): void {
    if (!this.hidden.delete(run.id)) this.hidden.add(run.id);
    this.changed();
  }
  /** Calls it when the reader has chosen something else, and after new data. */
  listen(listener: () => void): void {
    this.listeners.choice.push(listener);
  }
  onTheme(listener: () => void): void {
    this.listeners.theme.push(listener);
  }
  onData(listener: () => void): void {
    this.listeners.data.push(listener);
  }
  /** The choice of that name, which begins as `first`. */
  keep<T>(name: string, first: T): Choice<T> {
    let choice = this.choices.get(name);
    if (!choice) this.choices.set(name, choice = { value: first });
    return choice as Choice<T>;
  }
  /** Calls it when what is shown now goes. */
  onForget(dispose: () => void): void {
    this.disposers.push(dispose);
  }
  /** The page is laid out anew: what was shown until now need not hear of changes, and holds nothing any more. */
  forget(): void {
    for (const all of Object.values(this.listeners)) all.length = 0;
    for (const dispose of this.disposers.splice(0)) dispose();
  }
  /** Tells everyone, once a frame. */
  changed(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      for (const listener of this.listeners.choice) listener();
    });
  }
  themeChanged(): void {
    for (const listener of this.listeners.theme) listener();
  }
  /** There are new data of the same runs, with the same metrics, scores and parameters. */
  dataChanged(page: Page): void {
    this.page = page;
    for (const listener of this.listeners.data) listener();
    this.changed();
  }
}

export function theme(): Theme {
  const kept = stored(themeKey);
  return kept === "light" || kept === "dark" ? kept : "auto";
}

export function showTheme(chosen: Theme): void {
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

export function setTheme(chosen: Theme): void {
  showTheme(chosen);
  try {
    localStorage.setItem(themeKey, chosen);
  } catch {
    // see stored()
  }
}

/** A colour of the style sheet as it is now, for what is drawn on a canvas. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export const paletteSize = 8;
const dashes: number[][] = [[], [7, 4], [2, 3], [9, 3, 2, 3]];

/** Colours come again after eight runs, then with dashes. */
export function runColour(index: number): string {
  return colour(`run-${index % paletteSize}`);
}
export function runDash(index: number): number[] {
  return dashes[Math.floor(index / paletteSize) % dashes.length]!;
}
